"""What one measurement is made of, and whose figures share a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar, Period, kind_of, period_of
from crm_loop.kpi.capacity import RAMP, business_days, capacity, worked_days
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.custom import CustomKpi
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures import MEASURES
from crm_loop.kpi.measures.summed import Measure
from crm_loop.kpi.targets import Key
from crm_loop.loop_records import FrozenValue, KpiValue, Member, Role, Target
from crm_loop.store.connections import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one measurement is made of.

    `unusable` are warnings about targets that cannot be compared; `before` is the last
    measurement; `chosen` is the period that somebody asked for, `closed` what was frozen of it;
    `sync_age` how
    old the oldest connection's data was at the end of the day; `broken` says of files with own
    KPIs why they cannot be measured any more; `trust` (0..100) how complete the records are.
    """

    organisation: Organisation
    reps: Sequence[Member]
    frames: Frames
    as_of: date
    targets: Mapping[Key, Target]
    unusable: Mapping[Key, Sequence[str]]
    before: Mapping[Key, KpiValue]
    chosen: Period | None = None
    closed: Mapping[Key, FrozenValue] = field(default_factory=dict)
    sync_age: timedelta | None = None
    custom: Mapping[str, CustomKpi] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    trust: float | None = None
    trust_parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def kpis(self) -> list[Kpi]:
        """What is measured on records: the catalogue, then the organisation's own."""
        known = [one for one in catalogue().values() if not one.of_values]
        return [*known, *(one.kpi for one in self.custom.values())]

    def measure(self, kpi: str) -> Measure:
        return self.custom[kpi].measure if kpi in self.custom else MEASURES[kpi]

    @property
    def month(self) -> Period:
        return period_of(self.as_of, "month", fiscal_start=self.organisation.fiscal_start)


def measured_people(members: Sequence[Member]) -> list[Member]:
    """Whose KPIs are measured: those who sell and have somebody to talk to about it."""
    return [m for m in members if m.active and m.manager and m.role is not Role.MANAGER]


def without_manager(members: Sequence[Member]) -> list[Member]:
    """Who would be measured if anybody knew whose they are; whoever leads others is not meant."""
    leading = {one.manager for one in members if one.active}
    return [
        one
        for one in members
        if one.active
        and one.accounts
        and not one.manager
        and one.role is not Role.MANAGER
        and one.person not in leading
    ]


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """A period as one country's business days count it, without days the company is closed.

    `ramp` is how much new people work there, by completed months.
    """

    period: Period
    country: str
    holidays: frozenset[date] = frozenset()
    ramp: tuple[float, ...] = RAMP

    @property
    def calendar(self) -> BusinessCalendar:
        return BusinessCalendar(self.country, self.holidays)

    def worked(self, rep: Member, period: Period | None = None) -> float:
        """Business days of the period, or of another one, each weighed by the person's load."""
        return worked_days(rep, period or self.period, self.calendar, steps=self.ramp)

    def capacity(self, rep: Member) -> float | None:
        """Share of a full target; None where the period has no business day."""
        return capacity(rep, self.period, self.calendar, steps=self.ramp)

    def elapsed(self, as_of: date) -> float:
        """Share of the period's business days that are over at the end of that day."""
        days = business_days(self.calendar, self.period)
        return sum(day <= as_of for day in days) / len(days) if days else 0.0


def scopes(setting: Setting, kpi: Kpi) -> dict[Scope, list[Member]]:
    """Reps by scope; a target's period decides, else the calendar month."""
    found: dict[Scope, list[Member]] = {}
    month, own = setting.month, setting.organisation
    for rep in setting.reps:
        period = _period(setting, kpi, rep.person, month)
        scope = Scope(period, rep.country, own.holidays, own.counting.ramp)
        found.setdefault(scope, []).append(rep)
    return dict(sorted(found.items()))


def _period(setting: Setting, kpi: Kpi, person: str, month: Period) -> Period:
    target = setting.targets.get((person, kpi.target_of))
    if setting.chosen is not None and not kpi.state_only:
        return setting.chosen
    if kpi.state_only or target is None:
        return month
    start, end = target.period_start, target.period_end
    return Period(start, end, kind_of(start, end))
