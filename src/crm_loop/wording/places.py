"""Where a text is no TOML: line, column and reason of what its reader says."""

import re
from tomllib import TOMLDecodeError

_PLACED = re.compile(
    r"(?P<why>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|.*)\)", re.DOTALL
)


def no_toml(file: str, text: str, error: TOMLDecodeError) -> str:
    """One sentence with file, line and column; where the text ends too early, its last line's."""
    found = _PLACED.fullmatch(str(error))
    why = found["why"] if found else str(error)
    lines = text.splitlines() or [""]
    place = (len(lines), len(lines[-1]) + 1)
    if found and found["line"]:
        place = (int(found["line"]), int(found["column"]))
    return f"{file}, line {place[0]}, column {place[1]}: this is no TOML ({why})."
