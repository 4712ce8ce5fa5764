"""How bookings go on: what is there, open deals by their chances, deals still to be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from crm_loop.calendars import previous_period
from crm_loop.kpi.courses import MoneyCourse, Projection
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.setting import Scope, Setting
from crm_loop.loop_records import KpiValue, Member
from crm_loop.statistics import compound, money
from crm_loop.statistics.compound import Coming, open_deal

#: From so many own deals on, their sizes stand for the next ones.
ENOUGH_SIZES = 10
#: Past periods that tell how much is made and won late in one.
LOOKED_AT = 4


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
    return scope.capacity(rep) or 0.0
