"""When targets are looked at: when a period begins, in its middle, and when work changes hands."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.calibration import FIRST_HALF
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.selection import open_deals
from crm_loop.kpi.setting import Scope, Setting, scopes
from crm_loop.loop_records import Form, Insight
from crm_loop.statistics.guarded import at_least

RULE = "target_review"
START, MIDDLE = "review_start", "review_middle"
_WEEK = timedelta(days=7)


def review_due(scope: Scope, as_of: date) -> str | None:
    """The review of a period that falls on this day's week: its first week, or its middle."""
    if as_of < scope.period.start + _WEEK:
        return START
    now, before = scope.elapsed(as_of), scope.elapsed(as_of - _WEEK)
    crossed = at_least(now, FIRST_HALF) and not at_least(before, FIRST_HALF)
    return MIDDLE if crossed else None


def reviews_due(setting: Setting) -> list[Insight]:
    """One reminder a team in a week in which its targets are to be looked at.

    Those of the company are nobody's here to change.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for kpi in catalogue().values():
        if not kpi.is_volume:
            continue
        for scope, reps in scopes(setting, kpi).items():
            due = review_due(scope, setting.as_of)
            given = ((rep, setting.targets.get((rep.person, kpi.id))) for rep in reps)
            aimed = [rep for rep, one in given if one is not None and one.set_by == "team"]
            for rep in aimed if due else []:
                found.setdefault((rep.manager or "", str(due)), set()).add(kpi.id)
    return [
        Insight(
            person=manager,
            as_of=setting.as_of,
            rule=RULE,
            driver=due,
            form=Form.TEAM,
            facts={"kpis": sorted(kpis), "targets": len(kpis)},
        )
        for (manager, due), kpis in sorted(found.items())
    ]


def handed_over(setting: Setting, period: Period) -> Mapping[str, float]:
    """Open money that came to each person (above 0) or went away in the period."""
    handed = setting.frames.handed.filter(pl.col("on").is_between(period.start, setting.as_of))
    if handed.is_empty():
        return {}
    money = open_deals(setting.frames).select("connection", "id", "money").drop_nulls()
    moved = handed.join(money, on=["connection", "id"])
    both = pl.concat(
        [
            moved.select(pl.col("taker").alias("person"), pl.col("money")),
            moved.select(pl.col("giver").alias("person"), -pl.col("money")),
        ]
    )
    sums = both.group_by("person").agg(pl.col("money").sum()).sort("person")
    return dict(sums.iter_rows())
