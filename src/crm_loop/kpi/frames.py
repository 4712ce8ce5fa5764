"""Frames of everything that KPIs are measured on, for all people at once.

Deals come with the facts that the measures share: the person who owned them when they were
decided and when they were qualified, the days of those events, and their stage in our words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement

from crm_loop.kpi.columns import ACTIVITIES, CHANGES, DEALS, TASKS
from crm_loop.loop_records import Member
from crm_loop.money import adds_up
from crm_loop.records import DealField, Subject
from crm_loop.store import State
from crm_loop.store.tables import crm

#: Stages in our words, in order; a deal is qualified from the second on.
CANONICAL = ("S1", "S2", "S3", "S4", "won")
QUALIFIED = ("S2", "S3", "S4", "won")

_DEAL = ["connection", "id"]


@dataclass(frozen=True, slots=True)
class Frames:
    """One row a live record; `person` is an e-mail or null. `tasks` are those still open."""

    deals: pl.DataFrame
    activities: pl.DataFrame
    tasks: pl.DataFrame


def read_frames(state: State, members: Sequence[Member], time_zone: str, currency: str) -> Frames:
    """Read what is needed in one transaction; days are those of the organisation's time zone."""
    owners = owner_frame(members)
    moved = crm.deal_change.c.field.in_((DealField.STAGE, DealField.OWNER))
    return Frames(
        deals=deal_frame(
            _frame(state, Subject.DEALS, DEALS),
            _frame(state, Subject.CHANGES, CHANGES, moved),
            owners=owners,
            stages=stage_frame(state.mapping.all()),
            time_zone=time_zone,
            currency=currency,
        ),
        activities=activity_frame(_frame(state, Subject.ACTIVITIES, ACTIVITIES), owners, time_zone),
        tasks=_frame(state, Subject.TASKS, TASKS, crm.task.c.is_closed.is_(False)),
    )


def _frame(
    state: State, subject: Subject, schema: Mapping[str, Any], *where: ColumnElement[bool]
) -> pl.DataFrame:
    live = state.crm.live(subject)
    query = live.where(*where).with_only_columns(*(live.selected_columns[name] for name in schema))
    rows = state.connection.execute(query).all()
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    values = dict(zip(schema, columns, strict=True))
    if "amount" in values:
        values["amount"] = [None if one is None else float(one) for one in values["amount"]]
    return pl.DataFrame(values, schema=dict(schema))


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
    for facts in (
        _last(moves, "won", "won_at"),
        _last(moves, "lost", "lost_at"),
        _first_qualified(moves),
        _last_advance(moves),
    ):
        deals = deals.join(facts, on=_DEAL, how="left")
    deals = _with_owners(deals, _owner_moves(changes), owners)
    return deals.with_columns(*_days(time_zone), *_money_columns(deals, currency)).sort(_DEAL)


