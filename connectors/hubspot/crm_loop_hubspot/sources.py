"""Which object types a subject is read from, and who makes records of their rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_loop.records import Record, Subject
from crm_loop_hubspot.translate import activities, deals, sales, tasks
from crm_loop_hubspot.translate.kinds import (
    CALLS,
    COMPANIES,
    CONTACTS,
    DEALS,
    EMAILS,
    KEYED_TASKS,
    LEADS,
    MARKED_TASKS,
    MEETINGS,
    QUOTES,
    Kind,
    Linked,
    Reading,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """One object type of a subject; `own` is the kind whose own fields an admin may have named."""

    kind: Kind
    make: Callable[[Linked, Reading], Record | None]
    own: str = ""


def _recent(kind: Kind) -> Kind:
    return replace(kind, watched=activities.is_recent)


READERS: Mapping[Subject, Sequence[Reader]] = {
    Subject.ACCOUNTS: (Reader(COMPANIES, deals.account, "account"),),
    Subject.DEALS: (Reader(replace(DEALS, watched=deals.is_open), deals.deal),),
    Subject.QUOTES: (Reader(QUOTES, sales.quote),),
    Subject.ACTIVITIES: (
        Reader(_recent(CALLS), activities.call, "activity"),
        Reader(_recent(MEETINGS), activities.meeting, "activity"),
        Reader(_recent(EMAILS), activities.email, "activity"),
    ),
    Subject.TASKS: (Reader(KEYED_TASKS, tasks.task, "task"),),
}
LEADS_THEMSELVES = Reader(LEADS, sales.lead, "lead")
CONTACTS_AS_LEADS = Reader(CONTACTS, sales.contact_as_lead, "lead")


def task_kind(*, has_field: bool) -> Kind:
    """Where our key stands decides what is read of a task."""
    return replace(KEYED_TASKS if has_field else MARKED_TASKS, watched=tasks.is_open)
