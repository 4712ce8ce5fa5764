"""Frames of everything that KPIs are measured on, for all people at once.

Deals come with the facts that the measures share: the person who owned them when they were
decided and when they were qualified, the days of those events, and their stage in our words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crm_loop.loop_records import Member
from crm_loop.records import Subject
from crm_loop.store import State

#: Stages in our words, in order; a deal is qualified from the second on.
CANONICAL = ("S1", "S2", "S3", "S4", "won")
QUALIFIED = ("S2", "S3", "S4", "won")

_DEAL = ["connection", "id"]


@dataclass(frozen=True, slots=True)
class Frames:
    """`deals`, `activities`, `tasks`: one row a live record; `person` is an e-mail or null."""

    deals: pl.DataFrame
    activities: pl.DataFrame
    tasks: pl.DataFrame


def read_frames(state: State, members: Sequence[Member], time_zone: str, currency: str) -> Frames:
    """Read what is needed in one transaction; days are those of the organisation's time zone."""
    owners = owner_frame(members)
    stages = stage_frame(state.mapping.all())
    changes = _frame(state, Subject.CHANGES)
    return Frames(
        deals=deal_frame(
            _frame(state, Subject.DEALS),
            changes,
            owners=owners,
            stages=stages,
            time_zone=time_zone,
            currency=currency,
        ),
        activities=activity_frame(_frame(state, Subject.ACTIVITIES), owners, time_zone),
        tasks=_frame(state, Subject.TASKS),
    )


def _frame(state: State, subject: Subject) -> pl.DataFrame:
    query = state.crm.live(subject)
    rows = state.connection.execute(query).all()
    columns = [column.name for column in query.selected_columns]
    schema = {name: _TYPES.get(name, pl.String) for name in columns}
    data: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    values = {
        name: _money(column) if name == "amount" else list(column)
        for name, column in zip(columns, data, strict=True)
    }
    return pl.DataFrame(values, schema=schema).drop("organisation", "removed_at")