def _stage_moves(deals: pl.DataFrame, changes: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Stages in our words, oldest first, with the one before; other edits repeat a stage."""
    moves = (
        _changes_of(changes, "stage")
        .rename({"value": "stage"})
        .join(deals.select(*_DEAL, "pipeline"), on=_DEAL)
        .join(stages, on=["connection", "pipeline", "stage"], how="left")
        .sort("at", "change_id")
    )
    return moves.with_columns(pl.col("canonical").shift(1).over(_DEAL).alias("before"))


def _owner_moves(changes: pl.DataFrame) -> pl.DataFrame:
    owned = _changes_of(changes, "owner").rename({"at": "owned_at"})
    return owned.sort("owned_at", "change_id").select(*_DEAL, "owned_at", "value")


def _changes_of(changes: pl.DataFrame, field: str) -> pl.DataFrame:
    of_field = changes.filter(pl.col("field") == field).drop("field")
    return of_field.rename({"id": "change_id"}).rename({"deal_id": "id"})


def _last(moves: pl.DataFrame, canonical: str, name: str) -> pl.DataFrame:
    """When a deal last came into a stage from another one."""
    came = pl.col("before").ne_missing(canonical)
    into = moves.filter(pl.col("canonical") == canonical, came)
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


def _with_owners(
    deals: pl.DataFrame, owner_moves: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    """Who owned each deal when it was decided and when it was qualified, and who does now."""
    # A deal counts as what it is now: an earlier win of a lost deal decides nothing.
    decided = pl.when("is_won").then("won_at").otherwise("lost_at")
    qualified = pl.coalesce("qualified_at", "created_at")
    deals = _owner_then(deals, owner_moves, decided, "decided")
    deals = _owner_then(deals, owner_moves, qualified, "qualified")
    for owner, person in (
        ("owner_id", "person"),
        ("decided_owner", "decided_person"),
        ("qualified_owner", "qualified_person"),
    ):
        named = owners.rename({"owner_id": owner, "person": person})
        deals = deals.join(named, on=["connection", owner], how="left")
    return deals


def _owner_then(
    deals: pl.DataFrame, owner_moves: pl.DataFrame, moment: pl.Expr, name: str
) -> pl.DataFrame:
    """The owner at a moment: the last change until then, else the present owner.

    The first owner of a deal that changed hands only later is unknown where the CRM keeps no
    more than changes; the present one stands in, and `…_owner_unknown` says so.
    """
    asked = deals.select(*_DEAL, moment.alias("moment")).drop_nulls("moment").sort("moment")
    found = asked.join_asof(
        owner_moves,
        left_on="moment",
        right_on="owned_at",
        by=_DEAL,
        strategy="backward",
        check_sortedness=False,
    ).select(*_DEAL, pl.col("value").alias(f"{name}_owner"))
    changed = owner_moves.select(_DEAL).unique().with_columns(pl.lit(value=True).alias("changed"))
    unknown = pl.col("changed").is_not_null() & pl.col(f"{name}_owner").is_null()
    return (
        deals.join(found, on=_DEAL, how="left")
        .join(changed, on=_DEAL, how="left")
        .with_columns(
            pl.coalesce(f"{name}_owner", "owner_id").alias(f"{name}_owner"),
            unknown.alias(f"{name}_owner_unknown"),
        )
        .drop("changed")
    )


def _days(time_zone: str) -> list[pl.Expr]:
    """A win counts on the earlier of close date and the day it was set to won."""

    def day(name: str) -> pl.Expr:
        return pl.col(name).dt.convert_time_zone(time_zone).dt.date()

    won_day = pl.min_horizontal("close_date", day("won_at"))
    lost_day = pl.coalesce(day("lost_at"), "close_date")
    created_qualified = pl.when(pl.col("canonical").is_in(QUALIFIED)).then(day("created_at"))
    return [
        pl.when(pl.col("is_won")).then(won_day).alias("booked_on"),
        pl.when(pl.col("is_closed") & ~pl.col("is_won")).then(lost_day).alias("lost_on"),
        pl.coalesce(day("qualified_at"), created_qualified).alias("qualified_on"),
        pl.coalesce(day("advanced_at"), day("created_at")).alias("advanced_on"),
        day("created_at").alias("created_on"),
    ]


def _money_columns(deals: pl.DataFrame, currency: str) -> list[pl.Expr]:
    """Money in the corporate currency; other currencies carry none while no rate is known."""
    foreign = [one for one in deals["currency"].unique() if not adds_up(one, currency)]
    known = ~pl.col("currency").is_in(foreign).fill_null(value=False)
    return [
        pl.when(known).then(pl.col("amount")).alias("money"),
        (pl.col("amount").is_not_null() & ~known).alias("missing_fx"),
        pl.col("amount").is_null().alias("missing_amount"),
    ]


def activity_frame(activities: pl.DataFrame, owners: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Activities with the doer and the local day."""
    day = pl.col("start").dt.convert_time_zone(time_zone).dt.date().alias("day")
    joined = activities.join(owners, on=["connection", "owner_id"], how="left")
    return joined.with_columns(day).sort(_DEAL)
