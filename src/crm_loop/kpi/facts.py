"""Facts of deals and activities that the measures share; pure, frames in and frames out.

Deals come with the person who owned them when they were decided and when they were qualified,
the local days of those events, and their stage in our words.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from crm_loop.kpi.columns import WORD, table
from crm_loop.kpi.rules import CANONICAL, RANK
from crm_loop.loop_records import Member
from crm_loop.money import adds_up

QUALIFIED = ("S2", "S3", "S4", "won")
#: Units of a currency for one of the corporate currency, by code in upper case.
Rates = Mapping[str, float]
#: CRM user to person.
OWNERS = {"connection": WORD, "owner_id": pl.String, "person": WORD}
STAGES = {"connection": WORD, "pipeline": pl.String, "stage": pl.String, "canonical": WORD}

_DEAL = ["connection", "id"]


def owner_frame(members: Sequence[Member]) -> pl.DataFrame:
    """CRM user to person, for the rows' owner ids."""
    rows = (
        {"connection": connection, "owner_id": user, "person": member.person}
        for member in members
        for connection, user in member.accounts.items()
    )
    return table(rows, OWNERS)


def stage_frame(mapping: Mapping[tuple[str, str, str], str]) -> pl.DataFrame:
    """(connection, pipeline, stage) to the stage in our words."""
    rows = (dict(zip(STAGES, (*key, one), strict=True)) for key, one in mapping.items())
    return table(rows, STAGES)


def deal_frame(
    deals: pl.DataFrame,
    changes: pl.DataFrame,
    *,
    owners: pl.DataFrame,
    stages: pl.DataFrame,
    time_zone: str,
    currency: str,
    rates: Rates | Mapping[str, Rates] | None = None,
    moves: pl.DataFrame | None = None,
    lost_date_source: str = "stage",
) -> pl.DataFrame:
    """Live deals with booking, lost and qualified day, last advance, owners then and now.

    `rates` are those of everybody, or of each connection; `moves` the stage moves where somebody
    has made them already; `lost_date_source` is that of the counting rules.
    """
    whole = ordered(deals)
    moves = stage_moves(whole, changes, stages) if moves is None else moves
    # Each step copies what it works on: the columns that it does not need wait.
    narrow = whole.select("nth", *_DEAL, *_JOINED)
    narrow = _left(narrow, stages, ["connection", "pipeline", "stage"]).drop("pipeline", "stage")
    for facts in (
        _last(moves, "won", "won_at"),
        _last(moves, "lost", "lost_at"),
        _first_qualified(moves),
        _last_advance(moves),
    ):
        narrow = _left(narrow, facts, ["nth"])
    narrow = _with_owners(narrow, owner_moves(changes), owners)
    days = _days(time_zone, lost_date_source)
    narrow = narrow.with_columns(*days, *money_columns(narrow, currency, rates or {}))
    return whole.drop("nth").hstack(narrow.drop(set(narrow.columns) & set(whole.columns)))


#: What facts are made of.
_JOINED = (
    "pipeline", "stage", "owner_id", "is_won", "is_closed", "amount", "currency", "close_date",
    "created_at",
)  # fmt: skip


