"""Undo a run: what it wrote is taken back, except where somebody has been since."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_loop.connector.contract import Found
from crm_loop.store.write_rows import Write, sought_of
from crm_loop.write_back.judge import same, same_words
from crm_loop.write_back.service import apply
from crm_loop.write_back.verify import confirmed
from crm_loop.write_back.writing import Writing, Written

#: Approves what a person has asked to be taken back.
UNDO = "undo"


@dataclass(slots=True)
class Undoing:
    """What an undo may touch and what it leaves, with the reason, by key."""

    taken_back: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def why_not(row: Write, found: Found | None, *, can_delete: bool) -> str | None:
    """Why a write is left as it stands; None where it can be taken back."""
    if found is None or found.deleted:
        return "deleted_by_person"
    if found.is_closed:
        return "closed_by_person"
    body = found.fields.body if found.fields else ""
    subject = found.fields.subject if found.fields else ""
    if not same(body, row.written_body or "") or not same_words(row, subject):
        return "edited_by_person"
    if row.before_body is None and not can_delete:
        return "may_not_delete"
    return None


def look(
    writing: Writing, run: str | None, *, can_delete: bool, person: str | None = None
) -> Undoing:
    """What undoing a run, or everything, would do; nothing is changed."""
    undoing = Undoing()
    rows = confirmed(writing, run=run, person=person)
    found = writing.connector.look_up([sought_of(row) for row in rows]) if rows else {}
    for row in rows:
        reason = why_not(row, found.get(row.key), can_delete=can_delete)
        if reason is None:
            undoing.taken_back.append(row.key)
        else:
            undoing.left[row.key] = reason
    return undoing


def run_of(moment: datetime) -> str:
    """What an undo is called that somebody asks for now; `moment` is real time.

    To the second, so that two of them on one morning stay two.
    """
    return f"{UNDO}:{moment:%Y%m%dT%H%M%S}"


def undo(writing: Writing, undoing: Undoing, *, by: str, run: str) -> list[str]:
    """Intend to take these back; `apply` does it, and looks once more before it does."""
    with writing.begin(writing.organisation) as state:
        return state.writes.undo(undoing.taken_back, by=f"{UNDO}:{by}", run=run, at=writing.now)


def send(writing: Writing, run: str) -> Written:
    """Send what this undo wants back, and nothing else that is approved and happens to be due."""
    return apply(replace(writing, run=run))
