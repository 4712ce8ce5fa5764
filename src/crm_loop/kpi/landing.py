"""Where a value will land: one model for counts, two for money, one for shares."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from crm_loop.kpi.bookings_course import BookingsCourse, coming_of
from crm_loop.kpi.capacity import worked_days
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.courses import CountCourse, Course, Models, MoneyCourse, Projection, Rows
from crm_loop.kpi.history import Past
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.setting import Scope, Setting
from crm_loop.kpi.share_course import ShareCourse, UnknownCourse, share_course
from crm_loop.statistics import counts, money
from crm_loop.statistics.pace import Curve, seasonal

__all__ = [
    "BookingsCourse",
    "CountCourse",
    "Course",
    "Models",
    "MoneyCourse",
    "Projection",
    "ShareCourse",
    "UnknownCourse",
    "course_of",
]

#: Sizes of deals of the last year tell what the next ones may be.
SIZE_DAYS = timedelta(days=365)


def course_of(
    setting: Setting,
    scope: Scope,
    kpi: Kpi,
    history: Mapping[str, Past],
    rows: Rows,
    *,
    ahead: Outlook | None = None,
) -> Course:
    """The model that fits the KPI, fitted to everybody's past; `ahead` are the open deals."""
    past = history.get(kpi.id)
    if past is None:
        if kpi.value != "share":
            return UnknownCourse()
        return share_course(setting.reps, rows, higher_is_better=kpi.higher_is_better)
    share = _share_by_now(setting, scope, past)
    if kpi.unit == "count":
        return CountCourse(_models(setting, scope, past), share)
    deals = history["won_count"] if kpi.id == "bookings" else past.occurrences
    sizes = past.sizes(setting.as_of - SIZE_DAYS, setting.as_of)
    team = money.representative(np.concatenate([np.zeros(0), *sizes.values()]))
    models = _models(setting, scope, deals)
    if kpi.id == "bookings" and ahead is not None and models:
        coming = coming_of(setting, scope, ahead, sizes, team)
        return BookingsCourse(models, share, sizes, team, coming)
    return MoneyCourse(models, share, sizes, team)


def _share_by_now(setting: Setting, scope: Scope, past: Past) -> float:
    curve = Curve.of(past.daily(past.periods(scope.period), scope.calendar))
    return curve.expected(scope.elapsed(setting.as_of))


def _models(setting: Setting, scope: Scope, past: Past) -> Models:
    """Count models of the running period, one a rep; the team's pace is the prior.

    None at all where the records reach back to no full period.
    """
    periods = past.periods(scope.period)
    if not periods:
        return {}
    totals = past.totals(periods)
    none = [0.0] * len(periods)
    calendar, ramp = setting.organisation.calendar, scope.ramp
    worked = {
        rep.person: [worked_days(rep, one, calendar(rep.country), steps=ramp) for one in periods]
        for rep in setting.reps
    }
    days = sum(map(sum, worked.values()))
    done = sum(sum(totals.get(person, none)) for person in worked)
    together = [sum(one) for one in zip(*totals.values(), strict=True)] or none
    season = seasonal([one.start.month for one in periods], together, scope.period.start.month)
    return {
        rep.person: counts.fit(
            totals.get(rep.person, none),
            worked[rep.person],
            team_rate=done / days if days else 0.0,
            next_exposure=scope.worked(rep) * season,
        )
        for rep in setting.reps
    }
