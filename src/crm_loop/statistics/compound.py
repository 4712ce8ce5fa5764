"""A sum of money still to come: how likely a target is, and how large one may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from crm_loop.statistics import money
from crm_loop.statistics.guarded import GUARD, ceil

#: Beyond this many steps of the lattice nothing is looked for.
_LARGEST = 1 << 18


@dataclass(frozen=True, slots=True)
class SumModel:
    """A negative binomial number (`size`, `mean`) of deals from a pool, on a lattice of `unit`."""

    size: float
    mean: float
    pool: money.Pool
    unit: float

    @property
    def expected(self) -> float:
        sizes, chances = self.pool
        return self.mean * float((sizes * chances).sum())

    def at_least(self, target: float) -> float:
        """P(sum >= target)."""
        steps = ceil(target / self.unit)
        return money.reaches(self._sums(max(1, steps)), steps)

    def largest(self, share: float) -> float:
        """The largest multiple of the unit that is reached with at least this chance."""
        most = max(1, ceil(money.span(self.size, self.mean, self.pool) / self.unit))
        while True:
            sums = self._sums(most)
            tails = np.concatenate([[1.0], 1 - np.cumsum(sums)[:-1]])
            reached = np.flatnonzero(tails >= share - GUARD)
            if reached[-1] < most or most > _LARGEST:
                return float(reached[-1]) * self.unit
            most *= 2

    def sizes(self) -> dict[float, float]:
        """The chance of each size, on the lattice."""
        sizes, chances = self.pool
        found: dict[float, float] = {}
        for size, chance in sorted(zip(self._steps(sizes), chances, strict=True)):
            found[size * self.unit] = found.get(size * self.unit, 0.0) + float(chance)
        return found

    def _steps(self, sizes: money.Numbers) -> list[float]:
        return [float(one) for one in np.floor(sizes / self.unit + 0.5 + GUARD)]

    def _sums(self, most: int) -> money.Numbers:
        return money.compound(self.size, self.mean, money.on_lattice(self.pool, self.unit, most))


def unit_for(sizes: Iterable[float], target: float, *, most_steps: float = _LARGEST) -> float:
    """Whole amounts are used exactly, others on a lattice of 200 steps to the target.

    Where exactness would take more than `most_steps` up to the target, the lattice must do.
    """
    exact = money.exact_unit(sizes)
    return exact if exact and target / exact <= most_steps else money.lattice_unit(target)


def unit_of(coming: "Coming", target: float, *, most_steps: float = _LARGEST) -> float:
    """The lattice of a projection: exact for whole amounts, else 200 steps to the target."""
    amounts = [*(amount for amount, _ in coming.deals), *coming.pool]
    return unit_for(amounts, target, most_steps=most_steps)


def open_deal(pair: tuple[float | None, float]) -> tuple[float, float]:
    """A deal's amount and chance; without an amount it brings no money."""
    amount, chance = pair
    return (amount or 0.0), chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Where bookings end: mean, the values with 10, 50 and 90 % at or below, and P(target)."""

    mean: float
    p10: float
    p50: float
    p90: float
    p_attain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What may come: open deals (amount, chance), and a Poisson number of deals made and won."""

    deals: Sequence[tuple[float, float]]
    rate: float
    pool: Sequence[float]


def project(booked: float, coming: Coming, target: float, *, unit: float) -> Projection:
    """Exact convolution of what is booked, open deals and deals still to be made and won."""
    amounts = [round(amount / unit) for amount, _ in coming.deals]
    most_new = _most_draws(coming.rate) * max((round(one / unit) for one in coming.pool), default=0)
    most = sum(one for one in amounts if one > 0) + most_new
    pool = money.size_pool(coming.pool, ())
    sums = money.poisson_sum(coming.rate, money.on_lattice(pool, unit, max(1, most)))
    for steps, (_, chance) in zip(amounts, coming.deals, strict=True):
        sums = _maybe(sums, steps, chance)
    typical = sum(coming.pool) / len(coming.pool) if coming.pool else 0.0
    low, middle, high = (booked + money.at_share(sums, one) * unit for one in (0.1, 0.5, 0.9))
    return Projection(
        mean=booked + sum(a * q for a, q in coming.deals) + coming.rate * typical,
        p10=low,
        p50=middle,
        p90=high,
        p_attain=money.reaches(sums, (target - booked) / unit),
    )


def _maybe(sums: money.Numbers, steps: int, chance: float) -> money.Numbers:
    if steps <= 0:
        return sums
    found = (1 - chance) * sums
    found[steps:] += chance * sums[: len(sums) - steps]
    return found


def _most_draws(rate: float) -> int:
    """More draws than this happen less than once in 1e14: mean and ten deviations, and some."""
    return int(rate + 10 * rate**0.5 + 20) if rate > 0 else 0
