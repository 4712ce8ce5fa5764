"""Whether promises were too high or too low, beside how close they came; pure.

A month alone says nothing about a habit: from five months on their middle one is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from crm_loop.kpi.closing import ACCURACY
from crm_loop.kpi.forecast import bias
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight
from crm_loop.statistics.ordered import median

RULE, TEAM = "forecast_bias", "team_forecast_bias"
#: Fewer months are no habit (as a share of fewer than five cases is told for reference only).
HABIT_FROM = 5
#: So many months are looked at.
MONTHS = 12
#: A promise that comes so close is neither too high nor too low.
_EVEN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """Promised and booked money of closed months, oldest first."""

    pairs: Sequence[tuple[float, float]]

    def facts(self) -> dict[str, object] | None:
        """What can be told of them; None where the last month had no promise and no booking.

        `bias` is (F - A) / A of the last month, or the median of the months where they are enough;
        `times` the same as F / A, `n` the months that have one.
        """
        known = [found for found in (bias(f, a) for f, a in self.pairs) if found is not None]
        usual = median(known) if len(known) >= HABIT_FROM else None
        if usual is not None:
            return _told("usually", usual, len(known))
        promised, booked = self.pairs[-1]
        last = bias(promised, booked)
        if last is not None:
            return _told("once", last, len(known))
        return {"direction": "nothing", "n": len(known)} if promised else None


def _told(how: str, off: float, n: int) -> dict[str, object]:
    way = f"{how}_even" if abs(off) <= _EVEN else how
    return {"direction": way, "bias": off, "times": 1 + off, "n": n}


def forecast_biases(setting: Setting) -> list[Insight]:
    """Of each person with a closed promise, and of each team that has several of them.

    Promises and bookings are those that were frozen.
    """
    by_person = _by_person(setting)
    reps = {rep.person: rep.manager or "" for rep in setting.reps if rep.person in by_person}
    found = [_insight(setting, rep, RULE, list(by_person[rep].values())) for rep in sorted(reps)]
    for manager in sorted(set(reps.values())):
        team = [by_person[rep] for rep in sorted(reps) if reps[rep] == manager]
        months = sorted({month for one in team for month in one})
        sums = [
            (
                sum(one[month][0] for one in team if month in one),
                sum(one[month][1] for one in team if month in one),
            )
            for month in months
        ]
        if len(team) > 1 and manager:
            found.append(_insight(setting, manager, TEAM, sums))
    return [one for one in found if one is not None]


def _by_person(setting: Setting) -> dict[str, dict[date, tuple[float, float]]]:
    """Promised and booked by person and month, oldest first."""
    key = ["person", "period_start", "period_end"]
    booked = setting.frames.closed.filter(pl.col("kpi") == "bookings").drop("kpi")
    over = pl.col("period_end") <= setting.as_of
    both = setting.frames.forecasts.filter(over).join(booked, on=key).sort(key)
    found: dict[str, dict[date, tuple[float, float]]] = {}
    rows = both.drop_nulls("promised").select("person", "period_start", "promised", "value")
    for person, start, promised, done in rows.iter_rows():
        found.setdefault(person, {})[start] = (promised, done)
    return {person: dict(list(one.items())[-MONTHS:]) for person, one in found.items()}


def _insight(
    setting: Setting, person: str, rule: str, pairs: Sequence[tuple[float, float]]
) -> Insight | None:
    facts = Months(pairs=pairs).facts()
    if facts is None:
        return None
    form = Form.TEAM if rule == TEAM else Form.STATED
    return Insight(
        person=person, as_of=setting.as_of, rule=rule, driver=ACCURACY, form=form, facts=facts
    )
