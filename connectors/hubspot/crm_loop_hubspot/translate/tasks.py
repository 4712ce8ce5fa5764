"""To-dos: everybody's as dates only, our own with their text, and the way back."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Found, TaskFields
from crm_loop.connector.marked import MarkedTask
from crm_loop.records import Task
from crm_loop_hubspot import text, values
from crm_loop_hubspot.translate.kinds import (
    CREATED,
    KEY,
    MODIFIED,
    OWNER,
    PAYLOAD,
    UPDATED_BY,
    Linked,
    Reading,
    Row,
)

_BODY = "hs_task_body"
SUBJECT = "hs_task_subject"
_DONE = "COMPLETED"
_TASK_TO_DEAL = 216


def task(linked: Linked, reading: Reading) -> Task:
    """The body, where it was asked for, is looked at for our key only."""
    props = linked.props
    return Task(
        id=linked.id,
        owner_id=values.text(props.get(OWNER)),
        deal_id=linked.first("deals"),
        due=values.day(props.get("hs_timestamp"), reading.zone),
        is_closed=_is_closed(props),
        created_at=values.first_moment(props.get(CREATED), linked.row.get("createdAt")),
        modified_at=_modified(linked),
        completed_at=values.moment(props.get("hs_task_completion_date")),
        key=key_of(props),
        account_id=linked.first("companies"),
    )


def is_open(linked: Linked, _reading: Reading) -> bool:
    """Whether its associations still matter: what is done is done."""
    return not _is_closed(linked.props)


def key_of(props: Mapping[str, Any]) -> str | None:
    """Our key from its property, else from the body's last line."""
    return values.text(props.get(KEY)) or _text_and_key(props)[1]


def _text_and_key(props: Mapping[str, Any]) -> tuple[str, str | None]:
    return text.unmarked(text.to_plain(str(props.get(_BODY) or "")))


def found(
    key: str,
    linked: Linked,
    zone: ZoneInfo,
    *,
    copies: int = 1,
    owners: Mapping[str, str] | None = None,
) -> Found:
    """One of our own tasks; an archived one counts as deleted.

    `owners` are owners by the ids of their users.
    """
    props = linked.props
    return Found(
        key=key,
        crm_id=linked.id,
        fields=_fields(linked, zone),
        deleted=bool(linked.row.get("archived")),
        is_closed=_is_closed(props),
        completed_at=values.moment(props.get("hs_task_completion_date")),
        modified_at=_modified(linked),
        modified_by=(owners or {}).get(values.text(props.get(UPDATED_BY)) or ""),
        copies=copies,
    )


def _fields(linked: Linked, zone: ZoneInfo) -> TaskFields | None:
    props = linked.props
    due = values.day(props.get("hs_timestamp"), zone)
    if due is None:
        return None
    return TaskFields(
        owner_id=values.text(props.get(OWNER)) or "",
        subject=str(props.get(SUBJECT) or ""),
        body=_text_and_key(props)[0],
        due=due,
        deal_id=linked.first("deals"),
    )


def _is_closed(props: Mapping[str, Any]) -> bool:
    return props.get("hs_task_status") == _DONE


def _modified(linked: Linked) -> datetime:
    return values.first_moment(linked.props.get(MODIFIED), linked.row.get("updatedAt"))


def subject_of(row: Row) -> str:
    return str((row.get("properties") or {}).get(SUBJECT) or "")


def key_field_of(row: Row) -> str | None:
    """Our key, where the portal has a property for it."""
    return values.text((row.get("properties") or {}).get(KEY))


def by_hand(linked: Linked, zone: ZoneInfo, owners: Mapping[str, str]) -> MarkedTask:
    """One that a person has made for a 1on1; `owners` are owners by the ids of their users."""
    props = linked.props
    return MarkedTask(
        id=linked.id,
        owner_id=values.text(props.get(OWNER)) or "",
        made_by=owners.get(values.text(props.get("hs_created_by_user_id")) or ""),
        subject=subject_of(linked.row),
        due=values.day(props.get("hs_timestamp"), zone),
        deal_id=linked.first("deals"),
        deleted=bool(linked.row.get("archived")),
        created_at=values.first_moment(props.get(CREATED), linked.row.get("createdAt")),
        modified_at=_modified(linked),
    )


#: What makes a task a completed one.
CLOSED = {"hs_task_status": "COMPLETED"}


def body_properties(body: str, key: str, *, key_field: bool) -> dict[str, str]:
    """The body alone; without a property for it the key becomes the last line."""
    return {_BODY: text.to_html(body if key_field else text.marked(body, key))}


def new_task(key: str, fields: TaskFields, due_at: datetime, *, key_field: bool) -> dict[str, Any]:
    """One input of a batch create. The trace id only tells the rows of an answer apart."""
    properties = {
        "hs_task_subject": fields.subject,
        "hs_timestamp": values.written(due_at),
        "hs_task_status": "NOT_STARTED",
        "hs_task_type": "TODO",
        "hs_task_priority": "NONE",
        OWNER: fields.owner_id,
        **body_properties(fields.body, key, key_field=key_field),
        **({KEY: key} if key_field else {}),
    }
    return {
        "properties": properties,
        "associations": [] if fields.deal_id is None else [_on_deal(fields.deal_id)],
        "objectWriteTraceId": key,
    }


def due_at(fields: TaskFields, zone: ZoneInfo, *, hour: int) -> datetime:
    return datetime.combine(fields.due, time(hour), zone).astimezone(UTC)


def _on_deal(deal_id: str) -> dict[str, Any]:
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TASK_TO_DEAL}
    return {"to": {"id": deal_id}, "types": [kind]}


KEY_GROUP = {"name": "crm_loop", "label": "crm_loop"}


def key_property(*, unique: bool) -> dict[str, Any]:
    """The definition of the property that holds our key on tasks."""
    return {
        "name": KEY,
        "label": "crm_loop key",
        "groupName": KEY_GROUP["name"],
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": unique,
    }


#: The definition of the property that holds the figures beside a memo.
PAYLOAD_PROPERTY = {
    "name": PAYLOAD,
    "label": "crm_loop figures",
    "groupName": KEY_GROUP["name"],
    "type": "string",
    "fieldType": "textarea",
}
