"""How counts and money go on: what is there, what is usual by now, and where it will land."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from crm_loop.kpi.figures import Row
from crm_loop.loop_records import KpiValue
from crm_loop.statistics import compound, counts, money
from crm_loop.statistics.compound import SumModel
from crm_loop.statistics.guarded import ceil

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

    def reachable(self, value: KpiValue, share: float) -> float | None:
        """The largest value at the end of the period that is reached with at least this chance."""

    @property
    def models(self) -> Models:
        """How many there will be, by person; empty where nothing is counted."""


@dataclass(frozen=True, slots=True)
class CountCourse:
    """Counts: negative binomial, updated by what has happened so far."""

    models: Models
    share: float

    def expected(self, target: float) -> float | None:
        return target * self.share

    def chance(self, value: KpiValue, target: float) -> float | None:
        more, so_far = self._more(value), value.value or 0.0
        return more.at_least(target - so_far) if more else None

    def chance_at_start(self, person: str, target: float) -> float | None:
        model = self.models.get(person)
        return model.at_least(target) if model else None

    def projection(self, value: KpiValue) -> Projection | None:
        model = self.models.get(value.person)
        if model is None:
            return None
        so_far = value.value or 0.0
        landing = counts.land(model, so_far=so_far, share_done=self.share, target=0)
        return float(landing.low), landing.projected, float(landing.high)

    def aim(self, person: str, share: float) -> float | None:
        model = self.models.get(person)
        return float(model.largest(share)) if model else None

    def reachable(self, value: KpiValue, share: float) -> float | None:
        more = self._more(value)
        return (value.value or 0.0) + more.largest(share) if more else None

    def _more(self, value: KpiValue) -> counts.CountModel | None:
        """How many are still to come."""
        model = self.models.get(value.person)
        if model is None:
            return None
        so_far = value.value or 0.0
        return counts.CountModel(*counts.remaining(model, so_far=so_far, share_done=self.share))


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
        unit = compound.unit_for(pool[0], reach, most_steps=money.STEPS)
        return SumModel(model.size, model.mean, pool, unit).largest(share)

    def reachable(self, value: KpiValue, share: float) -> float | None:
        more, pool = self._more(value), self._pool(value.person)
        if more is None or not len(pool[0]) or more.mean <= 0:
            return None
        reach = money.span(more.size, more.mean, pool)
        unit = compound.unit_for(pool[0], reach, most_steps=money.STEPS)
        return (value.value or 0.0) + SumModel(more.size, more.mean, pool, unit).largest(share)

    def _more(self, value: KpiValue) -> counts.CountModel | None:
        """How many more deals are to come; each of those that are here counts as one."""
        model = self.models.get(value.person)
        if model is None:
            return None
        so_far = float(value.n)
        return counts.CountModel(*counts.remaining(model, so_far=so_far, share_done=self.share))

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
