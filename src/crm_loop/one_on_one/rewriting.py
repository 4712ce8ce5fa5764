"""A door for those who want texts in their own words; closed unless somebody opens it; pure.

Whatever comes back may say it differently, never something else: the same numbers, the same
names, the same lines to fill in, in a tone that our own texts keep.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from crm_loop.one_on_one.memo import Sheet
from crm_loop.wording.linter import Kind, lint

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_WORDS = (
    "zero", "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
_SPELT = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)
_HEADING = re.compile(r"\d\. ")
_FIELD = re.compile(r"^\s*[▼>]")


class Rewriter(Protocol):
    """Says a text differently. It may fail or answer anything: what it gives is checked."""

    def rewrite(self, text: str, language: str) -> str:
        """The text in other words, in the same language."""


def rewritten(
    text: str, language: str, rewriter: Rewriter | None, *, kept: Sequence[str] = ()
) -> str:
    """The text in other words where those say the same, else the text as it was.

    `kept` are names and typed texts that must stand in it as they were.
    """
    if rewriter is None:
        return text
    try:
        other = rewriter.rewrite(text, language)
    except Exception:  # noqa: BLE001 - somebody else's code; our own text is always there
        return text
    return other if says_the_same(text, other, language, kept=kept) else text


def says_the_same(text: str, other: str, language: str, *, kept: Sequence[str] = ()) -> bool:
    """Whether another wording has the same numbers, lines to fill in, names and manners."""
    return (
        numbers(text) == numbers(other)
        and _fields(text) == _fields(other)
        and all(other.count(one) == text.count(one) for one in kept if one)
        and not lint(other, language, Kind.MEMO)
    )


def kept(text: str, sheet: Sheet, names: Sequence[str]) -> list[str]:
    """What must stand: names, and every line but those of facts, reasons and questions.

    Headings, lines to fill in, steps and the last line are read back, by us or by people.
    """
    free: set[str] = set()
    for block in sheet.agenda.blocks:
        free |= {block.fact, block.plain_fact, *(one.text for one in block.prompts)}
        for topic in block.topics:
            free |= {topic.fact, topic.reason, topic.plain_fact, topic.plain_reason}
    free.discard("")
    lines = [line.strip() for line in text.splitlines()]
    bound = [line for line in lines if line and not any(one in line for one in free)]
    # An example of a step stands in its heading.
    headings = [line for line in lines if _HEADING.match(line)]
    return [*bound, *headings, *(one for one in names if one)]


def numbers(text: str) -> Counter[str]:
    """Every number in figures and in English words, as often as it stands there."""
    plain = unicodedata.normalize("NFKC", text)
    digits = _NUMBER.findall(plain)
    return Counter([*digits, *(found.lower() for found in _SPELT.findall(plain))])


def _fields(text: str) -> list[str]:
    return [line for line in text.splitlines() if _FIELD.match(line)]
