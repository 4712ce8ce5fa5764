"""Calls, meetings and e-mails."""

from datetime import datetime, timedelta

from crm_loop.records import Activity, ActivityKind, ActivityStatus
from crm_loop_hubspot import values
from crm_loop_hubspot.translate.kinds import CREATED, OWNER, Linked, Reading

_CALLS = {
    "COMPLETED": ActivityStatus.HELD,
    "CANCELED": ActivityStatus.CANCELED,
    "BUSY": ActivityStatus.NO_SHOW,
    "NO_ANSWER": ActivityStatus.NO_SHOW,
    "FAILED": ActivityStatus.NO_SHOW,
    # a call logged by hand carries no status
    None: ActivityStatus.HELD,
}
_EMAILS = {
    "BOUNCED": ActivityStatus.CANCELED,
    "FAILED": ActivityStatus.CANCELED,
    "SCHEDULED": ActivityStatus.SCHEDULED,
    "SENDING": ActivityStatus.SCHEDULED,
}
_MEETINGS = {
    "COMPLETED": ActivityStatus.HELD,
    "NO_SHOW": ActivityStatus.NO_SHOW,
    "CANCELED": ActivityStatus.CANCELED,
    # another meeting stands for it
    "RESCHEDULED": ActivityStatus.CANCELED,
}
#: Outcomes that every portal has, in HubSpot's own words; one of the portal's own stays an id.
_DISPOSITIONS = {
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
    "17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
}
_OUTBOUND = {"OUTBOUND": True, "INBOUND": False, "EMAIL": True, "INCOMING_EMAIL": False}


#: So long after it was logged, associations of an activity are looked at in every pull.
RECENT = timedelta(days=14)


def call(linked: Linked, reading: Reading) -> Activity | None:
    props = linked.props
    start = values.moment(props.get("hs_timestamp"))
    if start is None:
        return None
    return _activity(
        linked,
        ActivityKind.CALL,
        start,
        status=_CALLS.get(values.text(props.get("hs_call_status"))) or _open(start, reading),
        outbound=_OUTBOUND.get(props.get("hs_call_direction") or ""),
        seconds=values.seconds(props.get("hs_call_duration")),
        disposition=_disposition(props.get("hs_call_disposition")),
    )


def email(linked: Linked, _reading: Reading) -> Activity | None:
    props = linked.props
    start = values.moment(props.get("hs_timestamp"))
    if start is None:
        return None
    return _activity(
        linked,
        ActivityKind.EMAIL,
        start,
        status=_EMAILS.get(props.get("hs_email_status") or "", ActivityStatus.HELD),
        outbound=_OUTBOUND.get(props.get("hs_email_direction") or ""),
        message_id=values.text(props.get("hs_email_message_id")),
    )


def meeting(linked: Linked, reading: Reading) -> Activity | None:
    props = linked.props
    begun = values.moment(props.get("hs_meeting_start_time"))
    end = values.moment(props.get("hs_meeting_end_time"))
    start = begun or values.moment(props.get("hs_timestamp"))
    if start is None:
        return None
    return _activity(
        linked,
        ActivityKind.MEETING,
        start,
        status=_MEETINGS.get(props.get("hs_meeting_outcome") or "") or _open(start, reading),
        seconds=int((end - begun).total_seconds()) if begun and end else None,
        outsiders=_outsiders(linked),
        colleagues=_ids(props.get("hs_attendee_owner_ids")),
    )


def _disposition(told: object) -> str | None:
    known = values.text(told)
    return None if known is None else _DISPOSITIONS.get(known.lower(), known)


def _open(start: datetime, reading: Reading) -> ActivityStatus:
    past = reading.now is not None and start < reading.now
    return ActivityStatus.UNCONFIRMED if past else ActivityStatus.SCHEDULED


def _activity(
    linked: Linked,
    kind: ActivityKind,
    start: datetime,
    *,
    status: ActivityStatus,
    outbound: bool | None = None,
    seconds: int | None = None,
    outsiders: int | None = None,
    colleagues: tuple[str, ...] = (),
    message_id: str | None = None,
    disposition: str | None = None,
) -> Activity:
    return Activity(
        id=linked.id,
        kind=kind,
        owner_id=values.text(linked.props.get(OWNER)),
        deal_id=linked.first("deals"),
        account_id=linked.first("companies"),
        start=start,
        logged_at=values.first_moment(linked.props.get(CREATED), linked.row.get("createdAt")),
        status=status,
        outbound=outbound,
        duration_seconds=seconds,
        external_attendees=outsiders,
        contact_ids=linked.all("contacts"),
        colleague_ids=colleagues,
        message_id=message_id,
        disposition=disposition,
    )


def _outsiders(linked: Linked) -> int | None:
    """The contacts; none where nothing of it belongs to a customer; else unknown."""
    if linked.to.get("contacts"):
        return len(linked.to["contacts"])
    return None if linked.first("deals") or linked.first("companies") else 0


def _ids(listed: object) -> tuple[str, ...]:
    return tuple(one.strip() for one in str(listed or "").split(";") if one.strip())


def is_recent(linked: Linked, reading: Reading) -> bool:
    """Whether somebody may still tie it to a deal: people do that within days."""
    logged = values.first_moment(linked.props.get(CREATED), linked.row.get("createdAt"))
    return reading.now is None or reading.now - logged <= RECENT
