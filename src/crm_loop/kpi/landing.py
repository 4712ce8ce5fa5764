"""Where a value will land: one model for counts, one for money, one for shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import numpy as np
import polars as pl

from crm_loop.calendars import previous_period
from crm_loop.kpi.capacity import capacity, worked_days
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.figures import Row
from crm_loop.kpi.history import Past
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.setting import Scope, Setting
from crm_loop.loop_records import KpiValue, Member
from crm_loop.statistics import compound, counts, money, shares, shrinkage
from crm_loop.statistics.compound import Coming, SumModel, open_deal
from crm_loop.statistics.guarded import ceil
from crm_loop.statistics.pace import Curve

#: Sizes of deals of the last year tell what the next ones may be.
SIZE_DAYS = timedelta(days=365)

#: From so many own deals on, their sizes stand for the next ones.
ENOUGH_SIZES = 10
#: Past periods that tell how much is made and won late in one.
LOOKED_AT = 4

#: Low, middle and high of an 80 % interval.
Projection = tuple[float, float, float]
Models = Mapping[str, counts.CountModel]
Rows = Mapping[str, Row]


class Course(Protocol):
    """How one KPI of everybody in a scope goes on. None where nothing is known."""

    def expected(self, target: float) -> float | None:
        """What is usually there by now of such a target."""

    def chance(self, value: KpiValue, target: float) -> float | None:
        """P(the target is reached), seen from now."""

    def chance_at_start(self, person: str, target: float) -> float | None:
        """P(the target is reached), seen from the start of the period."""

    def projection(self, value: KpiValue) -> Projection | None:
        """Where the value will be at the end of the period."""

    def aim(self, person: str, share: float) -> float | None:
        """The largest target that is reached with at least this chance."""

    @property
    def models(self) -> Models:
        """How many there will be, by person; empty where nothing is counted."""


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
        return _share_course(setting, kpi, rows) if kpi.value == "share" else UnknownCourse()
    share = _share_by_now(setting, scope, past)
    if kpi.unit == "count":
        return CountCourse(_models(setting, scope, past), share)
    deals = history["won_count"] if kpi.id == "bookings" else past.occurrences
    sizes = past.sizes(setting.as_of - SIZE_DAYS, setting.as_of)
    team = np.concatenate([np.zeros(0), *sizes.values()])
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
    worked = {rep.person: [worked_days(rep, one) for one in periods] for rep in setting.reps}
    days = sum(map(sum, worked.values()))
    done = sum(sum(totals.get(person, none)) for person in worked)
    return {
        rep.person: counts.fit(
            totals.get(rep.person, none),
            worked[rep.person],
            team_rate=done / days if days else 0.0,
            next_exposure=worked_days(rep, scope.period),
        )
        for rep in setting.reps
    }


@dataclass(frozen=True, slots=True)
class CountCourse:
    """Counts: negative binomial, updated by what has happened so far."""

    models: Models
    share: float

    def expected(self, target: float) -> float | None:
        return target * self.share

    def chance(self, value: KpiValue, target: float) -> float | None:
        landing = self._landing(value, target)
        return landing.p_attain if landing else None

    def chance_at_start(self, person: str, target: float) -> float | None:
        model = self.models.get(person)
        return model.at_least(target) if model else None

    def projection(self, value: KpiValue) -> Projection | None:
        landing = self._landing(value, 0)
        if landing is None:
            return None
        return float(landing.low), landing.projected, float(landing.high)

    def aim(self, person: str, share: float) -> float | None:
        model = self.models.get(person)
        return float(model.largest(share)) if model else None

    def _landing(self, value: KpiValue, target: float) -> counts.Landing | None:
        model = self.models.get(value.person)
        if model is None:
            return None
        so_far = value.value or 0.0
        return counts.land(model, so_far=so_far, share_done=self.share, target=target)


@dataclass(frozen=True, slots=True)
class MoneyCourse:
    """Money: what is there plus an uncertain number of deals of uncertain size."""

    models: Models
    share: float
    sizes: Mapping[str, money.Numbers]
    team: money.Numbers

    def expected(self, target: float) -> float | None:
        return target * self.share

    def chance(self, value: KpiValue, target: float) -> float | None:
        more = self._more(value)
        missing = target - (value.value or 0.0)
        return self._reached(value.person, more, missing) if more else None

    def chance_at_start(self, person: str, target: float) -> float | None:
        model = self.models.get(person)
        return self._reached(person, model, target) if model else None

    def projection(self, value: KpiValue) -> Projection | None:
        more, pool = self._more(value), self._pool(value.person)
        if more is None or not len(pool[0]):
            return None
        so_far = value.value or 0.0
        reach = money.span(more.size, more.mean, pool)
        if reach <= 0:
            return so_far, so_far, so_far
        unit = money.lattice_unit(reach)
        steps = money.on_lattice(pool, unit, ceil(reach / unit))
        added = money.compound(more.size, more.mean, steps)
        low, middle, high = (money.at_share(added, share) * unit for share in (0.1, 0.5, 0.9))
        return so_far + low, so_far + middle, so_far + high

    def aim(self, person: str, share: float) -> float | None:
        model, pool = self.models.get(person), self._pool(person)
        if model is None or not len(pool[0]) or model.mean <= 0:
            return None
        reach = money.span(model.size, model.mean, pool)
        unit = compound.unit_for(list(pool[0]), reach, most_steps=money.STEPS)
        return SumModel(model.size, model.mean, pool, unit).largest(share)

    def _more(self, value: KpiValue) -> counts.CountModel | None:
        """How many more deals are to come; each of those that are here counts as one."""
        model = self.models.get(value.person)
        if model is None:
            return None
        landing = counts.land(model, so_far=float(value.n), share_done=self.share, target=0)
        return counts.CountModel(landing.remaining_size, landing.remaining_mean)

    def _reached(self, person: str, model: counts.CountModel, missing: float) -> float | None:
        pool = self._pool(person)
        if not len(pool[0]):
            return None
        if missing <= 0:
            return 1.0
        unit = money.lattice_unit(missing)
        steps = money.on_lattice(pool, unit, ceil(missing / unit))
        return money.reaches(money.compound(model.size, model.mean, steps), missing / unit)

    def _pool(self, person: str) -> money.Pool:
        return money.size_pool(self.sizes.get(person, ()), self.team)


@dataclass(frozen=True, slots=True)
class BookingsCourse(MoneyCourse):
    """Bookings: what is there, the open deals by their chances, and deals made and won by then."""

    coming: Mapping[str, Coming]

    def chance(self, value: KpiValue, target: float) -> float | None:
        seen = self._seen(value, target)
        return seen.p_attain if seen else None

    def projection(self, value: KpiValue) -> Projection | None:
        seen = self._seen(value, None)
        return (seen.p10, seen.p50, seen.p90) if seen else None

    def _seen(self, value: KpiValue, target: float | None) -> compound.Projection | None:
        coming = self.coming.get(value.person)
        if coming is None or value.person not in self.models:
            return None
        so_far = value.value or 0.0
        most = sum(amount for amount, _ in coming.deals) + max(coming.pool, default=0.0)
        scale = max(target or 0.0, so_far + most)
        if scale <= 0:
            return None
        unit = compound.unit_of(coming, scale, most_steps=money.STEPS)
        return compound.project(so_far, coming, target or scale, unit=unit)


def coming_of(
    setting: Setting,
    scope: Scope,
    ahead: Outlook,
    sizes: Mapping[str, money.Numbers],
    team: money.Numbers,
) -> dict[str, Coming]:
    """What may come of each rep's open deals and of deals that are still to be made."""
    rates = created_and_won(setting, scope)
    found = {}
    for rep in setting.reps:
        pairs = ahead.in_time(rep.person, setting.as_of, scope.period.end)
        own = sizes.get(rep.person, ())
        found[rep.person] = Coming(
            deals=[open_deal((deal.amount, chance)) for deal, chance in pairs],
            rate=rates * worked_share(rep, scope),
            pool=[float(one) for one in (own if len(own) >= ENOUGH_SIZES else team)],
        )
    return found


