"""How the pipeline stood on a day, and what made the difference between two days."""

import io
from collections.abc import Sequence
from datetime import date

import polars as pl

from crm_loop.kpi.columns import WORD
from crm_loop.kpi.frames import Frames

_DEAL = ["connection", "id"]
#: What a night keeps of a deal; money in whole ten-thousandths, so that sums are exact.
COLUMNS = [*_DEAL, "person", "state", "units", "close_date"]
SCALE = 10_000
#: The parts of the difference, in the order in which they are told.
PARTS = (
    "new",
    "won",
    "lost",
    "pushed",
    "pulled_in",
    "value_changed",
    "owner_changed",
    "reopened",
    "removed",
)
OPEN, WON, LOST = "open", "won", "lost"


def pipeline_of(frames: Frames) -> pl.DataFrame:
    """Every deal's state, money, close date and owner as the frames have them."""
    state = (
        pl.when(~pl.col("is_closed"))
        .then(pl.lit(OPEN))
        .when(pl.col("is_won"))
        .then(pl.lit(WON))
        .otherwise(pl.lit(LOST))
    )
    units = (pl.col("money").fill_null(0.0) * SCALE).round().cast(pl.Int64)
    made = frames.deals.with_columns(state.alias("state"), units.alias("units"))
    return made.select(COLUMNS).sort(_DEAL)


def changed_since(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Rows of `now` that were not the same before, and a row of nulls for each that is gone."""
    same = now.join(before, on=COLUMNS, how="semi", nulls_equal=True)
    moved = now.join(same.select(_DEAL), on=_DEAL, how="anti")
    gone = before.join(now, on=_DEAL, how="anti").select(
        *_DEAL, *(pl.lit(None, dtype=before.schema[name]).alias(name) for name in COLUMNS[2:])
    )
    return pl.concat([moved, gone])


def applied(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """A whole pipeline with later changes put on it, oldest first."""
    last = pl.concat(parts).unique(_DEAL, keep="last", maintain_order=True)
    return last.filter(pl.col("state").is_not_null()).sort(_DEAL)


def packed(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def unpacked(data: bytes) -> pl.DataFrame:
    # Earlier releases kept connections and people as text.
    return pl.read_ipc(io.BytesIO(data)).with_columns(pl.col("connection", "person").cast(WORD))


def waterfall(
    before: pl.DataFrame, now: pl.DataFrame, *, horizon: date | None = None
) -> pl.DataFrame:
    """One row for each thing that moved the open money: person, part, units and the deal.

    `horizon`: only deals due by that day are the pipeline, so that pushing one out shows; a deal
    without a close date is then outside. Parts sum exactly to the difference, by person too.
    """
    both = before.join(now, on=_DEAL, how="full", coalesce=True, suffix="_now")
    was, is_ = _inside("", horizon), _inside("_now", horizon)
    known = both.with_columns(
        was.alias("was"),
        is_.alias("is"),
        pl.when(was).then("units").otherwise(0).alias("from"),
        pl.when(is_).then("units_now").otherwise(0).alias("to"),
    ).filter(pl.col("was") | pl.col("is"))
    stays = pl.col("was") & pl.col("is")
    same_owner = pl.col("person").eq_missing(pl.col("person_now"))
    came, left = known.filter(~pl.col("was")), known.filter(~pl.col("is"))
    handed = known.filter(stays & ~same_owner)
    rows = [
        _row(came, _coming(), "person_now", pl.col("to")),
        _row(left, _leaving(), "person", -pl.col("from")),
        _row(
            known.filter(stays),
            pl.lit("value_changed"),
            "person_now",
            pl.col("to") - pl.col("from"),
        ),
        _row(handed, pl.lit("owner_changed"), "person", -pl.col("from")),
        _row(handed, pl.lit("owner_changed"), "person_now", pl.col("from")),
    ]
    return pl.concat(rows).filter(pl.col("units") != 0).sort("person", "part", *_DEAL)


def moved_dates(before: pl.DataFrame, now: pl.DataFrame) -> dict[str, int]:
    """Units of deals open on both days that are due in another month now, pushed and pulled in."""
    both = before.join(now, on=_DEAL, suffix="_now").filter(
        pl.col("state") == OPEN, pl.col("state_now") == OPEN
    )
    was, is_ = (pl.col(name).dt.truncate("1mo") for name in ("close_date", "close_date_now"))
    return {
        "pushed": int(both.filter(is_ > was)["units_now"].sum()),
        "pulled_in": int(both.filter(is_ < was)["units_now"].sum()),
    }


def _inside(suffix: str, horizon: date | None) -> pl.Expr:
    open_ = pl.col(f"state{suffix}").eq_missing(pl.lit(OPEN))
    if horizon is None:
        return open_
    return open_ & (pl.col(f"close_date{suffix}") <= horizon).fill_null(value=False)


def _coming() -> pl.Expr:
    """Why a deal is inside now: it is new, it came back, or its date was pulled in."""
    return (
        pl.when(pl.col("state").is_null())
        .then(pl.lit("new"))
        .when(pl.col("state") != OPEN)
        .then(pl.lit("reopened"))
        .otherwise(pl.lit("pulled_in"))
    )


def _leaving() -> pl.Expr:
    return (
        pl.when(pl.col("state_now").is_null())
        .then(pl.lit("removed"))
        .when(pl.col("state_now") == WON)
        .then(pl.lit("won"))
        .when(pl.col("state_now") == LOST)
        .then(pl.lit("lost"))
        .otherwise(pl.lit("pushed"))
    )


def _row(rows: pl.DataFrame, part: pl.Expr, person: str, units: pl.Expr) -> pl.DataFrame:
    return rows.select(
        pl.col(person).alias("person"),
        part.alias("part"),
        units.cast(pl.Int64).alias("units"),
        *_DEAL,
    )


def open_units(pipeline: pl.DataFrame, *, horizon: date | None = None) -> int:
    """Open money of a pipeline, in ten-thousandths."""
    return int(pipeline.filter(_inside("", horizon))["units"].sum())
