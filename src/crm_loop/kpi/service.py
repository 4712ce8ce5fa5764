"""Measure everybody as of the end of a day, and keep the result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from crm_loop.calendars import Period
from crm_loop.kpi.activity_reading import no_longer_assumed
from crm_loop.kpi.as_of import end_of, rates_of
from crm_loop.kpi.closing import ACCURACY, FORECAST
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, TASKS, empty
from crm_loop.kpi.custom import CustomKpi
from crm_loop.kpi.evaluation import evaluate
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.given_targets import comparable, given_on
from crm_loop.kpi.loop_rows import read_loop
from crm_loop.kpi.nightly import conclude, keep
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.own_kpis import switched_on
from crm_loop.kpi.remembering import LOOKED_BACK, read_known
from crm_loop.kpi.setting import Setting, measured_people
from crm_loop.kpi.sources import RECENT, Raw, frames_of, read
from crm_loop.kpi.stale_days import with_own_stale_days
from crm_loop.kpi.targets import in_force
from crm_loop.kpi.trust import age_of, data_trust
from crm_loop.loop_records import KpiValue, Member, Target
from crm_loop.store import Begin, State
from crm_loop.store.connections import Organisation
from crm_loop.store.engine import at_one_moment
from crm_loop.store.heap import undisturbed
from crm_loop.store.scan import opened

__all__ = ["evaluate", "measure"]


def measure(begin: Begin, organisation: str, *, as_of: date) -> list[KpiValue]:
    """Measure every rep's KPIs as of the end of that day, and keep the values.

    The period is the calendar month, or that of the target which holds the day. What was
    measured as of the same day before is replaced.
    """
    with undisturbed():
        return _measured(begin, organisation, as_of)


def _measured(begin: Begin, organisation: str, as_of: date) -> list[KpiValue]:
    # A transaction locks the database for everybody: frames are made outside of it.
    setting = read_setting(begin, organisation, as_of)
    with begin(organisation) as state:
        known = read_known(state, setting)
    ahead = outlook(setting.frames, as_of)
    values = evaluate(setting, ahead)
    night = conclude(setting, values, known, ahead)
    with begin(organisation) as state:
        state.figures.keep(as_of, values)
        keep(state, setting, night)
    return values


def measure_period(
    begin: Begin, organisation: str, period: Period, *, as_of: date
) -> list[KpiValue]:
    """Measure one period as of a day (its last one at the latest); nothing is kept.

    What was frozen of it by then stands as it was frozen.
    """
    setting = period_setting(begin, organisation, period, as_of=as_of)
    return evaluate(setting, outlook(setting.frames, setting.as_of))


def period_setting(begin: Begin, organisation: str, period: Period, *, as_of: date) -> Setting:
    """What one period is measured of: its own course, and what was frozen of it by that day."""
    day = min(as_of, period.end)
    setting = read_setting(begin, organisation, day, chosen=period)
    with begin(organisation) as state:
        frozen = state.frozen.of_period(period.start, period.end)
    closed = {
        (one.person, one.kpi): one
        for one in frozen
        if one.kpi not in (FORECAST, ACCURACY) and one.frozen_on <= as_of
    }
    return replace(setting, before={}, closed=closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a measurement is made of; the frames of the setting are still empty."""

    raw: Raw
    members: Sequence[Member]
    given: Mapping[str, Target]
    mapping: Mapping[tuple[str, str, str], str]
    loop: Mapping[str, Any]
    setting: Setting

    @property
    def plan_day(self) -> date:
        return _plan_day(self.setting, self.given.values())


def read_setting(
    begin: Begin,
    organisation: str,
    as_of: date,
    *,
    chosen: Period | None = None,
    also: Sequence[CustomKpi] = (),
) -> Setting:
    """Read and make everything as of a day; of one period where somebody chose it.

    `also` are own KPIs that are not switched on and whose records are wanted too.
    """
    parts = read_parts(begin, organisation, as_of, chosen=chosen, also=also)
    return setting_of(parts, once=True)


