"""A memo's lines by what they are, so that a page can set them; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_loop.wording import Words

_HEADING = re.compile(r"^\d+\.\s")
_ASK = re.compile(r"^[・-]\s?(?P<text>.+[？?])$")


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: title, heading, ask, field, filled, text or last."""

    kind: str
    text: str


def lines_of(text: str, words: Words) -> list[Line]:
    """Every line of a memo that says something."""
    last = words.say("memo.readers", names="", id="").split("{", 1)[0][:8]
    return list(_lines(text.splitlines(), last))


def _lines(lines: Sequence[str], last: str) -> Iterator[Line]:
    inside = False
    for number, raw in enumerate(line for line in lines if line.strip()):
        text = raw.strip()
        asked = _ASK.match(text)
        if number == 0:
            yield Line("title", text)
        elif text.startswith(("▼", ">")):
            inside = True
            yield Line("field", text.lstrip("▼> "))
            continue
        elif _HEADING.match(text):
            yield Line("heading", text)
        elif inside and raw.startswith((" ", "\u3000")):
            yield Line("filled", text)
            continue
        elif asked:
            yield Line("ask", asked["text"])
        elif text.startswith(last):
            yield Line("last", text)
        else:
            yield Line("text", text)
        inside = False
