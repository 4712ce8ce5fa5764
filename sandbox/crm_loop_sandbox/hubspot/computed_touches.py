"""What HubSpot counts of the activities around a record."""

from collections.abc import Iterator

from crm_loop_sandbox.hubspot.moments import iso, parse
from crm_loop_sandbox.hubspot.object_types import (
    ACTIVITIES,
    CALL,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    MEETING,
    TASK,
    ObjectType,
)
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Compute

_CONTACTS = (CALL, EMAIL, MEETING)
_PLANNED = (MEETING, TASK)


def fields(portal: Portal, kind: ObjectType) -> dict[str, Compute]:
    """Of a record that activities hang on, and of an activity that hangs on records."""
    around = _Around(portal, kind)
    return {
        "num_notes": lambda row: str(len(list(around.moments(row, ACTIVITIES)))),
        "num_contacted_notes": lambda row: str(len(list(around.moments(row, _CONTACTS)))),
        "notes_last_contacted": lambda row: around.last(row, _CONTACTS),
        "notes_last_updated": lambda row: around.last(row, ACTIVITIES),
        "notes_next_activity_date": around.planned,
        "hs_latest_meeting_activity": lambda row: around.last(row, (MEETING,)),
        "hs_num_associated_deals": lambda row: around.count(row, DEAL),
        "hs_num_associated_contacts": lambda row: around.count(row, CONTACT),
        "hs_num_associated_companies": lambda row: around.count(row, COMPANY),
    }


class _Around:
    def __init__(self, portal: Portal, kind: ObjectType) -> None:
        self._portal = portal
        self._kind = kind

    def moments(self, row: Row, kinds: tuple[ObjectType, ...]) -> Iterator[int]:
        """When each linked activity of these kinds happens."""
        for kind in kinds:
            rows = self._portal.table(kind).rows
            for row_id in self._portal.linked(self._kind, row.id, kind):
                moment = parse(rows[row_id].props.get("hs_timestamp", ""))
                if moment is not None:
                    yield moment

    def last(self, row: Row, kinds: tuple[ObjectType, ...]) -> str | None:
        now = self._portal.now()
        past = max((one for one in self.moments(row, kinds) if one <= now), default=None)
        return None if past is None else iso(past)

    def planned(self, row: Row) -> str | None:
        now = self._portal.now()
        coming = min((one for one in self.moments(row, _PLANNED) if one > now), default=None)
        return None if coming is None else iso(coming)

    def count(self, row: Row, kind: ObjectType) -> str:
        return str(len(self._portal.linked(self._kind, row.id, kind)))