def _left(rows: pl.DataFrame, known: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return rows.join(known, on=on, how="left", maintain_order="left")


def ordered(deals: pl.DataFrame) -> pl.DataFrame:
    """Live deals by id, each with its number."""
    if "nth" in deals.columns:
        return deals
    return _live(deals).sort(_DEAL).with_row_index("nth")


def _live(deals: pl.DataFrame) -> pl.DataFrame:
    """What was deleted or merged into another counts nowhere."""
    if "removed_at" not in deals.columns:
        return deals
    return deals.filter(pl.col("removed_at").is_null()).drop("removed_at")


def stage_moves(deals: pl.DataFrame, changes: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Stages in our words, deal by deal, oldest first, with the one before; edits repeat a stage.

    `nth` numbers the deals: whole numbers are compared many times as fast as ids.
    """
    numbered = ordered(deals).select("nth", *_DEAL, "pipeline")
    moves = (
        changes_of(changes, "stage")
        .rename({"value": "stage"})
        .join(numbered, on=_DEAL)
        .join(stages, on=["connection", "pipeline", "stage"], how="left")
        .sort("nth", "at", "change_id")
    )
    known = moves.with_columns(_before("canonical").alias("before"))
    return known.select("nth", *_DEAL, "at", "canonical", "before")


def _before(column: str) -> pl.Expr:
    """What the row before has, where it is of the same deal."""
    same = pl.col("nth") == pl.col("nth").shift(1)
    return pl.when(same).then(pl.col(column).shift(1))


def owner_moves(changes: pl.DataFrame) -> pl.DataFrame:
    """Owners that deals came to, by moment; of several at one moment the last one counts."""
    owned, key = changes_of(changes, "owner").sort("at", "change_id"), [*_DEAL, "at"]
    once = owned.unique(key, keep="last", maintain_order=True).rename({"at": "owned_at"})
    return once.select(*_DEAL, "owned_at", "value")


def changes_of(changes: pl.DataFrame, field: str) -> pl.DataFrame:
    return changes.filter(field=field).drop("field").rename({"id": "change_id", "deal_id": "id"})


def _last(moves: pl.DataFrame, canonical: str, name: str) -> pl.DataFrame:
    """When a deal last came into a stage from another one."""
    came = pl.col("before").ne_missing(canonical)
    into = moves.filter(pl.col("canonical") == canonical, came)
    return into.group_by("nth").agg(pl.col("at").max().alias(name))


def _first_qualified(moves: pl.DataFrame) -> pl.DataFrame:
    into = moves.filter(pl.col("canonical").is_in(QUALIFIED))
    return into.group_by("nth").agg(pl.col("at").min().alias("qualified_at"))


def _last_advance(moves: pl.DataFrame) -> pl.DataFrame:
    """When a deal last moved forward."""
    ranks = {name: RANK[name] for name in CANONICAL}
    rank = pl.col("canonical").replace_strict(ranks, default=None, return_dtype=pl.Int64)
    ranked = moves.with_columns(rank.alias("rank")).drop_nulls("rank")
    before = _before("rank")
    ahead = ranked.filter((pl.col("rank") > before) | before.is_null())
    return ahead.group_by("nth").agg(pl.col("at").max().alias("advanced_at"))


def _with_owners(deals: pl.DataFrame, moved: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Who owned each deal when it was decided and when it was qualified, and who does now."""
    # A deal counts as what it is now: an earlier win of a lost deal decides nothing.
    decided = pl.when("is_won").then("won_at").otherwise("lost_at")
    qualified = pl.coalesce("qualified_at", "created_at")
    deals = _owner_then(deals, moved, decided, "decided")
    deals = _owner_then(deals, moved, qualified, "qualified")
    for then in ("", "decided_", "qualified_"):
        owner = f"{then}owner" if then else "owner_id"
        named = owners.rename({"owner_id": owner, "person": f"{then}person"})
        deals = _left(deals, named, ["connection", owner])
    return deals


def _owner_then(
    deals: pl.DataFrame, moved: pl.DataFrame, moment: pl.Expr, name: str
) -> pl.DataFrame:
    """The owner at a moment: the last change until then, else the present owner.

    The first owner of a deal that changed hands only later is unknown where the CRM keeps no
    more than changes; the present one stands in, and `…_owner_unknown` says so.
    """
    asked = deals.select(*_DEAL, moment.alias("moment")).drop_nulls("moment").sort("moment")
    found = asked.join_asof(
        moved,
        left_on="moment",
        right_on="owned_at",
        by=_DEAL,
        strategy="backward",
        check_sortedness=False,
    ).select(*_DEAL, pl.col("value").alias(f"{name}_owner"))
    changed = moved.select(_DEAL).unique().with_columns(pl.lit(value=True).alias("changed"))
    unknown = pl.col("changed").is_not_null() & pl.col(f"{name}_owner").is_null()
    return (
        _left(_left(deals, found, _DEAL), changed, _DEAL)
        .with_columns(
            pl.coalesce(f"{name}_owner", "owner_id").alias(f"{name}_owner"),
            unknown.alias(f"{name}_owner_unknown"),
        )
        .drop("changed")
    )


def _days(time_zone: str, lost_date_source: str) -> list[pl.Expr]:
    """A win counts on the earlier of close date and the day it was set to won."""

    def day(name: str) -> pl.Expr:
        return local_day(name, time_zone)

    won_day = pl.min_horizontal("close_date", day("won_at"))
    sources = (day("lost_at"), pl.col("close_date"))
    lost_day = pl.coalesce(sources if lost_date_source == "stage" else sources[::-1])
    created_qualified = pl.when(pl.col("canonical").is_in(QUALIFIED)).then(day("created_at"))
    return [
        pl.when(pl.col("is_won")).then(won_day).alias("booked_on"),
        pl.when(pl.col("is_closed") & ~pl.col("is_won")).then(lost_day).alias("lost_on"),
        pl.coalesce(day("qualified_at"), created_qualified).alias("qualified_on"),
        pl.coalesce(day("advanced_at"), day("created_at")).alias("advanced_on"),
        day("created_at").alias("created_on"),
    ]


def money_columns(
    deals: pl.DataFrame, currency: str, rates: Rates | Mapping[str, Rates]
) -> list[pl.Expr]:
    """Money in the corporate currency at the plan's rates; without a rate there is none."""
    found = pl.lit(None, dtype=pl.Float64)
    used = deals.select("connection", "currency").unique().drop_nulls()
    for connection, code in used.sort("connection", "currency").iter_rows():
        known = rates.get(connection, rates)
        of_connection = known if isinstance(known, Mapping) else rates
        units = 1.0 if adds_up(code, currency) else of_connection.get(code.upper())
        if isinstance(units, float) and units > 0:
            here = (pl.col("connection") == connection) & (pl.col("currency") == code)
            found = pl.when(here).then(units).otherwise(found)
    rate = pl.when(pl.col("currency").is_null()).then(1.0).otherwise(found)
    return [
        (pl.col("amount") / rate).alias("money"),
        (pl.col("amount").is_not_null() & rate.is_null()).alias("missing_fx"),
        pl.col("amount").is_null().alias("missing_amount"),
    ]


def with_day(rows: pl.DataFrame, moment: str, time_zone: str, *, name: str) -> pl.DataFrame:
    """Rows with the local day of a moment."""
    return rows.with_columns(local_day(moment, time_zone).alias(name))


def activity_frame(activities: pl.DataFrame, owners: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Activities with the doer and the local day."""
    joined = activities.join(owners, on=["connection", "owner_id"], how="left")
    return with_day(joined, "start", time_zone, name="day")


def move_frame(
    deals: pl.DataFrame,
    changes: pl.DataFrame,
    *,
    owners: pl.DataFrame,
    stages: pl.DataFrame,
    time_zone: str,
    moves: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Each time a deal came into another stage, with whoever owned it then; oldest first."""
    staged = stage_moves(deals, changes, stages) if moves is None else moves
    moved = staged.filter(
        pl.col("canonical").is_not_null(), pl.col("canonical").ne_missing(pl.col("before"))
    )
    # Deal by deal they are in order already.
    owned = moved.select(*_DEAL, "at", "canonical", "before").sort("at", maintain_order=True)
    owner = owned.join_asof(
        owner_moves(changes),
        left_on="at",
        right_on="owned_at",
        by=_DEAL,
        strategy="backward",
        check_sortedness=False,
    ).join(deals.select(*_DEAL, "owner_id"), on=_DEAL, how="left")
    named = owner.with_columns(pl.coalesce("value", "owner_id").alias("owner_id"))
    return (
        named.join(owners, on=["connection", "owner_id"], how="left")
        .with_columns(local_day("at", time_zone).alias("on"))
        .select(*_DEAL, "at", "on", "canonical", "before", "person")
    )


def date_move_frame(deals: pl.DataFrame, changes: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Changes of close dates, oldest first, each with the date before; for the present owner."""
    moved = (
        changes_of(changes, "close_date")
        .sort("at", "change_id")
        .with_columns(pl.col("value").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
        .with_columns(pl.col("value").shift(1).over(_DEAL).alias("old"))
        .rename({"value": "new"})
    )
    known = moved.join(deals.select(*_DEAL, "created_at", "person"), on=_DEAL)
    dated = known.with_columns(local_day("at", time_zone).alias("on"))
    return dated.select(*_DEAL, "at", "on", "old", "new", "created_at", "person")


def local_day(name: str, time_zone: str) -> pl.Expr:
    return pl.col(name).dt.convert_time_zone(time_zone).dt.date()
