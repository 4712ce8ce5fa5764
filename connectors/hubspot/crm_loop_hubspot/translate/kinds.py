"""Object types, the properties we read of each, and what a row is read against."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.records import Stage

Row = Mapping[str, Any]

KEY = "crm_loop_key"
ID = "hs_object_id"
MODIFIED = "hs_lastmodifieddate"
CREATED = "hs_createdate"
OWNER = "hubspot_owner_id"
#: Association type from a deal to its primary company.
PRIMARY_COMPANY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An object type; `links` are the types whose ids its records need.

    An `optional` one may be forbidden without spoiling its subject. `ripens` is a date whose
    passing alone changes what a record means.
    """

    name: str
    properties: tuple[str, ...]
    history: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    optional: bool = False
    ripens: str | None = None


COMPANIES = Kind(name="companies", properties=("name", OWNER))
DEALS = Kind(
    name="deals",
    properties=(
        "dealname",
        "dealstage",
        "pipeline",
        "amount",
        "deal_currency_code",
        "closedate",
        "createdate",
        "closed_lost_reason",
        "hs_is_closed",
        "hs_is_closed_won",
        OWNER,
        MODIFIED,
    ),
    history=("dealstage", "amount", "closedate", OWNER),
    links=("companies",),
)
_LOGGED = ("hs_timestamp", CREATED, OWNER)
_RELATED = ("deals", "companies")
CALLS = Kind(
    name="calls",
    properties=(*_LOGGED, "hs_call_direction", "hs_call_status", "hs_call_duration"),
    links=_RELATED,
)
MEETINGS = Kind(
    name="meetings",
    properties=(*_LOGGED, "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome"),
    links=_RELATED,
    ripens="hs_meeting_start_time",
)
EMAILS = Kind(
    name="emails",
    properties=(*_LOGGED, "hs_email_direction", "hs_email_status"),
    links=_RELATED,
    optional=True,
)
TASKS = Kind(
    name="tasks",
    properties=(*_LOGGED, "hs_task_status", "hs_task_completion_date", MODIFIED),
    links=("deals",),
)
#: Tasks in portals without a property for our key: it stands in the body then.
MARKED_TASKS = replace(TASKS, properties=(*TASKS.properties, "hs_task_body"))
KEYED_TASKS = replace(TASKS, properties=(*TASKS.properties, KEY))
#: Our own tasks with what we wrote into them.
OWN_TASKS = replace(TASKS, properties=(*TASKS.properties, KEY, "hs_task_subject", "hs_task_body"))
GOALS = Kind(
    name="goal_targets",
    properties=(
        "hs_goal_type",
        "hs_target_amount",
        "hs_goal_target_currency_code",
        "hs_start_datetime",
        "hs_end_datetime",
        "hs_kpi_object_type_id",
        "hs_kpi_property_name",
        OWNER,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row is read against.

    `stages` by (pipeline, stage); `now` is business time, None for what does not depend on it.
    """

    zone: ZoneInfo
    currency: str
    now: datetime | None = None
    language: str | None = None
    stages: Mapping[tuple[str, str], Stage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Linked:
    """A row and the one record of each other type that it belongs to."""

    row: Row
    to: Mapping[str, str] = field(default_factory=dict)

    @property
    def props(self) -> Mapping[str, Any]:
        return self.row.get("properties") or {}

    @property
    def id(self) -> str:
        return str(self.row["id"])
