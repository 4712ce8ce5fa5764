"""What the open deals will bring: each one's chance to be won in the period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.backward import DEFAULT_LEAD_DAYS, LeadTimes, OpenDeal, win_in_time
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.cohorts import stage_cohort
from crm_loop.kpi.selection import entries, open_deals, slim, won_deals
from crm_loop.statistics import shrinkage

_DEAL = ["connection", "id"]
STAGES = ("S1", "S2", "S3", "S4")
#: From so many own wins on, a person's own lead times count instead of the team's.
OWN_WINS = 15
#: What is won from each stage on where nobody knows better.
_CONFIGURED = {
    "S1": 0.45 * 0.60 * 0.35,
    "S2": 0.60 * 0.35,
    "S3": 0.35,
    "S4": 0.55,
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """Chances to win by person and stage, lead times of team and people, and the open deals."""

    team: LeadTimes
    own: Mapping[str, LeadTimes]
    chances: Mapping[str, Mapping[str, float]]
    deals: Mapping[str, Sequence[OpenDeal]]

    def leads(self, person: str) -> LeadTimes:
        return self.own.get(person, self.team)

    def in_time(self, person: str, as_of: date, period_end: date) -> list[tuple[OpenDeal, float]]:
        """A person's open deals with the chance that they are won by the end of the period."""
        leads = self.leads(person)
        return [
            (deal, win_in_time(deal, leads, as_of=as_of, period_end=period_end))
            for deal in self.deals.get(person, ())
        ]


def outlook(frames: Frames, as_of: date) -> Outlook:
    """Everybody's open deals with what is known of deals like them."""
    days = lead_days(frames)
    team = {stage: days.filter(pl.col("canonical") == stage)["days"].to_list() for stage in STAGES}
    chances = {stage: stage_chances(frames, as_of, stage) for stage in STAGES}
    return Outlook(
        team=LeadTimes.of({s: team[s] or DEFAULT_LEAD_DAYS[s] for s in STAGES}),
        own=_own_leads(days, team),
        chances=chances,
        deals=_open(frames, as_of, chances),
    )


def lead_days(frames: Frames) -> pl.DataFrame:
    """Days from the first entry into each stage to the win, one row a won deal and stage.

    A deal that skipped a stage counts from its first entry into a later one.
    """
    won = won_deals(slim(frames, "booked_on", "decided_person")).select(
        *_DEAL, "booked_on", "decided_person"
    )
    parts = []
    for stage in STAGES:
        first = entries(frames, at_least=stage).select(*_DEAL, "on")
        parts.append(first.join(won, on=_DEAL).with_columns(pl.lit(stage).alias("canonical")))
    days = (pl.col("booked_on") - pl.col("on")).dt.total_days().alias("days")
    return pl.concat(parts).with_columns(days).filter(pl.col("days") >= 0)


def _own_leads(days: pl.DataFrame, team: Mapping[str, Sequence[float]]) -> dict[str, LeadTimes]:
    """Lead times of those with wins enough; stages with too few take the team's."""
    grouped = days.drop_nulls("decided_person").group_by("decided_person", "canonical").agg("days")
    own: dict[str, dict[str, Sequence[float]]] = {}
    for person, stage, found in grouped.filter(pl.col("days").list.len() >= OWN_WINS).iter_rows():
        own.setdefault(person, {})[stage] = found
    return {
        person: LeadTimes.of({s: known.get(s) or team[s] or DEFAULT_LEAD_DAYS[s] for s in STAGES})
        for person, known in sorted(own.items())
    }


def stage_chances(frames: Frames, as_of: date, stage: str) -> dict[str, float]:
    """Everybody's chance to win from a stage on, shrunk; the key "" is a newcomer's."""
    window = Period(as_of - timedelta(days=frames.rules.cohort_window - 1), as_of, "year")
    cohort = stage_cohort(frames, window, as_of, stage=stage, to="won").drop_nulls("person")
    counts = cohort.group_by("person").agg(pl.col("reached").sum(), pl.len().alias("n"))
    rows = counts.sort("person").rows()
    prior = shrinkage.fit(
        [hits for _, hits, _ in rows], [n for _, _, n in rows], elsewhere=_CONFIGURED[stage]
    )
    found = {person: shrinkage.shrunk(prior, hits, n) for person, hits, n in rows}
    return found | {"": prior.mu}


def _open(
    frames: Frames, as_of: date, chances: Mapping[str, Mapping[str, float]]
) -> dict[str, list[OpenDeal]]:
    since = frames.moves.group_by([*_DEAL, "canonical"]).agg(pl.col("on").min().alias("since"))
    deals = (
        open_deals(frames)
        .filter(pl.col("canonical").is_in(STAGES), pl.col("person").is_not_null())
        .join(since, on=[*_DEAL, "canonical"], how="left")
        .with_columns(
            (pl.lit(as_of) - pl.coalesce("since", "created_on")).dt.total_days().alias("age")
        )
        .select("person", "connection", "id", "money", "canonical", "age", "close_date")
    )
    found: dict[str, list[OpenDeal]] = {}
    for person, connection, id_, money, stage, age, close_date in deals.iter_rows():
        known = chances[stage]
        deal = OpenDeal(
            id=f"{connection}:{id_}",
            amount=money,
            stage=stage,
            age=max(0, age or 0),
            close_date=close_date,
            chance=known.get(person, known[""]),
        )
        found.setdefault(person, []).append(deal)
    return found
