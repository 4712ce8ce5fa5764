"""To-dos that people make by hand for a 1on1: linked to its record, or marked in their subject."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

#: What people write into a subject, in any width and case: 1on1 in square or black brackets.
BRACKETS = (("[", "]"), ("［", "］"), ("【", "】"))
SPELLINGS = ("1on1", "１on１", "１ｏｎ１")
_MARK = re.compile(r"[\[【]1on1[\]】]\s*[:：]?\s*", re.IGNORECASE)


def is_marked(subject: str) -> bool:
    """Whether a subject says that its to-do belongs to a 1on1."""
    return _MARK.search(unicodedata.normalize("NFKC", subject)) is not None


def without_mark(subject: str) -> str:
    """The words of a subject without the mark, as they were typed."""
    # Of equal length where a width is all that NFKC changes; else its own words are good enough.
    plain = unicodedata.normalize("NFKC", subject)
    whole = subject if len(plain) == len(subject) else plain
    found = _MARK.search(plain)
    if found is None:
        return " ".join(subject.split())
    return " ".join(f"{whole[: found.start()]} {whole[found.end() :]}".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedTask:
    """Such a to-do as it stands. Of its texts only the subject is read, and only of such a one.

    `made_by` is the user who made it, None where nobody can tell; `sheet` the key of the record
    of ours that it is linked to.
    """

    id: str
    owner_id: str
    subject: str
    due: date | None
    created_at: datetime
    modified_at: datetime
    made_by: str | None = None
    deal_id: str | None = None
    sheet: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Marked or linked ones made since then, and those of `known` ids however they read now.

    `sheets` are the keys of our records to which somebody may have linked one, by their ids.
    """

    since: datetime
    known: Sequence[str] = field(default_factory=tuple)
    sheets: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Marking(Protocol):
    """A connector that can tell such to-dos from all others without reading those."""

    def marked_tasks(self, wanted: Wanted) -> Sequence[MarkedTask]:
        """What is there; a known one that is gone comes as deleted or not at all.

        Tasks with a key of ours are never among them.
        """
        ...
