"""Lines of a memo as people leave them, whatever an editor did to blanks and signs; pure."""

import re
import unicodedata
from collections.abc import Iterable

BULLETS = re.compile(r"^(?:[-・•*▼>□☐]|\d+[.)])\s*")
_LOOK_ALIKES = str.maketrans({"〜": "~", "―": "-", "–": "-", "—": "-", "−": "-"})


def lines_of(text: str) -> list[str]:
    """Lines that say something, as they were typed."""
    return [line.strip() for line in text.splitlines() if same(line)]


def same(line: str) -> str:
    """What makes two lines one."""
    plain = unicodedata.normalize("NFKC", line).translate(_LOOK_ALIKES)
    return "".join(plain.split()).lower()


def bare(line: str) -> str:
    return same(line).lstrip("▼>")


def begun(plain: str, known: Iterable[str]) -> str:
    """Our line that a person went on writing in, the longest one; empty for a new line."""
    found = [line for line in known if len(line) > 3 and plain.startswith(line)]  # noqa: PLR2004 - "1." begins too much
    return max(found, key=len, default="")


def behind(line: str, count: int) -> str:
    """The line without what makes up the first `count` characters of its compared form."""
    seen = 0
    for place, character in enumerate(line):
        if seen >= count:
            return line[place:]
        seen += len(same(character))
    return ""
