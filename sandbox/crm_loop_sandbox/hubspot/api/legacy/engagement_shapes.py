"""An activity in the old form, `engagement` with `metadata`, and back."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.hubspot.api.legacy.values import in_old_form
from crm_loop_sandbox.hubspot.call import Call
from crm_loop_sandbox.hubspot.object_types import (
    CALL,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    MEETING,
    NOTE,
    TASK,
    TICKET,
    ObjectType,
)
from crm_loop_sandbox.hubspot.rows import Row

BY_TYPE = {"CALL": CALL, "EMAIL": EMAIL, "MEETING": MEETING, "NOTE": NOTE, "TASK": TASK}
_TYPES = {kind.id: name for name, kind in BY_TYPE.items()}
#: `metadata` by the name of the property that holds it.
_METADATA: dict[str, dict[str, str]] = {
    CALL.id: {
        "hs_call_title": "title",
        "hs_call_body": "body",
        "hs_call_status": "status",
        "hs_call_duration": "durationMilliseconds",
        "hs_call_disposition": "disposition",
    },
    EMAIL.id: {
        "hs_email_subject": "subject",
        "hs_email_html": "html",
        "hs_email_text": "text",
        "hs_email_status": "status",
    },
    MEETING.id: {
        "hs_meeting_title": "title",
        "hs_meeting_body": "body",
        "hs_meeting_start_time": "startTime",
        "hs_meeting_end_time": "endTime",
        "hs_meeting_outcome": "meetingOutcome",
        "hs_internal_meeting_notes": "internalMeetingNotes",
    },
    NOTE.id: {"hs_note_body": "body"},
    TASK.id: {
        "hs_task_subject": "subject",
        "hs_task_body": "body",
        "hs_task_status": "status",
        "hs_task_priority": "priority",
        "hs_task_type": "taskType",
        "hs_task_completion_date": "completionDate",
    },
}
_NUMBERS = frozenset({"durationMilliseconds", "startTime", "endTime", "completionDate"})
_JOINED = {"contactIds": CONTACT, "companyIds": COMPANY, "dealIds": DEAL, "ticketIds": TICKET}


def shape(call: Call, kind: ObjectType, row: Row) -> dict[str, Any]:
    moment = in_old_form(call.portal.table(kind), "hs_timestamp", row.props.get("hs_timestamp", ""))
    engagement: dict[str, Any] = {
        "id": row.id,
        "portalId": call.portal.portal_id,
        "active": True,
        "createdAt": row.created,
        "lastUpdated": row.updated,
        "type": _TYPES[kind.id],
        "timestamp": int(moment) if moment.lstrip("-").isdecimal() else row.created,
        "source": row.source.type,
    }
    if owner := row.props.get("hubspot_owner_id"):
        engagement["ownerId"] = int(owner)
    links = {name: call.portal.linked(kind, row.id, to) for name, to in _JOINED.items()}
    return {
        "engagement": engagement,
        "associations": links | {"ownerIds": [], "workflowIds": []},
        "attachments": [],
        "metadata": _metadata(call, kind, row),
    }


def _metadata(call: Call, kind: ObjectType, row: Row) -> dict[str, Any]:
    table = call.portal.table(kind)
    found: dict[str, Any] = {}
    for name, old in _METADATA[kind.id].items():
        if name in row.props:
            value = in_old_form(table, name, row.props[name])
            found[old] = int(value) if old in _NUMBERS and value.isdecimal() else value
    return found


def native(kind: ObjectType, body: Mapping[str, Any], *, now: int | None) -> dict[str, Any]:
    """Properties from the old form; `now` (milliseconds) is when it happens by default."""
    engagement, metadata = body.get("engagement") or {}, body.get("metadata") or {}
    found = {name: metadata[old] for name, old in _METADATA[kind.id].items() if old in metadata}
    if engagement.get("ownerId"):
        found["hubspot_owner_id"] = str(engagement["ownerId"])
    moment = engagement.get("timestamp") or now
    return found if moment is None else found | {"hs_timestamp": str(moment)}
