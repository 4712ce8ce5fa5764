"""What somebody may ask for of what is held: to have it, or that it goes; told in the trail."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from crm_loop.store import Begin, State, erased_file, erasing, oneself
from crm_loop.store.audit import record
from crm_loop.store.erasing import Gone, erase, wipe
from crm_loop.store.paging import Look, Row
from crm_loop.store.whose import Who

EXPORTED, ERASED = "privacy.exported", "privacy.erased"
NOTES = "private_note"

#: Pieces are handed on when they are so long together: each costs whoever serves them a step.
LENGTH = 65_536

#: A table and its rows.
Part = tuple[str, Iterator[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What went. `clean`: freed space too; `listed`: restored backups will know of it."""

    gone: Gone
    clean: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class By:
    """Who asks for it, and when (real time)."""

    actor: str
    at: datetime


def held(look: Look, who: Who) -> "Held":
    """Everything about somebody, for whoever runs the house to hand over."""
    # Not even that there is one is told of somebody else's note.
    return Held(erasing.held(look, who), lambda note: note["author"] == who.person)


def held_about_oneself(look: Look, who: Who) -> "Held":
    """What somebody reads about oneself, to take along."""
    return Held(oneself.held(look, who), lambda _note: True)


class Held:
    """Rows by table as they are taken; private notes only by the weeks in which one wrote some.

    What was taken is counted: `rows` by table, `own_notes` the weeks.
    """

    def __init__(self, tables: Iterable[Part], is_own: Callable[[Row], bool]) -> None:
        self.rows: dict[str, int] = {}
        self.own_notes: list[str] = []
        self._tables = tables
        self._is_own = is_own

    def json(self) -> Iterator[str]:
        """One JSON object in pieces, a line for each row: `tables`, then `own_notes`."""
        return _joined(self._lines())

    def _lines(self) -> Iterator[str]:
        yield '{\n"tables": {'
        for name, found in self._tables:
            if name == NOTES:
                self.own_notes += [row["week"] for row in found if self._is_own(row)]
            else:
                yield from self._table(name, found)
        yield f'\n}},\n"own_notes": {_written(self.own_notes)}\n}}\n'

    def _table(self, name: str, found: Iterator[Row]) -> Iterator[str]:
        for row in found:
            first = name not in self.rows
            if first:
                yield f"{',' if self.rows else ''}\n{_written(name)}: ["
            yield f"{'' if first else ','}\n{_written(row)}"
            self.rows[name] = self.rows.get(name, 0) + 1
        if name in self.rows:
            yield "\n]"


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in fewer pieces."""
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= LENGTH:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)


def _written(what: object) -> str:
    return json.dumps(what, ensure_ascii=False, default=str)


def is_known(state: State, who: Who) -> bool:
    """Whether there is anybody of that address: in a CRM, among the members or with an account."""
    return bool(who.users or who.accounts) or any(
        one.person == who.person for one in state.people.members()
    )


def tell(state: State, what: str, who: Who, by: By) -> None:
    """Enter it into the trail by a digest: the trail names nobody."""
    subject = next(iter(sorted(who.digests)), "-")
    record(state, actor=by.actor, what=what, subject=subject, at=by.at)


def erase_everywhere(begin: Begin, engine: Engine, who: Who, by: By, *, listed_in: Path) -> Erasure:
    """Erase somebody for good, from freed space and for backups too.

    The list of erasures is `listed_in`, where restoring a backup looks for it.
    """
    with begin(who.organisation) as state:
        gone = erase(state.connection, who, at=by.at)
        tell(state, ERASED, who, by)
    clean = wipe(engine)
    return Erasure(gone=gone, clean=clean, listed=_listed(listed_in, who))


def _listed(file: Path, who: Who) -> bool:
    try:
        erased_file.append(file, who.organisation, who.digests)
    except OSError:
        return False
    return True
