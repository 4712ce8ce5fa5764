"""The world's neutral words as HubSpot's properties."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crm_loop_sandbox.hubspot.keys import BODY
from crm_loop_sandbox.hubspot.markup import paragraphs
from crm_loop_sandbox.hubspot.moments import day_start, iso, parse, to_ms
from crm_loop_sandbox.hubspot.object_types import CALL, EMAIL, MEETING, TASK, ObjectType
from crm_loop_sandbox.hubspot.portal import Portal

#: HubSpot's editor proposes eight in the morning for a task's due date.
_DUE_HOUR = 8
_MINUTE_MS = 60_000

ACTIVITY_KINDS = {"call": CALL, "meeting": MEETING, "email": EMAIL, "todo": TASK}
_CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
_NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"
_STATUS: dict[str, dict[str, dict[str, str]]] = {
    CALL.id: {
        "held": {"hs_call_status": "COMPLETED", "hs_call_disposition": _CONNECTED},
        "scheduled": {"hs_call_status": "QUEUED"},
        "no_show": {"hs_call_status": "NO_ANSWER", "hs_call_disposition": _NO_ANSWER},
        "canceled": {"hs_call_status": "CANCELED"},
    },
    MEETING.id: {
        "held": {"hs_meeting_outcome": "COMPLETED"},
        "scheduled": {"hs_meeting_outcome": "SCHEDULED"},
        "no_show": {"hs_meeting_outcome": "NO_SHOW"},
        "canceled": {"hs_meeting_outcome": "CANCELED"},
    },
    EMAIL.id: {
        "held": {"hs_email_status": "SENT"},
        "scheduled": {"hs_email_status": "SCHEDULED"},
        "no_show": {"hs_email_status": "BOUNCED"},
        "canceled": {"hs_email_status": "FAILED"},
    },
    TASK.id: {
        "open": {"hs_task_status": "NOT_STARTED"},
        "closed": {"hs_task_status": "COMPLETED"},
    },
}
_TITLE = {
    CALL.id: "hs_call_title",
    MEETING.id: "hs_meeting_title",
    EMAIL.id: "hs_email_subject",
    TASK.id: "hs_task_subject",
}
_DEAL_TYPES = {"New Business": "newbusiness", "Existing Business": "existingbusiness"}
_DEAL_NAMES = {
    "name": "dealname",
    "currency": "deal_currency_code",
    "lost_reason": "closed_lost_reason",
}
#: Neutral words that say what a record is joined to, or that are no property of it.
JOINED = frozenset(
    {"company", "company_ref", "contacts", "contact_refs", "deal", "deal_ref", "deleted"}
    | {"kind", "logged_at", "ref", "faces"}
)


def as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


class Neutral:
    """Translates fields; what is no neutral name is taken as a native one."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._deal: dict[str, Callable[[Any], dict[str, str]]] = {
            "amount": lambda value: {"amount": _amount(value)},
            "close_date": lambda value: {"closedate": self.day(value)},
            "stage": lambda value: {"dealstage": self._stage(value)},
            "type": lambda value: {"dealtype": _DEAL_TYPES.get(value, value)},
            "owner": self._owner,
        }

    def deal(self, fields: Mapping[str, Any]) -> dict[str, str]:
        native: dict[str, str] = {}
        for name, value in fields.items():
            if name in self._deal:
                native |= self._deal[name](value)
            elif name not in JOINED:
                native[_DEAL_NAMES.get(name, name)] = "" if value is None else str(value)
        return native

    def task(self, fields: Mapping[str, Any]) -> dict[str, str]:
        """Bodies become what the editor keeps."""
        native: dict[str, str] = {}
        for name, value in fields.items():
            if name == "body":
                native["hs_task_body"] = paragraphs(str(value))
            elif name == "due":
                native["hs_timestamp"] = self.due(value)
            elif name == "subject":
                native["hs_task_subject"] = str(value)
            elif name in {"owner", "owner_ref"}:
                native |= self._owner(value)
            elif name == "status":
                native |= _STATUS[TASK.id].get(value) or {"hs_task_status": str(value)}
            elif name not in JOINED:
                native[name] = "" if value is None else str(value)
        return native

    def activity(
        self, kind: ObjectType, fields: Mapping[str, Any], *, start: int = 0, minutes: int = 0
    ) -> dict[str, str]:
        """`start` (ms) and `minutes` are those of the record where the fields do not say."""
        native: dict[str, str] = {}
        for name, value in fields.items():
            if name == "status":
                native |= _STATUS[kind.id].get(value, {})
            elif name == "subject":
                native[_TITLE[kind.id]] = str(value)
            elif name in {"owner", "owner_ref"}:
                native |= self._owner(value)
            elif name == "body" and kind.id in BODY:
                native[BODY[kind.id]] = paragraphs(str(value))
            elif name == "outbound":
                native |= _direction(kind, outbound=bool(value))
            elif name not in {"start", "minutes", *JOINED}:
                native[name] = "" if value is None else str(value)
        if "start" in fields or "minutes" in fields:
            begins = self._start(kind, fields["start"]) if "start" in fields else start
            native |= _times(kind, begins, int(fields.get("minutes", minutes)))
        return native

    def day(self, value: Any) -> str:
        """A date as a moment: midnight in the account's time zone."""
        return "" if value is None else iso(day_start(as_date(value), self._portal.zone))

    def due(self, value: Any) -> str:
        day = as_date(value)
        return iso(day_start(day, self._portal.zone, hour=_DUE_HOUR))

    def _start(self, kind: ObjectType, value: Any) -> int:
        if kind is TASK:
            return day_start(as_date(value), self._portal.zone, hour=_DUE_HOUR)
        return to_ms(value) if isinstance(value, datetime) else parse(str(value)) or 0

    def _stage(self, value: Any) -> str:
        stages = self._portal.pipelines.by_index
        return (
            stages[int(value)]
            if str(value).isdecimal() and int(value) < len(stages)
            else str(value)
        )

    def _owner(self, value: Any) -> dict[str, str]:
        if value in {None, ""}:
            return {"hubspot_owner_id": ""}
        owner = self._portal.owners.named(str(value))
        return {"hubspot_owner_id": str(value) if owner is None else owner.text_id}


def _amount(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _direction(kind: ObjectType, *, outbound: bool) -> dict[str, str]:
    if kind is CALL:
        return {"hs_call_direction": "OUTBOUND" if outbound else "INBOUND"}
    if kind is EMAIL:
        return {"hs_email_direction": "EMAIL" if outbound else "INCOMING_EMAIL"}
    return {}


def _times(kind: ObjectType, start: int, minutes: int) -> dict[str, str]:
    native = {"hs_timestamp": iso(start)}
    if kind is CALL:
        native["hs_call_duration"] = str(minutes * _MINUTE_MS)
    if kind is MEETING:
        native["hs_meeting_start_time"] = iso(start)
        native["hs_meeting_end_time"] = iso(start + minutes * _MINUTE_MS)
    return native


def day_after(day: date) -> date:
    return day + timedelta(days=1)
