"""How records that somebody's software marked with a key are told from all others."""

import re

from crm_loop_sandbox.hubspot.markup import plain
from crm_loop_sandbox.hubspot.object_types import CALL, MEETING, NOTE, TASK
from crm_loop_sandbox.hubspot.rows import Row

KEY_PROPERTY = "crm_loop_key"
BODY = {
    TASK.id: "hs_task_body",
    NOTE.id: "hs_note_body",
    CALL.id: "hs_call_body",
    MEETING.id: "hs_meeting_body",
}
_LAST_LINE = re.compile(r"cl1[a-z][0-9a-f]{40}")


def key_in(type_id: str, props: dict[str, str]) -> str | None:
    """The key property, or else a last line of the body that is a key."""
    if key := props.get(KEY_PROPERTY):
        return key
    body = props.get(BODY.get(type_id, ""))
    if not body or "cl1" not in body:
        return None
    lines = plain(body).rstrip().splitlines()
    found = _LAST_LINE.fullmatch(lines[-1].strip()) if lines else None
    return found.group() if found else None


def key_of(type_id: str, row: Row) -> str | None:
    return key_in(type_id, row.props)