def _money(column: Sequence[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in column]


_MOMENT = pl.Datetime("us", "UTC")
_TYPES: Mapping[str, Any] = {
    "is_closed": pl.Boolean,
    "is_won": pl.Boolean,
    "outbound": pl.Boolean,
    "amount": pl.Float64,
    "close_date": pl.Date,
    "due": pl.Date,
    "created_at": _MOMENT,
    "modified_at": _MOMENT,
    "completed_at": _MOMENT,
    "logged_at": _MOMENT,
    "start": _MOMENT,
    "at": _MOMENT,
    "removed_at": _MOMENT,
    "duration_seconds": pl.Int64,
    "external_attendees": pl.Int64,
}


def owner_frame(members: Sequence[Member]) -> pl.DataFrame:
    """CRM user to person, for the rows' owner ids."""
    rows = [
        (connection, user, member.person)
        for member in members
        for connection, user in member.accounts.items()
    ]
    schema = {"connection": pl.String, "owner_id": pl.String, "person": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def stage_frame(mapping: Mapping[tuple[str, str, str], str]) -> pl.DataFrame:
    """(connection, pipeline, stage) to the stage in our words."""
    rows = [(*key, canonical) for key, canonical in mapping.items()]
    schema = dict.fromkeys(("connection", "pipeline", "stage", "canonical"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def deal_frame(
    deals: pl.DataFrame,
    changes: pl.DataFrame,
    *,
    owners: pl.DataFrame,
    stages: pl.DataFrame,
    time_zone: str,
    currency: str,
) -> pl.DataFrame:
    """Deals with booking day, lost day, qualified day, last advance, owners then and now."""
    deals = deals.join(stages, on=["connection", "pipeline", "stage"], how="left")
    moves = _stage_moves(deals, changes, stages)
    owner_moves = _owner_moves(changes)
    deals = (
        deals.join(_last(moves, "won", "won_at"), on=_DEAL, how="left")
        .join(_last(moves, "lost", "lost_at"), on=_DEAL, how="left")
        .join(_first_qualified(moves), on=_DEAL, how="left")
        .join(_last_advance(moves), on=_DEAL, how="left")
    )
    decided = pl.coalesce("won_at", "lost_at")
    deals = _owner_then(deals, owner_moves, decided, "decided_owner")
    deals = _owner_then(deals, owner_moves, pl.col("qualified_at"), "qualified_owner")
    for column, person in (
        ("owner_id", "person"),
        ("decided_owner", "decided_person"),
        ("qualified_owner", "qualified_person"),
    ):
        named = owners.rename({"owner_id": column, "person": person})
        deals = deals.join(named, on=["connection", column], how="left")
    return deals.with_columns(*_days(time_zone), *_money_columns(currency)).sort(_DEAL)


def _stage_moves(deals: pl.DataFrame, changes: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Moves into stages, oldest first, with the stage in our words."""
    pipelines = deals.select("connection", pl.col("id").alias("deal_id"), "pipeline")
    return (
        changes.filter(pl.col("field") == "stage")
        .join(pipelines, on=["connection", "deal_id"])
        .rename({"value": "stage"})
        .drop("id")
        .rename({"deal_id": "id"})
        .join(stages, on=["connection", "pipeline", "stage"], how="left")
        .sort("at")
    )


def _owner_moves(changes: pl.DataFrame) -> pl.DataFrame:
    return (
        changes.filter(pl.col("field") == "owner")
        .select(
            "connection", pl.col("deal_id").alias("id"), pl.col("at").alias("owned_at"), "value"
        )
        .sort("owned_at")
    )


def _last(moves: pl.DataFrame, canonical: str, name: str) -> pl.DataFrame:
    into = moves.filter(pl.col("canonical") == canonical)
    return into.group_by(_DEAL).agg(pl.col("at").max().alias(name))


def _first_qualified(moves: pl.DataFrame) -> pl.DataFrame:
    into = moves.filter(pl.col("canonical").is_in(QUALIFIED))
    return into.group_by(_DEAL).agg(pl.col("at").min().alias("qualified_at"))


def _last_advance(moves: pl.DataFrame) -> pl.DataFrame:
    """When a deal last moved forward."""
    rank = pl.col("canonical").replace_strict(
        dict(zip(CANONICAL, range(len(CANONICAL)), strict=True)),
        default=None,
        return_dtype=pl.Int64,
    )
    ranked = moves.with_columns(rank.alias("rank")).drop_nulls("rank")
    before = pl.col("rank").shift(1).over(_DEAL)
    ahead = ranked.filter((pl.col("rank") > before) | before.is_null())
    return ahead.group_by(_DEAL).agg(pl.col("at").max().alias("advanced_at"))


def _owner_then(
    deals: pl.DataFrame, owner_moves: pl.DataFrame, moment: pl.Expr, name: str
) -> pl.DataFrame:
    """The owner at a moment: the last change before it, else the present owner."""
    asked = deals.select(*_DEAL, moment.alias("moment")).drop_nulls("moment").sort("moment")
    found = asked.join_asof(
        owner_moves,
        left_on="moment",
        right_on="owned_at",
        by=_DEAL,
        strategy="backward",
        check_sortedness=False,
    ).select(*_DEAL, pl.col("value").alias(name))
    joined = deals.join(found, on=_DEAL, how="left")
    return joined.with_columns(pl.coalesce(name, "owner_id").alias(name))


def _days(time_zone: str) -> list[pl.Expr]:
    """A win counts on the earlier of close date and the day it was set to won."""

    def day(name: str) -> pl.Expr:
        return pl.col(name).dt.convert_time_zone(time_zone).dt.date()

    won_day = pl.min_horizontal(pl.col("close_date"), day("won_at"))
    lost_day = pl.coalesce(day("lost_at"), pl.col("close_date"))
    created_qualified = pl.when(pl.col("canonical").is_in(QUALIFIED)).then(day("created_at"))
    return [
        pl.when(pl.col("is_won")).then(won_day).alias("booked_on"),
        pl.when(pl.col("is_closed") & ~pl.col("is_won")).then(lost_day).alias("lost_on"),
        pl.coalesce(day("qualified_at"), created_qualified).alias("qualified_on"),
        pl.coalesce(day("advanced_at"), day("created_at")).alias("advanced_on"),
        day("created_at").alias("created_on"),
    ]


def _money_columns(currency: str) -> list[pl.Expr]:
    """Money in the corporate currency; other currencies carry none while no rate is known."""
    known = pl.col("currency").is_null() | (pl.col("currency") == currency)
    foreign = pl.col("amount").is_not_null() & ~known
    return [
        pl.when(known).then(pl.col("amount")).alias("money"),
        foreign.alias("missing_fx"),
        pl.col("amount").is_null().alias("missing_amount"),
    ]


def activity_frame(activities: pl.DataFrame, owners: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Activities with the doer and the local day."""
    day = pl.col("start").dt.convert_time_zone(time_zone).dt.date().alias("day")
    joined = activities.join(owners, on=["connection", "owner_id"], how="left")
    return joined.with_columns(day).sort(_DEAL)
