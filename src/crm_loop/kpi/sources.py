"""What the measures read of the store: the one place that knows where each column comes from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, or_

from crm_loop.kpi import activity_reading as reading
from crm_loop.kpi import columns as schemas
from crm_loop.kpi.as_of import end_of, rates_of
from crm_loop.kpi.custom_fields import own_of
from crm_loop.kpi.details import (
    handed_frame,
    lead_frame,
    quote_frame,
    role_frame,
    split_frame,
    with_forecast,
)
from crm_loop.kpi.facts import (
    Rates,
    activity_frame,
    date_move_frame,
    deal_frame,
    move_frame,
    ordered,
    owner_frame,
    stage_frame,
    stage_moves,
)
from crm_loop.kpi.folding import Folding
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.more_records import CHANGE, CUSTOM, READ, Around, more_frames
from crm_loop.kpi.rewinding import rewound, rewound_tasks
from crm_loop.kpi.rules import Rules, rules_of
from crm_loop.loop_records import Member
from crm_loop.records import Subject
from crm_loop.store.connections import Organisation
from crm_loop.store.scan import Scan, frame_of
from crm_loop.store.tables import crm, crm_details

#: Calls and e-mails of so many days are always read one by one: trust and contacts look at them.
RECENT = timedelta(days=92)


@dataclass(slots=True, kw_only=True)
class Raw:
    """Records as they were pulled, before anything is made of them.

    `earlier`, `touches` and `met` are what is left of activities that nobody looks at one by one.
    """

    def take(self, name: str) -> pl.DataFrame:
        """Hand these records over: what is large is in memory only once."""
        found: pl.DataFrame = getattr(self, name)
        setattr(self, name, found.clear())
        return found

    deals: pl.DataFrame
    changes: pl.DataFrame
    activities: pl.DataFrame
    earlier: pl.DataFrame
    touches: pl.DataFrame
    met: pl.DataFrame
    tasks: pl.DataFrame
    leads: pl.DataFrame
    lead_changes: pl.DataFrame
    participants: pl.DataFrame
    roles: pl.DataFrame
    splits: pl.DataFrame
    quotes: pl.DataFrame
    rates: pl.DataFrame
    stage_forecasts: pl.DataFrame
    more: Mapping[str, pl.DataFrame]


def read(
    scan: Scan,
    *,
    since: datetime,
    time_zone: str,
    moment: datetime,
    asked: Collection[str] = (),
    assumed: Mapping[str, str] | None = None,
) -> Raw:
    """Read everything; activities one by one from `since` on, tasks that were open at `moment`.

    `asked` is what own KPIs read: all tasks, kinds that nothing else reads, and of which kinds they
    name fields of the CRM's own.
    `assumed` is by connection how ids of meetings begin that are no longer taken for held.
    """
    whole = crm.activity.c.start >= since
    told = reading.instead(assumed or {})
    tasks: list[Any] = [
        partial(_deals_and_changes, scan),
        partial(reading.activities, scan, whole, told, own=own_of("activity") in asked),
    ]
    (deals, changes), activities = scan.together(*tasks)
    folding = Folding(since=since, time_zone=time_zone, asked=_asked(deals, changes, since))
    reading.fold(scan, folding, crm.activity.c.start < since, told)
    return Raw(
        deals=deals,
        changes=changes,
        activities=activities,
        earlier=folding.earlier,
        touches=folding.touches,
        met=folding.met,
        tasks=_tasks(scan, moment, asked),
        leads=_leads(scan, asked),
        **_small(scan),
        more={kind: _more(scan, kind, asked) for kind in READ if kind in asked}
        | ({CHANGE: changes.clear()} if CHANGE in asked else {}),
    )


def _small(scan: Scan) -> dict[str, pl.DataFrame]:
    """What is read whole and is little."""
    known, details = partial(_all, scan), crm_details
    invited = details.participant.c.declined.is_(False)
    return {
        "lead_changes": known(Subject.LEAD_CHANGES, schemas.LEAD_CHANGES),
        "participants": known(Subject.PARTICIPANTS, schemas.PARTICIPANTS, invited),
        "roles": _roles(scan),
        "splits": known(Subject.SPLITS, schemas.SPLITS, details.split.c.revenue.is_(True)),
        "quotes": known(Subject.QUOTES, schemas.QUOTES, details.quote.c.sent.is_(True)),
        "rates": known(Subject.RATES, schemas.RATES),
        "stage_forecasts": known(Subject.STAGES, schemas.STAGES, crm.stage.c.forecast.is_not(None)),
    }


def _own(kind: str, asked: Collection[str]) -> Mapping[str, Any]:
    """The column with fields of the CRM's own, where a KPI names one of this kind."""
    return CUSTOM if own_of(kind) in asked else {}


def _tasks(scan: Scan, moment: datetime, asked: Collection[str]) -> pl.DataFrame:
    """All of them for a KPI, else those that were open then."""
    open_then = or_(crm.task.c.is_closed.is_(False), crm.task.c.completed_at > moment)
    schema = {**schemas.TASKS, **_own("task", asked)}
    return _all(scan, Subject.TASKS, schema, *([] if "task" in asked else [open_then]))


def _more(scan: Scan, kind: str, asked: Collection[str]) -> pl.DataFrame:
    subject, schema = READ[kind]
    return _all(scan, subject, {**schema, **_own(kind, asked)})


def _all(
    scan: Scan, subject: Subject, schema: Mapping[str, Any], *where: ColumnElement[bool]
) -> pl.DataFrame:
    return frame_of(scan, subject, schema, where=where)