def read_parts(
    begin: Begin,
    organisation: str,
    as_of: date,
    *,
    chosen: Period | None = None,
    also: Sequence[CustomKpi] = (),
    tried: Organisation | None = None,
) -> Parts:
    """Read what a measurement is made of, all of it as it was at one moment.

    `tried` are settings that are not in force.
    """
    with ExitStack() as stack:
        with _one_moment(begin, organisation) as state:
            own = tried or state.connections.organisation()
            members = state.people.members()
            given = given_on(state, members, as_of)
            setting = _setting(state, own, members, as_of, chosen)
            mapping = state.mapping.all()
            planned = _plan_day(setting, given.values())
            closing = _closing(state, own, as_of, setting.month.start)
            loop = read_loop(state, members, as_of, own.time_zone, since=min([planned, *closing]))
            scan = stack.enter_context(opened(state.connection, organisation))
            first = min([planned, as_of - RECENT, *closing])
            reading = partial(
                read,
                scan,
                since=end_of(first - timedelta(days=1), own.time_zone),
                time_zone=own.time_zone,
                moment=end_of(as_of, own.time_zone),
                asked={name for one in (*setting.custom.values(), *also) for name in one.reads},
                assumed=no_longer_assumed(state, own.counting),
            )
            within = None if scan.outlives else reading()
        raw = reading() if within is None else within
    return Parts(
        raw=raw,
        members=members,
        given=given,
        mapping=mapping,
        loop={**loop, "since": first},
        setting=setting,
    )


@contextmanager
def _one_moment(begin: Begin, organisation: str) -> Iterator[State]:
    """A transaction that sees everything as it was when it began."""
    with begin(organisation) as state:
        at_one_moment(state.connection)
        yield state


#: By so many days after its freeze day by the calendar a period has been frozen, holidays and all.
_LATE = timedelta(days=11)


def _closing(state: State, own: Organisation, as_of: date, month: date) -> list[date]:
    """First days of what ended with the last month and is still to be frozen."""
    last = month - timedelta(days=1)
    # Each business day takes two days at most, but for holidays.
    weekdays = timedelta(days=2 * own.counting.freeze_day)
    if as_of > last + weekdays + _LATE:
        return []
    known = state.frozen.periods()
    spans = {(last.replace(day=1), last), *state.figures.spans(as_of - LOOKED_BACK, last)}
    return [start for start, end in spans if end == last and (start, end) not in known]


def _setting(
    state: State,
    own: Organisation,
    members: Sequence[Member],
    as_of: date,
    chosen: Period | None,
) -> Setting:
    custom, broken = switched_on(state)
    return Setting(
        organisation=own,
        reps=measured_people(members),
        frames=Frames(empty(DEAL_FACTS), empty(ACTIVITY_FACTS), empty(TASKS)),
        as_of=as_of,
        targets={},
        unusable={},
        before={(v.person, v.kpi): v for v in state.figures.latest_before(as_of)},
        chosen=chosen,
        custom=custom,
        broken=broken,
        sync_age=age_of(state.crm.pulled_at(), end_of(as_of, own.time_zone)),
    )


def _plan_day(setting: Setting, targets: Iterable[Target]) -> date:
    """The first day of what is planned: rates of that day neither reward nor punish anybody."""
    if setting.chosen is not None:
        return setting.chosen.start
    return min([setting.month.start, *(one.period_start for one in targets)])


def setting_of(parts: Parts, *, once: bool = False) -> Setting:
    """Make the frames of what was read; needs no database.

    `once`: the parts are not needed again, and what was read may go as soon as it was used.
    """
    setting, own = parts.setting, parts.setting.organisation
    frames = frames_of(
        parts.raw if once else replace(parts.raw),
        parts.members,
        own,
        as_of=setting.as_of,
        plan_day=parts.plan_day,
        mapping=parts.mapping,
    )
    frames = with_own_stale_days(replace(frames, **parts.loop))
    rates = rates_of(parts.raw.rates, parts.plan_day, own.currency)
    usable, unusable = comparable(parts.given, own.currency, rates, setting.kpis)
    trust, found = data_trust(
        frames,
        setting.as_of,
        calendar=own.calendar(),
        sync_age=setting.sync_age,
    )
    return replace(
        setting,
        frames=frames,
        targets=in_force(usable),
        unusable=unusable,
        trust=trust,
        trust_parts=found,
    )
