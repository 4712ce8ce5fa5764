"""What people did and have to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from crm_loop.records.kinds import ActivityKind, ActivityStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A call, meeting or e-mail. `owner_id` is the doer, never the deal's owner.

    `external_attendees` is None where the CRM does not list them. `contact_ids`, `lead_id` and
    `colleague_ids` (CRM users, so that a 1on1 is known by its two people) are those named on
    the record itself; a CRM may hold further ones apart, as participants. `disposition` is the
    CRM's own word for how a call ended. An e-mail that was logged as a second activity too
    names that one in `same_as`: count one of them. `logged_at` is when it was entered. `custom`:
    further fields that an admin chose, by their names in the settings; also of to-dos below.
    """

    id: str
    kind: ActivityKind
    owner_id: str | None
    deal_id: str | None
    account_id: str | None
    start: datetime
    logged_at: datetime
    status: ActivityStatus
    outbound: bool | None = None
    duration_seconds: int | None = None
    external_attendees: int | None = None
    calendar_uid: str | None = None
    contact_ids: tuple[str, ...] = ()
    colleague_ids: tuple[str, ...] = ()
    lead_id: str | None = None
    message_id: str | None = None
    bulk: bool | None = None
    disposition: str | None = None
    same_as: str | None = None
    custom: Mapping[str, str | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Who took part in an activity beside those it names itself: a contact, lead or colleague."""

    id: str
    activity_id: str
    contact_id: str | None = None
    lead_id: str | None = None
    person_id: str | None = None
    declined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A to-do. `key` is ours and None on everybody else's, whose texts are not read here."""

    id: str
    owner_id: str | None
    deal_id: str | None
    due: date | None
    is_closed: bool
    created_at: datetime
    modified_at: datetime
    completed_at: datetime | None = None
    key: str | None = None
    account_id: str | None = None
    custom: Mapping[str, str | None] = field(default_factory=dict, hash=False)
