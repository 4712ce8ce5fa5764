"""Where a value will land: one model for counts, one for money, one for shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.history import Past, exposure
from crm_loop.loop_records import KpiValue
from crm_loop.statistics import counts, money, shrinkage
from crm_loop.statistics.pace import Curve

if TYPE_CHECKING:
    from crm_loop.kpi.service import Setting

#: Sizes of deals of the last year tell what the next ones may be.
SIZE_DAYS = timedelta(days=365)
#: How far up the lattice of money reaches, in targets.
REACH = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What a course says of one value against one target."""

    p: float | None
    p_start: float | None = None
    expected: float | None = None
    projection: tuple[float, float, float] | None = None


class Course(Protocol):
    def see(self, value: KpiValue, target: float) -> Seen: ...


def course_of(
    setting: "Setting",
    kpi: Kpi,
    past: Past | None,
    history: Mapping[str, Past],
    rows: Mapping[str, dict[str, Any]],
) -> Course:
    """The model that fits the KPI, fitted to everybody's past."""
    if past is None:
        return _shares(kpi, rows)
    months = past.months(setting.period)
    curve = Curve(past.daily(months, setting.calendar))
    share = curve.expected(setting.elapsed)
    if kpi.unit == "count":
        return CountCourse(_models(setting, past), share)
    of = "won_count" if kpi.id == "bookings" else kpi.id
    source = history["won_count"] if of == "won_count" else _as_counts(past)
    sizes = past.sizes(setting.as_of - SIZE_DAYS)
    return MoneyCourse(_models(setting, source), share, sizes)


def _as_counts(past: Past) -> Past:
    """The same events, each counting one."""
    import polars as pl  # noqa: PLC0415 - loaded already wherever this runs

    return Past(past.events.with_columns(pl.lit(1.0).alias("amount")), past.first_day)


def _models(setting: "Setting", past: Past) -> dict[str, counts.CountModel]:
    """Count models of the running month, one a rep; the team's pace is the prior."""
    months = past.months(setting.period)
    totals = past.totals(months)
    worked = {
        rep.person: [exposure(rep, month, setting.calendar) for month in months]
        for rep in setting.reps
    }
    days = sum(map(sum, worked.values()))
    done = sum(sum(totals.get(person, ())) for person in worked)
    rate = done / days if days else 0.0
    return {
        rep.person: counts.fit(
            totals.get(rep.person, [0.0] * len(months)),
            worked[rep.person],
            team_rate=rate,
            next_exposure=exposure(rep, setting.period, setting.calendar),
        )
        for rep in setting.reps
    }


@dataclass(frozen=True, slots=True)
class CountCourse:
    """Counts: negative binomial, updated by what has happened so far."""

    models: Mapping[str, counts.CountModel]
    share: float

    def see(self, value: KpiValue, target: float) -> Seen:
        model = self.models[value.person]
        landing = counts.land(
            model, so_far=value.value or 0.0, share_done=self.share, target=target
        )
        return Seen(
            p=landing.p_attain,
            p_start=model.at_least(target),
            expected=target * self.share,
            projection=(float(landing.low), landing.projected, float(landing.high)),
        )


@dataclass(frozen=True, slots=True)
class MoneyCourse:
    """Money: what is there plus an uncertain number of deals of uncertain size."""

    models: Mapping[str, counts.CountModel]
    share: float
    sizes: Mapping[str, list[float]]

    def see(self, value: KpiValue, target: float) -> Seen:
        if target <= 0:
            return Seen(p=None)
        unit = target / money.STEPS
        most = money.STEPS * REACH
        own = self.sizes.get(value.person, [])
        team = [size for sizes in self.sizes.values() for size in sizes]
        pool = money.size_pool(own, team, unit, most)
        model = self.models[value.person]
        landing = counts.land(model, so_far=float(value.n), share_done=self.share, target=0)
        rest = money.compound(landing.remaining_size, landing.remaining_mean, pool)
        fresh = money.compound(model.size, model.mean, pool)
        so_far = value.value or 0.0
        steps = (money.at_share(rest, share) for share in (0.1, 0.5, 0.9))
        low, middle, high = (so_far + step * unit for step in steps)
        return Seen(
            p=money.reaches(rest, (target - so_far) / unit),
            p_start=money.reaches(fresh, money.STEPS),
            expected=target * self.share,
            projection=(low, middle, high),
        )


@dataclass(frozen=True, slots=True)
class ShareCourse:
    """Shares: the belief about the true share, shrunk towards the team; they have no pace."""

    prior: tuple[float, float]
    higher_is_better: bool

    def see(self, value: KpiValue, target: float) -> Seen:
        if not value.denominator:
            return Seen(p=None)
        successes = self.prior[0] + (value.numerator or 0.0)
        failures = self.prior[1] + value.denominator - (value.numerator or 0.0)
        above = counts.beta_tail(successes, failures, target)
        return Seen(p=above if self.higher_is_better else 1 - above)


def _shares(kpi: Kpi, rows: Mapping[str, dict[str, Any]]) -> ShareCourse:
    hits = [int(row["numerator"]) for row in rows.values()]
    cases = [int(row["denominator"] or 0) for row in rows.values()]
    return ShareCourse(shrinkage.prior(hits, cases), kpi.higher_is_better)
