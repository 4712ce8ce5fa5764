"""Events, logged tasks, e-mails, who took part in them, to-dos and days off."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_loop.records import Absence, Activity, ActivityKind, ActivityStatus, Participant, Task
from crm_loop_salesforce.translate.values import (
    ACCOUNT,
    CONTACT,
    DEAL,
    LEAD,
    USER,
    Row,
    day,
    first_of,
    moment,
    moment_or_none,
    noon,
    of,
    whole,
)

KEY_FIELD = "CrmLoop_Key__c"
#: What a logged task is by its subtype; anything else was a call.
SUBTYPES = {
    "Call": ActivityKind.CALL,
    "Email": ActivityKind.EMAIL,
    "ListEmail": ActivityKind.EMAIL,
}
#: Status of an e-mail message: 5 is a draft; everything else was sent or received.
_DRAFT = "5"


def meeting(row: Row, now: datetime, zone: ZoneInfo) -> Activity:
    """Salesforce keeps no outcome: what has begun counts as held."""
    begins = moment(row["StartDateTime"])
    minutes = whole(row.get("DurationInMinutes"))
    return Activity(
        id=row["Id"],
        kind=ActivityKind.MEETING,
        owner_id=row.get("OwnerId"),
        deal_id=deal_of(row),
        account_id=account_of(row),
        start=_day_start(row, zone) or begins,
        logged_at=moment(row["CreatedDate"]),
        status=ActivityStatus.HELD if begins <= now else ActivityStatus.SCHEDULED,
        duration_seconds=None if minutes is None else minutes * 60,
        external_attendees=_outsiders(row),
        contact_ids=_contacts(row),
        lead_id=of(LEAD, row.get("WhoId")),
    )


def _outsiders(row: Row) -> int | None:
    """One who is named; none where nothing of the event belongs to a customer; else unknown."""
    if row.get("WhoId"):
        return 1
    return None if row.get("WhatId") or row.get("AccountId") else 0


def _day_start(row: Row, zone: ZoneInfo) -> datetime | None:
    """An all-day event has a day; its time of day means nothing."""
    on = day(row.get("ActivityDate")) if row.get("IsAllDayEvent") else None
    return None if on is None else noon(on, zone)


def logged(row: Row, zone: ZoneInfo, kinds: Mapping[str, str] | None = None) -> Activity:
    """A call, e-mail or meeting that was logged as a task; `kinds` by the org's own types."""
    own = (kinds or {}).get(row.get("Type") or "")
    kind = ActivityKind(own) if own else SUBTYPES.get(row["TaskSubtype"], ActivityKind.CALL)
    return Activity(
        id=row["Id"],
        kind=kind,
        owner_id=row.get("OwnerId"),
        deal_id=deal_of(row),
        account_id=account_of(row),
        start=_when(row, zone),
        logged_at=moment(row["CreatedDate"]),
        status=ActivityStatus.HELD if row["IsClosed"] else ActivityStatus.SCHEDULED,
        # Who wrote an e-mail is not said here; its message says it, where there is one.
        outbound=row.get("CallType") != "Inbound" if kind is ActivityKind.CALL else None,
        duration_seconds=whole(row.get("CallDurationInSeconds")),
        contact_ids=_contacts(row),
        lead_id=of(LEAD, row.get("WhoId")),
        bulk=row["TaskSubtype"] == "ListEmail" if kind is ActivityKind.EMAIL else None,
        disposition=row.get("CallDisposition"),
    )


def _when(row: Row, zone: ZoneInfo) -> datetime:
    happened = moment(row.get("CompletedDateTime") or row["CreatedDate"])
    on = day(row.get("ActivityDate"))
    if on is None or happened.astimezone(zone).date() == on:
        return happened
    return noon(on, zone)


def email(row: Row) -> Activity | None:
    """An e-mail message; the to-do under which it was logged is `same_as`. No drafts."""
    sent = moment_or_none(row.get("MessageDate"))
    if sent is None or str(row.get("Status")) == _DRAFT:
        return None
    return Activity(
        id=row["Id"],
        kind=ActivityKind.EMAIL,
        owner_id=row.get("CreatedById"),
        deal_id=of(DEAL, row.get("RelatedToId")),
        account_id=of(ACCOUNT, row.get("RelatedToId")),
        start=sent,
        logged_at=moment(row["CreatedDate"]),
        status=ActivityStatus.HELD,
        outbound=not row["Incoming"],
        message_id=row.get("MessageIdentifier"),
        same_as=row.get("ActivityId"),
        bulk=False,
    )


def participant(row: Row) -> Participant | None:
    """An invitation; rooms and the record that an event is about take no part."""
    invited = row["RelationId"]
    contact, lead, user = of(CONTACT, invited), of(LEAD, invited), of(USER, invited)
    if contact is None and lead is None and user is None:
        return None
    return Participant(
        id=row["Id"],
        activity_id=row["EventId"],
        contact_id=contact,
        lead_id=lead,
        person_id=user,
        declined=row.get("Status") == "Declined",
    )


def absence(row: Row) -> Absence | None:
    """One or more whole days that an event shows as out of office."""
    person, first = of(USER, row.get("OwnerId")), day(row.get("ActivityDate"))
    if person is None or first is None:
        return None
    # The last day of an all-day event is written as its midnight in UTC.
    ends = moment_or_none(row.get("EndDateTime"))
    last = ends.date() if ends else first
    return Absence(id=row["Id"], person_id=person, start=first, end=max(first, last))


def task(row: Row) -> Task:
    return Task(
        id=row["Id"],
        owner_id=row.get("OwnerId"),
        deal_id=deal_of(row),
        due=day(row["ActivityDate"]),
        is_closed=bool(row["IsClosed"]),
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["SystemModstamp"]),
        completed_at=moment_or_none(row.get("CompletedDateTime")),
        key=row.get(KEY_FIELD),
        account_id=account_of(row),
    )


def deal_of(row: Row) -> str | None:
    return of(DEAL, row.get("WhatId"))


def account_of(row: Row) -> str | None:
    return row.get("AccountId") or first_of(ACCOUNT, [row.get("WhatId")])


def _contacts(row: Row) -> tuple[str, ...]:
    contact = of(CONTACT, row.get("WhoId"))
    return (contact,) if contact else ()