def created_and_won(setting: Setting, scope: Scope) -> float:
    """Deals a rep made and won after the same share of past periods, on average of the team."""
    elapsed = scope.elapsed(setting.as_of)
    won = setting.frames.deals.drop_nulls(["booked_on", "decided_person"])
    earlier, period = [], scope.period
    for _ in range(LOOKED_AT):
        period = previous_period(period, fiscal_start=scope.period.start.month)
        earlier.append(period)
    total = 0
    for one in earlier:
        begun = one.start + timedelta(days=round(elapsed * (one.end - one.start).days))
        total += len(won.filter(pl.col("created_on") >= begun, pl.col("booked_on") <= one.end))
    return total / LOOKED_AT / max(1, len(setting.reps))


def worked_share(rep: Member, scope: Scope) -> float:
    """How much of a full period this person works."""
    return capacity(rep, scope.period) or 0.0


@dataclass(frozen=True, slots=True)
class ShareCourse:
    """Shares: the belief about the true share, shrunk towards the team; they have no pace."""

    prior: tuple[float, float]
    higher_is_better: bool

    def expected(self, target: float) -> float | None:  # noqa: ARG002 - all courses are asked alike
        return None

    def chance(self, value: KpiValue, target: float) -> float | None:
        if not value.denominator:
            return None
        hits = value.numerator or 0.0
        successes, failures = self.prior[0] + hits, self.prior[1] + value.denominator - hits
        if self.higher_is_better:
            return shares.beta_tail(successes, failures, target)
        return shares.beta_tail(failures, successes, 1 - target)

    def chance_at_start(self, person: str, target: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def projection(self, value: KpiValue) -> Projection | None:  # noqa: ARG002 - as above
        return None

    def aim(self, person: str, share: float) -> float | None:  # noqa: ARG002 - as above
        return None

    @property
    def models(self) -> Models:
        return {}


class UnknownCourse:
    """Averages, medians and the like: nothing is said of where they will be."""

    def expected(self, target: float) -> float | None:  # noqa: ARG002 - all courses are asked alike
        return None

    def chance(self, value: KpiValue, target: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def chance_at_start(self, person: str, target: float) -> float | None:  # noqa: ARG002 - as above
        return None

    def projection(self, value: KpiValue) -> Projection | None:  # noqa: ARG002 - as above
        return None

    def aim(self, person: str, share: float) -> float | None:  # noqa: ARG002 - as above
        return None

    @property
    def models(self) -> Models:
        return {}


def _share_course(setting: Setting, kpi: Kpi, rows: Rows) -> ShareCourse:
    team = [rows[rep.person] for rep in setting.reps if rep.person in rows]
    counted = [row for row in team if (row["denominator"] or 0) > 0]
    hits = [row["numerator"] for row in counted]
    cases = [row["denominator"] for row in counted]
    return ShareCourse(shrinkage.prior(hits, cases), kpi.higher_is_better)
