"""Which open deals want attention: what is at stake times what speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from crm_loop.kpi.backward import OpenDeal
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.cohorts import stage_days
from crm_loop.kpi.pushes import collapsed, pushes
from crm_loop.kpi.selection import touched, with_contacts, with_steps
from crm_loop.loop_records import Form, Insight, RecordRef

RULE = "deal_risk"
MANY_PUSHES = 2
#: So many deals of a person are kept; the rest says nothing new.
KEPT = 5
_OLD = 0.80
#: A late stage needs more than one contact; so many flags make a topic.
_LATE = ("S3", "S4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """An open deal with flags; `stake` is its amount times the chance to win it in time."""

    deal: str
    amount: float
    stake: float
    flags: Sequence[str]


def ranked(risks: Sequence[Risk]) -> list[Risk]:
    """By stake times number of flags, then amount, then id; deals without a flag are left out."""
    flagged = [one for one in risks if one.flags]
    return sorted(flagged, key=lambda one: (-one.stake * len(one.flags), -one.amount, one.deal))


def flags_by_deal(frames: Frames, as_of: date) -> dict[str, list[str]]:
    """Flags of every open deal that has one, by connection:id."""
    age = _old(frames, as_of)
    marks = {
        "stale": touched(frames, as_of).filter("stale"),
        "pushed": _pushed(frames, as_of),
        "single_threaded": with_contacts(frames, as_of).filter(
            pl.col("canonical").is_in(_LATE), pl.col("contacts") <= 1
        )
        if len(frames.roles)
        else frames.deals.head(0),
        "no_next_step": with_steps(frames, as_of).filter(~pl.col("has_step")),
        "overdue": frames.deals.filter(~pl.col("is_closed"), pl.col("close_date") < as_of),
        "old": age,
    }
    found: dict[str, list[str]] = {}
    for flag, rows in marks.items():
        for connection, id_ in rows.select("connection", "id").iter_rows():
            found.setdefault(f"{connection}:{id_}", []).append(flag)
    return found


def _pushed(frames: Frames, as_of: date) -> pl.DataFrame:
    moved = pushes(collapsed(frames.date_moves)).filter(pl.col("on") <= as_of)
    many = moved.group_by("connection", "id").len().filter(pl.col("len") >= MANY_PUSHES)
    return frames.deals.filter(~pl.col("is_closed")).join(many, on=["connection", "id"], how="semi")


def _old(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals in their stage for longer than four of five that left it."""
    limits = (
        stage_days(frames)
        .group_by("canonical")
        .agg(pl.col("days").quantile(_OLD, interpolation="linear").alias("limit"))
    )
    since = frames.moves.group_by("connection", "id").agg(pl.col("on").last().alias("since"))
    there = frames.deals.filter(~pl.col("is_closed")).join(since, on=["connection", "id"])
    aged = there.join(limits, on="canonical")
    return aged.filter((pl.lit(as_of) - pl.col("since")).dt.total_days() > pl.col("limit"))


def risk_insights(
    person: str,
    chances: Sequence[tuple[OpenDeal, float]],
    flags: Mapping[str, Sequence[str]],
    as_of: date,
) -> list[Insight]:
    """A person's open deals with the most at stake, as facts."""
    risks = [
        Risk(
            deal=deal.id,
            amount=deal.amount or 0.0,
            stake=(deal.amount or 0.0) * chance,
            flags=flags.get(deal.id, ()),
        )
        for deal, chance in chances
    ]
    return [_insight(person, one, as_of) for one in ranked(risks)[:KEPT]]


def _insight(person: str, risk: Risk, as_of: date) -> Insight:
    connection, _, id_ = risk.deal.partition(":")
    return Insight(
        person=person,
        as_of=as_of,
        rule=RULE,
        driver=risk.deal,
        form=Form.STATED,
        contribution=risk.stake,
        facts={"amount": risk.amount, "flags": list(risk.flags)},
        records=(RecordRef(connection=connection, object="deal", id=id_),),
    )
