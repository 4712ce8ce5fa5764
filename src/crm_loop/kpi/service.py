"""Measure everybody as of the end of a day, and keep the result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from crm_loop.calendars import Period
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, TASKS, empty
from crm_loop.kpi.custom import CustomKpi, parse
from crm_loop.kpi.evaluation import evaluate
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.nightly import conclude, keep
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.remembering import read_known
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.sources import Raw, end_of, frames_of, read
from crm_loop.kpi.targets import Key, in_force
from crm_loop.kpi.trust import age_of
from crm_loop.loop_records import KpiValue, Member, Role, Target
from crm_loop.money import adds_up
from crm_loop.records import Subject
from crm_loop.store import Begin, State

__all__ = ["evaluate", "measure"]


def measure(begin: Begin, organisation: str, *, as_of: date) -> list[KpiValue]:
    """Measure every rep's KPIs as of the end of that day, and keep the values.

    The period is the calendar month, or that of the target which holds the day. What was
    measured as of the same day before is replaced.
    """
    # A transaction locks the database for everybody: frames are made outside of it.
    with begin(organisation) as state:
        parts = read_parts(state, as_of)
    setting = setting_of(parts)
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
    """Measure one period as of a day (its last one at the latest); nothing is kept."""
    with begin(organisation) as state:
        setting = read_setting(state, min(as_of, period.end))
    chosen = replace(setting, chosen=period, before={})
    return evaluate(chosen, outlook(setting.frames, setting.as_of))


Parts = tuple[Raw, Sequence[Member], Setting]


def read_setting(state: State, as_of: date) -> Setting:
    """Read and make everything at once, where nobody waits for the database."""
    return setting_of(read_parts(state, as_of))


def read_parts(state: State, as_of: date) -> Parts:
    """Read what a measurement is made of, as quickly as can be; the frames are still empty."""
    own = state.connections.organisation()
    members = state.people.members()
    given = {f"target-{n}": one for n, one in enumerate(state.figures.targets(as_of))}
    usable, unusable = _comparable(given | _quotas(state, members, as_of), own.currency)
    setting = Setting(
        organisation=own,
        reps=[m for m in members if m.manager and m.role is not Role.MANAGER and m.active],
        frames=Frames(empty(DEAL_FACTS), empty(ACTIVITY_FACTS), empty(TASKS)),
        as_of=as_of,
        targets=in_force(usable),
        unusable=unusable,
        before={(v.person, v.kpi): v for v in state.figures.latest_before(as_of)},
        custom=_custom(state),
        sync_age=age_of(state.crm.pulled_at(), end_of(as_of, own.time_zone)),
    )
    return read(state), members, setting


def setting_of(parts: Parts) -> Setting:
    """Make the frames of what was read; needs no database."""
    raw, members, setting = parts
    frames = frames_of(raw, members, setting.organisation, as_of=setting.as_of)
    return replace(setting, frames=frames)


def _custom(state: State) -> dict[str, CustomKpi]:
    """The organisation's own KPIs that are switched on."""
    found: dict[str, CustomKpi] = {}
    for name, text in state.frozen.definitions().items():
        found |= parse(text, name)
    return found


def _quotas(state: State, members: Sequence[Member], as_of: date) -> dict[str, Target]:
    """Quotas of the CRMs in force on that day, by record id; they are the company's."""
    people = {(c, user): m.person for m in members for c, user in m.accounts.items()}
    return {
        quota.id: Target(
            person=people[connection, quota.owner_id],
            kpi=quota.kpi,
            period_start=quota.period_start,
            period_end=quota.period_end,
            value=float(quota.amount),
            set_by="company",
            source="crm",
            currency=quota.currency,
        )
        for connection, quota in state.crm.read(Subject.QUOTAS)
        if (connection, quota.owner_id) in people
        and quota.period_start <= as_of <= quota.period_end
    }


def _comparable(
    targets: Mapping[str, Target], currency: str
) -> tuple[Iterable[Target], dict[Key, Sequence[str]]]:
    """Targets in the corporate currency; another one cannot be compared while no rate is known."""
    money = {kpi.id for kpi in catalogue().values() if kpi.unit == "money"}
    foreign: dict[Key, list[str]] = {}
    usable = []
    for id_, one in targets.items():
        if one.kpi in money and not adds_up(one.currency, currency):
            foreign.setdefault((one.person, one.kpi), []).append(f"missing_fx:{id_}")
        else:
            usable.append(one)
    return usable, dict(foreign)
