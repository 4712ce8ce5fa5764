"""What is wanted in a CRM, and what is seen there."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class WriteKind(StrEnum):
    """What a write is to the person who gets it."""

    MEMO = "memo"
    ACTION = "action"
    OVERVIEW = "overview"
    ALERT = "alert"


class WriteState(StrEnum):
    PLANNED = "planned"
    APPROVED = "approved"
    CLAIMED = "claimed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DISMISSED = "dismissed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A write that is wanted, with its reason; the ledger says what became of it."""

    key: str
    connection: str
    kind: WriteKind
    person: str
    owner_id: str
    subject: str
    body: str
    due: date
    reason: str
    not_before: datetime
    deal_id: str | None = None
    week: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTask:
    """One of our tasks as last read in the CRM; `body` is plain text without our marker.

    `subject` is empty where it was not looked at. `modified_by` is the user who changed it last,
    None where the CRM does not tell.
    """

    key: str
    body: str
    is_closed: bool
    deleted: bool
    owner_id: str | None
    seen_at: datetime
    modified_at: datetime | None = None
    subject: str = ""
    modified_by: str | None = None


#: A CRM cuts a longer subject off.
_CUT_FROM = 200


def same_subject(wrote: str, seen: str) -> bool:
    """Whether a subject stands as it was written, whatever a CRM did to its blanks and its end."""
    one, other = " ".join(wrote.split()), " ".join(seen.split())
    return one == other or (len(other) >= _CUT_FROM and one.startswith(other))
