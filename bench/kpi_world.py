"""Made-up teams with known truth, straight as frames: what the studies are judged on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, MOVES, TASKS, empty
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Member, Role, Target
from crm_loop.store.connections import Organisation

START, AS_OF = date(2025, 1, 1), date(2026, 6, 30)
QUARTER = (date(2026, 4, 1), date(2026, 6, 30))
#: Shares of meetings that become deals, of deals that come to a proposal, of proposals won.
RATES = {"meeting_opp": 0.5, "opp_proposal": 0.6, "proposal_win": 0.35}
_STAGES = {"meeting_opp": "S2", "opp_proposal": "S3", "proposal_win": "won"}
#: Mean days to each decision.
_LAGS = {"meeting_opp": 7.0, "opp_proposal": 10.0, "proposal_win": 14.0}
_SIZE, _SPREAD = 1_500_000.0, 0.5
#: How alike reps are, in cases.
_ALIKE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A team: reps, first meetings a rep and quarter, and what is halved for whom from when."""

    seed: int
    reps: int = 10
    meetings: float = 90.0
    halved: Mapping[str, str] = field(default_factory=dict)


def setting_of(recipe: Recipe) -> Setting:
    """The team's world as of the end of a quarter."""
    random = np.random.default_rng(recipe.seed)
    people = [f"rep{n:02d}@example.com" for n in range(recipe.reps)]
    parts = [_rep(random, person, recipe) for person in people]
    frames = Frames(
        deals=_typed([p[0] for p in parts], DEAL_FACTS),
        moves=_typed([p[1] for p in parts], MOVES).sort("at"),
        activities=_typed([p[2] for p in parts], ACTIVITY_FACTS),
        tasks=empty(TASKS),
    )
    return Setting(
        organisation=Organisation(name="study", profile="full"),
        reps=[_member(person) for person in people],
        frames=frames,
        as_of=AS_OF,
        targets={(person, "bookings"): _target(person, recipe) for person in people},
        unusable={},
        before={},
    )


def _typed(parts: Sequence[pl.DataFrame], schema: Mapping[str, Any]) -> pl.DataFrame:
    whole = pl.concat(parts)
    missing = [pl.lit(None).cast(kind).alias(n) for n, kind in schema.items() if n not in whole]
    return whole.with_columns(missing).select(
        pl.col(name).cast(kind) for name, kind in schema.items()
    )


def _member(person: str) -> Member:
    return Member(
        person=person, name=person, family_name=person, role=Role.AE, manager="boss@example.com",
        language="ja", country="JP", time_zone="Asia/Tokyo", accounts={"crm": person},
    )  # fmt: skip


def _target(person: str, recipe: Recipe) -> Target:
    value = recipe.meetings * np.prod(list(RATES.values())) * _SIZE
    return Target(
        person=person, kpi="bookings", period_start=QUARTER[0], period_end=QUARTER[1],
        value=float(value), set_by="company", source="crm",
    )  # fmt: skip


def _rep(
    random: np.random.Generator, person: str, recipe: Recipe
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    days = (AS_OF - START).days + 1
    count = random.poisson(recipe.meetings * days / 91)
    met = np.sort(random.integers(0, days, count))
    at, alive = met.copy(), np.ones(count, dtype=bool)
    moves = [_moves(person, np.arange(count), met, "S1", "")]
    ended = np.full(count, -1)
    before = "S1"
    for name, rate in RATES.items():
        own = random.beta(rate * _ALIKE, (1 - rate) * _ALIKE)
        at = at + 1 + random.exponential(_LAGS[name], count).astype(int)
        late = (at >= (QUARTER[0] - START).days) & (recipe.halved.get(person) == name)
        passed = alive & (random.random(count) < np.where(late, own / 2, own))
        seen = at < days
        moves.append(
            _moves(person, np.flatnonzero(passed & seen), at[passed & seen], _STAGES[name], before)
        )
        out = alive & ~passed & seen
        moves.append(_moves(person, np.flatnonzero(out), at[out], "lost", before))
        ended[out | (passed & seen & (name == "proposal_win"))] = at[
            out | (passed & seen & (name == "proposal_win"))
        ]
        alive, before = passed, _STAGES[name]
    history = pl.concat([one for one in moves if len(one)])
    sizes = np.exp(random.normal(np.log(_SIZE) - _SPREAD**2 / 2, _SPREAD, count))
    return _deals(person, met, sizes, history), history, _meetings(person, met)


def _moves(
    person: str, deals: np.ndarray, days: np.ndarray, stage: str, before: str
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "connection": ["crm"] * len(deals),
            "id": [f"{person[:5]}d{n}" for n in deals],
            "at": [_moment(int(day), len(stage)) for day in days],
            "on": [START + timedelta(days=int(day)) for day in days],
            "canonical": [stage] * len(deals),
            "before": [before or None] * len(deals),
            "person": [person] * len(deals),
        },
        schema={name: MOVES[name] for name in MOVES},
    )


def _moment(day: int, hour: int) -> datetime:
    return datetime.combine(START + timedelta(days=day), datetime.min.time(), UTC) + timedelta(
        hours=hour
    )


def _deals(person: str, met: np.ndarray, sizes: np.ndarray, history: pl.DataFrame) -> pl.DataFrame:
    last = (
        history.sort("at", maintain_order=True)
        .group_by("id")
        .agg(
            pl.col("canonical").last(),
            pl.col("on").filter(pl.col("canonical") == "won").last().alias("booked_on"),
            pl.col("on").filter(pl.col("canonical") == "lost").last().alias("lost_on"),
            pl.col("on")
            .filter(pl.col("canonical").is_in(["S2", "S3", "won"]))
            .first()
            .alias("qualified_on"),
            pl.col("on").last().alias("advanced_on"),
        )
    )
    made = pl.DataFrame(
        {
            "id": [f"{person[:5]}d{n}" for n in range(len(met))],
            "created_on": [START + timedelta(days=int(day)) for day in met],
            "money": np.round(sizes),
        }
    ).join(last, on="id", how="left")
    ended = pl.coalesce("booked_on", "lost_on").is_not_null()
    return made.with_columns(
        pl.lit("crm").alias("connection"),
        pl.col("money").alias("amount"),
        pl.lit(person).alias("person"),
        pl.lit(person).alias("decided_person"),
        pl.lit(person).alias("qualified_person"),
        ended.alias("is_closed"),
        pl.col("booked_on").is_not_null().alias("is_won"),
        pl.lit(value=False).alias("decided_owner_unknown"),
        pl.lit(value=False).alias("qualified_owner_unknown"),
        pl.lit(value=False).alias("missing_fx"),
        pl.lit(value=False).alias("missing_amount"),
        (pl.col("created_on") + pl.duration(days=60)).alias("close_date"),
    )


def _meetings(person: str, met: np.ndarray) -> pl.DataFrame:
    count = len(met)
    return pl.DataFrame(
        {
            "connection": ["crm"] * count,
            "id": [f"{person[:5]}m{n}" for n in range(count)],
            "kind": ["meeting"] * count,
            "status": ["held"] * count,
            "account_id": [f"{person[:5]}a{n}" for n in range(count)],
            "deal_id": [f"{person[:5]}d{n}" for n in range(count)],
            "start": [_moment(int(day), 3) for day in met],
            "logged_at": [_moment(int(day), 4) for day in met],
            "external_attendees": [1] * count,
            "day": [START + timedelta(days=int(day)) for day in met],
            "person": [person] * count,
        }
    )
