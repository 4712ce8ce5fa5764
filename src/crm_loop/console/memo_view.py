"""A memo's lines by what they are, so that a page can set them; pure."""

import re
from dataclasses import dataclass, replace

from crm_loop.wording import Words

_HEADING = re.compile(r"^\d+\.\s")
_ASK = re.compile(r"^[・-]\s?(?P<text>.+[？?])$")


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: title, heading, ask, field, text or last; what people fill in is `inside`."""

    kind: str
    text: str
    inside: tuple[str, ...] = ()


def lines_of(text: str, words: Words) -> list[Line]:
    """Every line of a memo that says something; lines to be filled in go with their heading."""
    last = words.say("memo.readers", names="", id="")[:6]
    found: list[Line] = []
    for raw in filter(str.strip, text.splitlines()):
        field = found[-1] if found and found[-1].kind == "field" else None
        if field is not None and raw.startswith((" ", "\u3000")):
            found[-1] = replace(field, inside=(*field.inside, raw.strip()))
        else:
            found.append(_line(raw.strip(), last, is_first=not found))
    return found


def _line(text: str, last: str, *, is_first: bool) -> Line:
    asked = _ASK.match(text)
    if is_first:
        return Line("title", text)
    if text.startswith(("▼", ">")):
        return Line("field", text.lstrip("▼> "))
    if _HEADING.match(text):
        return Line("heading", text)
    if asked:
        return Line("ask", asked["text"])
    return Line("last" if text.startswith(last) else "text", text)
