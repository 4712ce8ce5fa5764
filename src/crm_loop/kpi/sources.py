"""What the measures read of the store: the one place that knows where each column comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import ColumnElement, String, type_coerce

from crm_loop.kpi.columns import ACTIVITIES, CHANGES, DEALS, LEADS, ROLES, TASKS, empty
from crm_loop.kpi.facts import (
    Rates,
    activity_frame,
    date_move_frame,
    deal_frame,
    move_frame,
    owner_frame,
    stage_frame,
)
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.rewinding import rewound
from crm_loop.kpi.rules import Rules
from crm_loop.loop_records import Member
from crm_loop.money import plan_rates
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.connections import Organisation
from crm_loop.store.tables import crm
from crm_loop.store.tables.columns import MONEY_SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Records as they were pulled, before anything is made of them."""

    deals: pl.DataFrame
    changes: pl.DataFrame
    activities: pl.DataFrame
    tasks: pl.DataFrame
    leads: pl.DataFrame
    roles: pl.DataFrame
    stages: Mapping[tuple[str, str, str], str]
    rates: Rates


def read(state: State) -> Raw:
    """Read everything in one transaction.

    Leads, contact roles and rates are pulled but not read here yet: they come empty, and what is
    measured on them says no data.
    """
    return Raw(
        deals=_frame(state, Subject.DEALS, DEALS),
        changes=_frame(state, Subject.CHANGES, CHANGES),
        # A message that was logged as a to-do as well counts once, for whom the to-do is.
        activities=_frame(state, Subject.ACTIVITIES, ACTIVITIES, crm.activity.c.same_as.is_(None)),
        tasks=_frame(state, Subject.TASKS, TASKS, crm.task.c.is_closed.is_(False)),
        leads=empty(LEADS),
        roles=empty(ROLES),
        stages=state.mapping.all(),
        # Until rates are read a foreign amount carries no money.
        rates=plan_rates({}),
    )


def frames_of(
    raw: Raw,
    members: Sequence[Member],
    own: Organisation,
    *,
    as_of: date,
    rules: Rules | None = None,
) -> Frames:
    """Frames as of the end of a day in the organisation's time zone."""
    owners, stages = owner_frame(members), stage_frame(raw.stages)
    deals, changes = rewound(raw.deals, raw.changes, stages, end_of(as_of, own.time_zone))
    known: dict[str, Any] = {"owners": owners, "stages": stages, "time_zone": own.time_zone}
    facts = deal_frame(deals, changes, currency=own.currency, rates=raw.rates, **known)
    return Frames(
        deals=facts,
        activities=activity_frame(raw.activities, owners, own.time_zone),
        tasks=raw.tasks,
        moves=move_frame(deals, changes, **known),
        date_moves=date_move_frame(facts, changes, own.time_zone),
        leads=raw.leads.join(owners, on=["connection", "owner_id"], how="left"),
        roles=raw.roles,
        rules=rules or Rules(time_zone=own.time_zone),
    )


def end_of(day: date, time_zone: str) -> datetime:
    """The last moment of a local day."""
    after = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))
    return (after - timedelta(microseconds=1)).astimezone(UTC)


#: Rows that are Python objects at one time; the rest is columns.
_CHUNK = 50_000


def _frame(
    state: State, subject: Subject, schema: Mapping[str, Any], *where: ColumnElement[bool]
) -> pl.DataFrame:
    """Live rows as columns, chunk by chunk; the driver's own values, typed by whole columns."""
    live = state.crm.live(subject)
    plain = (type_coerce(live.selected_columns[name], String()).label(name) for name in schema)
    query = live.where(*where).with_only_columns(*plain)
    streamed = state.connection.execute(query, execution_options={"yield_per": _CHUNK})
    chunks = [
        _columns(dict(zip(schema, zip(*rows, strict=True), strict=True)), schema)
        for rows in streamed.partitions()
    ]
    return pl.concat(chunks) if chunks else empty(schema)


def _columns(values: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([_column(name, values[name], kind) for name, kind in schema.items()])


def _column(name: str, values: Sequence[Any], kind: Any) -> pl.Series:
    """SQLite gives text where PostgreSQL gives days and moments."""
    raw = pl.Series(name, values, strict=False)
    if name == "amount":
        return raw.cast(pl.Float64) / MONEY_SCALE
    if kind == pl.Date and raw.dtype == pl.String:
        return raw.str.to_date("%Y-%m-%d")
    if isinstance(kind, pl.Datetime) and raw.dtype == pl.String:
        return raw.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone(
            "UTC"
        )
    return raw.cast(kind)
