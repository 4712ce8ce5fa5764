"""What somebody may ask for of what is held: to have it, or that it goes; told in the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crm_loop.store import Begin, State, erased_file, oneself
from crm_loop.store.audit import record
from crm_loop.store.erasing import Gone, erase, export, wipe
from crm_loop.store.whose import Who

EXPORTED, ERASED = "privacy.exported", "privacy.erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rows by table; private notes only by the weeks in which somebody wrote some."""

    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    own_notes: Sequence[str]

    @property
    def data(self) -> dict[str, Any]:
        return {"tables": self.tables, "own_notes": self.own_notes}


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


def held(state: State, who: Who) -> Held:
    """Everything about somebody, for whoever runs the house to hand over."""
    tables = export(state.connection, who)
    # Not even that there is one is told of somebody else's note.
    notes = [row for row in tables.pop("private_note", ()) if row["author"] == who.person]
    return Held(tables=tables, own_notes=[row["week"] for row in notes])


def held_about_oneself(state: State, who: Who) -> Held:
    """What somebody reads about oneself, to take along."""
    tables = dict(oneself.rows(state.connection, who))
    notes = tables.pop("private_note", ())
    return Held(tables=tables, own_notes=[row["week"] for row in notes])


def is_known(state: State, who: Who) -> bool:
    """Whether there is anybody of that address: in a CRM, among the members or with an account."""
    return bool(who.users or who.accounts) or any(
        one.person == who.person for one in state.people.members()
    )


def tell(state: State, what: str, who: Who, by: By) -> None:
    """Enter it into the trail by a digest: the trail names nobody."""
    subject = next(iter(sorted(who.digests)), "-")
    record(state, actor=by.actor, what=what, subject=subject, at=by.at)


def erase_everywhere(begin: Begin, engine: Engine, who: Who, by: By, *, key_file: Path) -> Erasure:
    """Erase somebody for good, from freed space and for backups too.

    The list of erasures is beside `key_file`, where restoring a backup looks for it.
    """
    with begin(who.organisation) as state:
        gone = erase(state.connection, who, at=by.at)
        tell(state, ERASED, who, by)
    clean = wipe(engine)
    return Erasure(gone=gone, clean=clean, listed=_listed(erased_file.beside(key_file), who))


def _listed(file: Path, who: Who) -> bool:
    try:
        erased_file.append(file, who.organisation, who.digests)
    except OSError:
        return False
    return True
