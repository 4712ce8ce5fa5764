"""Object types, the properties we read of each, and what a row is read against."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.records import Stage

Row = Mapping[str, Any]

KEY = "crm_loop_key"
#: The figures beside a memo, where a portal keeps tasks to their owners.
PAYLOAD = "crm_loop_payload"
ID = "hs_object_id"
MODIFIED = "hs_lastmodifieddate"
CREATED = "hs_createdate"
OWNER = "hubspot_owner_id"
DUE = "hs_timestamp"
UPDATED_BY = "hs_updated_by_user_id"
ASSIGNED = "hubspot_owner_assigneddate"
MERGED = "hs_merged_object_ids"


@dataclass(frozen=True, slots=True)
class Target:
    """A record that a row is associated with; `label` is what the portal calls the tie."""

    id: str
    primary: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A row and the records of other types that it belongs to, the first one first."""

    row: Row
    to: Mapping[str, Sequence[Target]] = field(default_factory=dict)

    @property
    def props(self) -> Mapping[str, Any]:
        return self.row.get("properties") or {}

    @property
    def id(self) -> str:
        return str(self.row["id"])

    def first(self, kind: str) -> str | None:
        return next((target.id for target in self.to.get(kind) or ()), None)

    def all(self, kind: str) -> tuple[str, ...]:
        return tuple(target.id for target in self.to.get(kind) or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An object type; `links` are the types whose ids its records need.

    An `optional` one may be forbidden without spoiling its subject. `ripens` is a date whose
    passing alone changes what a record means. `watched`: whether associations of a row are
    looked at again and again, since they may be added without touching it. `needs_past`: its own
    record says something of its history, which else is kept apart. `through`: one of the links;
    a record without a company is taken for one of the company of what it is tied to there.
    """

    name: str
    properties: tuple[str, ...]
    history: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    optional: bool = False
    ripens: str | None = None
    modified: str = MODIFIED
    watched: Callable[[Linked, "Reading"], bool] | None = None
    needs_past: bool = False
    through: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row is read against.

    `stages` by (pipeline, stage); `now` is business time, None for what does not depend on it.
    `entered` names the property with the moment a deal came into a stage, by stage ("": into
    the one it is in). `deal_fields`: properties of the portal's own by our name,
    `own_fields` those of every kind of record.
    """

    zone: ZoneInfo
    currency: str
    now: datetime | None = None
    language: str | None = None
    stages: Mapping[tuple[str, str], Stage] = field(default_factory=dict)
    entered: Mapping[str, str] = field(default_factory=dict)
    deal_fields: Mapping[str, str] = field(default_factory=dict)
    own_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


COMPANIES = Kind(name="companies", properties=("name", "hs_parent_company_id", OWNER, MERGED))
DEALS = Kind(
    name="deals",
    properties=(
        "dealname",
        "dealstage",
        "pipeline",
        "amount",
        "amount_in_home_currency",
        "deal_currency_code",
        "closedate",
        "createdate",
        "closed_lost_reason",
        "dealtype",
        "hs_analytics_source",
        "hs_deal_stage_probability",
        "hs_is_closed",
        "hs_is_closed_won",
        "hs_manual_forecast_category",
        "hs_next_step",
        "num_associated_contacts",
        OWNER,
        MODIFIED,
        MERGED,
    ),
    history=("dealstage", "amount", "closedate", OWNER, "hs_manual_forecast_category"),
    links=("companies", "contacts"),
)
#: Deals as what tasks of ours are on: whether they live, and which tasks they have.
DEALS_BY_TASKS = Kind(name="deals", properties=(ID,), links=("tasks",))
_LOGGED = ("hs_timestamp", CREATED, OWNER)
_RELATED = ("deals", "companies", "contacts")
CALLS = Kind(
    name="calls",
    properties=(
        *_LOGGED,
        "hs_call_direction",
        "hs_call_disposition",
        "hs_call_duration",
        "hs_call_status",
    ),
    links=_RELATED,
)
MEETINGS = Kind(
    name="meetings",
    properties=(
        *_LOGGED,
        "hs_attendee_owner_ids",
        "hs_meeting_start_time",
        "hs_meeting_end_time",
        "hs_meeting_outcome",
    ),
    links=_RELATED,
    ripens="hs_meeting_start_time",
)
EMAILS = Kind(
    name="emails",
    properties=(*_LOGGED, "hs_email_direction", "hs_email_message_id", "hs_email_status"),
    links=_RELATED,
    optional=True,
)
TASKS = Kind(
    name="tasks",
    properties=(*_LOGGED, "hs_task_status", "hs_task_completion_date", MODIFIED),
    links=("deals", "companies", "contacts"),
    through="contacts",
)
#: Tasks in portals without a property for our key: it stands in the body then.
MARKED_TASKS = replace(TASKS, properties=(*TASKS.properties, "hs_task_body"))
KEYED_TASKS = replace(TASKS, properties=(*TASKS.properties, KEY))
#: Our own tasks with what we wrote into them.
OWN_TASKS = replace(
    TASKS,
    properties=(*TASKS.properties, KEY, "hs_task_subject", "hs_task_body", UPDATED_BY),
    links=("deals",),
    through=None,
)
#: Tasks that people have made for a 1on1, told by their subject.
MARKED_TASKS_OF_PEOPLE = replace(
    TASKS,
    properties=(*TASKS.properties, KEY, "hs_task_subject", "hs_created_by_user_id"),
    links=("deals",),
    through=None,
)
QUOTES = Kind(
    name="quotes",
    properties=("hs_status", "hs_quote_amount", "hs_currency", "createdate", MODIFIED),
    history=("hs_status",),
    links=("deals",),
    needs_past=True,
)
LEADS = Kind(
    name="leads",
    properties=(
        "hs_associated_company_name",
        "hs_lead_source",
        "hs_pipeline_stage",
        CREATED,
        OWNER,
        ASSIGNED,
        MODIFIED,
    ),
    history=(OWNER,),
    links=("contacts", "companies"),
)
#: Where a portal has no leads of its own, people whom somebody was given to win.
CONTACTS = Kind(
    name="contacts",
    properties=(
        "company",
        "hs_analytics_source",
        "hs_lead_status",
        "hs_lifecyclestage_lead_date",
        "lifecyclestage",
        "createdate",
        OWNER,
        ASSIGNED,
        "lastmodifieddate",
        MERGED,
    ),
    history=(OWNER,),
    links=("deals", "companies"),
    modified="lastmodifieddate",
)
GOALS = Kind(
    name="goal_targets",
    properties=(
        "hs_assignee_user_id",
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
USERS = Kind(
    name="users",
    properties=(
        "hs_internal_user_id",
        "hs_job_title",
        "hs_out_of_office_hours",
        "hs_standard_time_zone",
    ),
    optional=True,
)