def _deals_and_changes(scan: Scan) -> tuple[pl.DataFrame, pl.DataFrame]:
    return _all(scan, Subject.DEALS, schemas.DEALS), _all(scan, Subject.CHANGES, schemas.CHANGES)


def _asked(deals: pl.DataFrame, changes: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """Deals that are open, or were at a moment from which on whole rows are read."""
    lately = changes.filter(pl.col("field") == "stage", pl.col("at") >= since)
    named = lately.select("connection", pl.col("deal_id").alias("id"))
    return pl.concat([deals.filter(~pl.col("is_closed")).select(named.columns), named]).unique()


def _leads(scan: Scan, asked: Collection[str]) -> pl.DataFrame:
    known = {name: kind for name, kind in schemas.LEADS.items() if name != "first_touch_at"}
    schema = {**known, **_own("lead", asked)}
    never = pl.lit(None, dtype=schemas.LEADS["first_touch_at"]).alias("first_touch_at")
    return frame_of(scan, Subject.LEADS, schema).with_columns(never)


def _roles(scan: Scan) -> pl.DataFrame:
    schema = {name: kind for name, kind in schemas.ROLES.items() if name != "on"}
    always = pl.lit(None, dtype=pl.Date).alias("on")
    return frame_of(scan, Subject.CONTACT_ROLES, schema).with_columns(always)


def frames_of(
    raw: Raw,
    members: Sequence[Member],
    own: Organisation,
    *,
    as_of: date,
    plan_day: date | None = None,
    mapping: Mapping[tuple[str, str, str], str],
    rules: Rules | None = None,
) -> Frames:
    """Frames as of the end of a day in the organisation's time zone; uses `raw` up.

    Money is at the rates of `plan_day`, on which the plan was made.
    """
    known = _Known(
        owners=owner_frame(members),
        stages=stage_frame(mapping),
        own=own,
        as_of=as_of,
        rates=rates_of(raw.rates, plan_day or as_of, own.currency),
        rules=rules or rules_of(own),
    )
    active = _of_activities(raw, known)
    return Frames(
        **active,
        **_of_deals(raw, known, active),
        tasks=rewound_tasks(raw.tasks, known.moment).join(
            known.owners, on=["connection", "owner_id"], how="left"
        ),
        splits=split_frame(raw.splits, known.owners),
        touches=raw.touches,
        rules=known.rules,
    )


#: What measures see of a deal.
_SEEN = [name for name in schemas.DEAL_FACTS if name != "removed_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What all frames are made with."""

    owners: pl.DataFrame
    stages: pl.DataFrame
    own: Organisation
    as_of: date
    rates: Mapping[str, Rates]
    rules: Rules

    @property
    def moment(self) -> datetime:
        return end_of(self.as_of, self.own.time_zone)


def _of_activities(raw: Raw, known: _Known) -> dict[str, Any]:
    """Activities, and what is made of them: leads with their first attempt, contacts of deals."""
    owners, zone = known.owners, known.own.time_zone
    met = activity_frame(raw.take("met"), owners, zone).select(list(schemas.MEETINGS))
    counted = raw.take("earlier").join(owners, on=["connection", "owner_id"], how="left")
    earlier = counted.select("kind", "person", "day", "n")
    activities = activity_frame(raw.take("activities"), owners, zone)
    outsiders: dict[str, Any] = {"activities": activities, "participants": raw.participants}
    moment, window = known.moment, known.rules.contact_window
    return {
        "met": met,
        "earlier": earlier,
        "activities": activities.drop("lead_id", "contact_ids"),
        "leads": lead_frame(raw.leads, raw.lead_changes, owners=owners, moment=moment, **outsiders),
        "roles": role_frame(raw.roles, as_of=known.as_of, window=window, **outsiders),
    }


def _of_deals(raw: Raw, known: _Known, active: Mapping[str, Any]) -> dict[str, Any]:
    """Deals as they stood then, the moves of their stages, dates and owners, and what is theirs."""
    then = rewound(raw.take("deals"), raw.take("changes"), known.stages, known.moment)
    deals, changes = ordered(then.deals), then.changes
    moves = stage_moves(deals, changes, known.stages)
    # Most of what changed is stages, and of those all is known by now.
    changes = changes.filter(pl.col("field") != "stage")
    people: dict[str, Any] = {"owners": known.owners, "time_zone": known.own.time_zone}
    made: dict[str, Any] = {"stages": known.stages, "moves": moves, **people}
    facts = deal_frame(
        deals, changes, currency=known.own.currency, rates=known.rates,
        lost_date_source=known.rules.lost_date_source, **made,
    )  # fmt: skip
    owned = deals.select("connection", "id", "owner_id")
    quotes = quote_frame(raw.quotes, owned, changes, **people)
    dealt = with_forecast(facts, raw.stage_forecasts).select(_SEEN)
    around = Around(
        deals=dealt, activities=active["activities"], met=active["met"], changes=then.changes,
        owners=known.owners, stages=known.stages, currency=known.own.currency, rates=known.rates,
        as_of=known.as_of,
    )  # fmt: skip
    return {
        "deals": dealt,
        "more": more_frames(raw.more, around),
        "moves": move_frame(owned, changes, **made).drop("before"),
        "date_moves": date_move_frame(facts, changes, known.own.time_zone),
        "handed": handed_frame(changes, **people),
        "quotes": quotes.filter(pl.col("at") <= known.moment),
        "partial": then.partial,
    }
