"""One case a rep: what the funnel was and is, and what each driver looks like now and before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from crm_loop.kpi.causes import FACTORS, Funnel
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.selection import counted, entries, lost_deals, slim, won_deals
from crm_loop.loop_records import RecordLines, RecordRef
from crm_loop.statistics import evidence

_DEAL = ["connection", "id"]
_LINE = pl.concat_str("connection", pl.lit("deal"), "id", separator="\t")
#: What is now, and what is before it, in days.
NOW, BEFORE = 90, 365
#: Conversions as their stages; the last one is judged on decided deals.
CONVERSIONS: Mapping[str, tuple[str, str]] = {
    "meeting_opp": ("S1", "S2"),
    "opp_proposal": ("S2", "S3"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Hits of cases now and before (of the rate: count and business days), and P(lower)."""

    now: tuple[float, float]
    before: tuple[float, float]
    p_lower: float | None
    records: Sequence[RecordRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A rep's running period against the own past; `scale` is what |parts| are measured on."""

    person: str
    baseline: Sequence[float] | None
    actual: Funnel
    scale: float
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    segments: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = field(
        default_factory=dict
    )


def conversions(frames: Frames, as_of: date) -> dict[str, dict[str, Comparison]]:
    """By factor and person: deals whose step was decided in the last quarter, and before it.

    A step is decided on the day a deal comes further or is lost: closed cases tell at once, where
    a cohort would have to grow old first.
    """
    name = f"conversions {as_of}"
    if name not in frames.chosen:
        frames.chosen[name] = _conversions(frames, as_of)
    found: dict[str, dict[str, Comparison]] = frames.chosen[name]
    return found


def _conversions(frames: Frames, as_of: date) -> dict[str, dict[str, Comparison]]:
    found = {}
    for factor, (stage, to) in CONVERSIONS.items():
        decided = _decided_steps(frames, as_of, stage, to)
        found[factor] = _compared(decided, "person", pl.col("ended_on"), pl.col("hit"), as_of)
    decided = _decided_proposals(frames, as_of)
    found["proposal_win"] = _compared(
        decided, "decided_person", pl.col("ended_on"), pl.col("won_then"), as_of
    )
    return found


def _decided_steps(frames: Frames, as_of: date, stage: str, to: str) -> pl.DataFrame:
    """Deals that came to a stage and then further, or were lost before they did."""
    further = entries(frames, at_least=to).select(*_DEAL, pl.col("on").alias("further_on"))
    lost = counted(lost_deals(slim(frames, "lost_on", "amount"))).select(*_DEAL, "lost_on")
    came = entries(frames, exactly=stage).select(*_DEAL, "on", "person")
    ended = pl.coalesce("further_on", "lost_on")
    return (
        came.join(further, on=_DEAL, how="left")
        .join(lost, on=_DEAL, how="left")
        .with_columns(ended.alias("ended_on"), pl.col("further_on").is_not_null().alias("hit"))
        .filter(
            pl.col("ended_on").is_between(as_of - timedelta(days=NOW + BEFORE - 1), as_of),
            pl.col("ended_on") >= pl.col("on"),
        )
    )


def _decided_proposals(frames: Frames, as_of: date) -> pl.DataFrame:
    """Deals that came to a proposal and were decided lately: won or not."""
    proposed = entries(frames, at_least="S3").select(*_DEAL).with_columns(seen=pl.lit(value=True))
    own = slim(frames, "account_id", "amount", "booked_on", "lost_on", "decided_person")
    both = pl.concat([counted(won_deals(own)), counted(lost_deals(own))])
    since = as_of - timedelta(days=NOW + BEFORE - 1)
    ended = both.with_columns(
        pl.coalesce("booked_on", "lost_on").alias("ended_on"),
        pl.col("booked_on").is_not_null().alias("won_then"),
    ).filter(pl.col("ended_on").is_between(since, as_of))
    return ended.join(proposed, on=_DEAL, how="semi")


def _compared(
    rows: pl.DataFrame, person: str, day: pl.Expr, hit: pl.Expr, last: date
) -> dict[str, Comparison]:
    recent = day > last - timedelta(days=NOW)
    grouped = (
        rows.drop_nulls(person)
        .sort(_DEAL)
        .group_by(person, maintain_order=True)
        .agg(
            (hit & recent).sum().cast(pl.Float64).alias("x"),
            recent.sum().cast(pl.Float64).alias("n"),
            (hit & ~recent).sum().cast(pl.Float64).alias("xh"),
            (~recent).sum().cast(pl.Float64).alias("nh"),
            _LINE.filter(recent).str.join("\n").alias("records"),
        )
    )
    if grouped.is_empty():
        return {}
    numbers = [grouped[name].to_numpy() for name in ("x", "n", "xh", "nh")]
    lower = evidence.shares_lower(*numbers)
    return {
        row[person]: Comparison(
            now=(row["x"], row["n"]),
            before=(row["xh"], row["nh"]),
            p_lower=float(p) if row["n"] and row["nh"] else None,
            records=RecordLines(row["records"]),
        )
        for row, p in zip(grouped.iter_rows(named=True), lower, strict=True)
    }


def sizes(frames: Frames, as_of: date) -> dict[str, Comparison]:
    """By person: sizes of deals won in the last quarter against those of the year before."""
    since = as_of - timedelta(days=NOW + BEFORE - 1)
    dated = pl.col("booked_on").is_between(since, as_of)
    won = counted(won_deals(frames, dated, pl.col("money").is_not_null()))
    recent = pl.col("booked_on") > as_of - timedelta(days=NOW)
    grouped = (
        won.drop_nulls("decided_person")
        .sort(_DEAL)
        .group_by("decided_person", maintain_order=True)
        .agg(
            pl.col("money").filter(recent).alias("now"),
            pl.col("money").filter(~recent).alias("before"),
            _LINE.filter(recent).str.join("\n").alias("records"),
        )
    )
    return {
        person: Comparison(
            now=(sum(now), len(now)),
            before=(sum(before), len(before)),
            p_lower=evidence.smaller(now, before),
            records=RecordLines(records),
        )
        for person, now, before, records in grouped.iter_rows()
    }


def segments(
    frames: Frames, as_of: date
) -> dict[str, dict[str, tuple[tuple[float, float], tuple[float, float]]]]:
    """By person: wins of decided deals with existing and new customers, before and now."""
    decided = _decided_proposals(frames, as_of)
    first = (
        won_deals(slim(frames, "account_id", "booked_on"))
        .drop_nulls("account_id")
        .group_by("connection", "account_id")
        .agg(pl.col("booked_on").min().alias("customer_since"))
    )
    known = decided.join(first, on=["connection", "account_id"], how="left")
    existing = (pl.col("customer_since") < pl.col("ended_on")).fill_null(value=False)
    recent = pl.col("ended_on") > as_of - timedelta(days=NOW)
    grouped = (
        known.drop_nulls("decided_person")
        .group_by(
            "decided_person",
            pl.when(existing).then(pl.lit("existing")).otherwise(pl.lit("new")).alias("segment"),
            recent.alias("recent"),
        )
        .agg(pl.col("won_then").sum().cast(pl.Float64).alias("x"), pl.len().alias("n"))
        .sort("decided_person", "segment", "recent")
    )
    found: dict[str, dict[str, dict[bool, tuple[float, float]]]] = {}
    for person, segment, is_recent, x, n in grouped.iter_rows():
        found.setdefault(person, {}).setdefault(segment, {})[is_recent] = (x, float(n))
    nothing = (0.0, 0.0)
    return {
        person: {name: (by.get(False, nothing), by.get(True, nothing)) for name, by in one.items()}
        for person, one in found.items()
    }


__all__ = ["FACTORS", "Case", "Comparison", "conversions", "segments", "sizes"]
