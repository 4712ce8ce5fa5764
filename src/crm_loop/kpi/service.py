"""Measure everybody as of the end of a day, and keep the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from crm_loop.calendars import BusinessCalendar, Period, period_of
from crm_loop.kpi import measures
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.frames import Frames, read_frames
from crm_loop.kpi.history import Past, exposure, pasts
from crm_loop.kpi.landing import Course, course_of
from crm_loop.kpi.progress import Standing, boundaries, judge, ratio, ratio_status
from crm_loop.kpi.targets import FROM_PAST, Key, by_rule, in_force
from crm_loop.loop_records import (
    KpiValue,
    Member,
    RecordRef,
    Role,
    Target,
    ValueStatus,
)
from crm_loop.records import Subject
from crm_loop.store import Begin, State
from crm_loop.store.connections import Organisation

_MEASURES = {
    "bookings": measures.bookings,
    "won_count": measures.won_count,
    "win_rate": measures.win_rate,
    "pipeline_created": measures.pipeline_created,
    "pipeline_coverage": measures.open_in_period,
    "meetings_held": measures.meetings_held,
    "next_step_hygiene": measures.next_step_hygiene,
    "stale_rate": measures.stale_rate,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one measurement is made of."""

    organisation: Organisation
    reps: Sequence[Member]
    frames: Frames
    period: Period
    as_of: date
    targets: Mapping[Key, Target]
    before: Mapping[Key, KpiValue]
    calendar: BusinessCalendar

    @property
    def elapsed(self) -> float:
        """Share of the period's business days that are over."""
        days = self.calendar.days(self.period.start, self.period.end)
        return sum(day <= self.as_of for day in days) / len(days) if days else 0.0


def measure(begin: Begin, organisation: str, *, as_of: date) -> list[KpiValue]:
    """Measure every rep's KPIs for the month of that day, and keep the values."""
    with begin(organisation) as state:
        setting = _setting(state, as_of)
    values = evaluate(setting)
    with begin(organisation) as state:
        state.figures.keep(as_of, values)
    return values


def _setting(state: State, as_of: date) -> Setting:
    own = state.connections.organisation()
    members = state.people.members()
    return Setting(
        organisation=own,
        reps=[m for m in members if m.manager and m.role is not Role.MANAGER and m.active],
        frames=read_frames(state, members, own.time_zone, own.currency),
        period=period_of(as_of, "month", fiscal_start=own.fiscal_start),
        as_of=as_of,
        targets=in_force([*state.figures.targets(as_of), *_quotas(state, members, as_of)]),
        before={(v.person, v.kpi): v for v in state.figures.latest_before(as_of)},
        calendar=BusinessCalendar(own.country),
    )


def _quotas(state: State, members: Sequence[Member], as_of: date) -> list[Target]:
    """Quotas of the CRMs in force on that day; they are the company's."""
    people = {(c, user): m.person for m in members for c, user in m.accounts.items()}
    return [
        Target(
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
    ]


def evaluate(setting: Setting) -> list[KpiValue]:
    """All values, by person and KPI."""
    history = pasts(setting.frames)
    values: list[KpiValue] = []
    for kpi in catalogue().values():
        rows = _rows(_MEASURES[kpi.id](setting.frames, setting.period, setting.as_of))
        values += _evaluate(setting, kpi, rows, history)
    return sorted(values, key=lambda value: (value.person, value.kpi))


def _rows(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["person"]: row for row in frame.iter_rows(named=True)}


def _evaluate(
    setting: Setting, kpi: Kpi, rows: Mapping[str, dict[str, Any]], history: Mapping[str, Past]
) -> list[KpiValue]:
    past = history.get(kpi.id)
    targets = _targets(setting, kpi, past)
    course = course_of(setting, kpi, past, history, rows) if kpi.id != "pipeline_coverage" else None
    weekly = past.weekly(setting.as_of) if past is not None and kpi.unit == "count" else {}
    values = []
    for member in setting.reps:
        value = _value(setting, kpi, member.person, rows.get(member.person))
        if kpi.id == "pipeline_coverage":
            value = _coverage(setting, value, rows)
        value = _with_progress(setting, kpi, value, targets.get(member.person), course)
        if past is not None and kpi.unit == "count":
            usual, last = weekly.get(member.person, (0.0, 0.0))
            value = replace(value, usual=usual, last_week=last)
        values.append(value)
    return values


def _targets(setting: Setting, kpi: Kpi, past: Past | None) -> dict[str, Target]:
    months = past.months(setting.period) if past is not None and kpi.id in FROM_PAST else []
    team = past.totals(months) if past is not None and months else {}
    totals = [month for line in team.values() for month in line]
    whole = len(setting.calendar.days(setting.period.start, setting.period.end))
    found = {}
    for member in setting.reps:
        days = exposure(member, setting.period, setting.calendar)
        capacity = days / whole if whole else 0.0
        target = setting.targets.get((member.person, kpi.id)) or by_rule(
            kpi, member.person, setting.period, past=totals, capacity=capacity
        )
        if target is not None:
            found[member.person] = target
    return found


def _value(setting: Setting, kpi: Kpi, person: str, row: dict[str, Any] | None) -> KpiValue:
    numerator = row["numerator"] if row else 0.0
    denominator = row["denominator"] if row else (0.0 if kpi.unit == "ratio" else None)
    n = int(denominator) if denominator is not None else (row["n"] if row else 0)
    value: float | None = numerator
    status = ValueStatus.OK
    if kpi.unit == "ratio":
        value, status = ratio(numerator, denominator or 0.0)
    return KpiValue(
        person=person,
        kpi=kpi.id,
        period_start=setting.period.start,
        period_end=setting.period.end,
        as_of=setting.as_of,
        value=value,
        numerator=numerator,
        denominator=denominator,
        n=n,
        value_status=status,
        warnings=_warnings(kpi, row),
        records=_records(row),
    )


def _warnings(kpi: Kpi, row: dict[str, Any] | None) -> tuple[str, ...]:
    if row is None or kpi.unit not in ("money", "times") or "missing_fx" not in row:
        return ()
    codes = ("missing_amount", "missing_fx")
    return tuple(sorted(f"{code}:{id_}" for code in codes for id_ in row[code]))


def _records(row: dict[str, Any] | None) -> tuple[RecordRef, ...]:
    refs = (RecordRef(**one) for one in (row["records"] if row else ()))
    return tuple(sorted(refs, key=lambda ref: (ref.connection, ref.id)))


def _coverage(setting: Setting, value: KpiValue, rows: Mapping[str, dict[str, Any]]) -> KpiValue:
    """Open money in the period over what is still missing; nothing missing is `achieved`."""
    row = rows.get(value.person)
    target = setting.targets.get((value.person, "bookings"))
    if target is None:
        return replace(value, value=None, value_status=ValueStatus.NO_DATA)
    booked = measures_booked(setting).get(value.person, 0.0)
    open_money = row["numerator"] if row else 0.0
    share, status = coverage(open_money, target.value, booked)
    return replace(
        value,
        value=share,
        numerator=open_money,
        denominator=target.value - booked,
        value_status=status,
    )


def coverage(open_money: float, target: float, booked: float) -> tuple[float | None, ValueStatus]:
    missing = target - booked
    if missing <= 0:
        return None, ValueStatus.ACHIEVED
    return open_money / missing, ValueStatus.OK


def measures_booked(setting: Setting) -> dict[str, float]:
    rows = _rows(measures.bookings(setting.frames, setting.period, setting.as_of))
    return {person: row["numerator"] for person, row in rows.items()}


def _with_progress(
    setting: Setting, kpi: Kpi, value: KpiValue, target: Target | None, course: Course | None
) -> KpiValue:
    if target is None or course is None:
        return replace(value, target=target.value if target else None)
    seen = course.see(value, target.value)
    before = setting.before.get((value.person, value.kpi))
    same_period = before is not None and before.period_start == value.period_start
    p_start = before.p_start if same_period and before is not None else seen.p_start
    standing = Standing(
        p=seen.p,
        limits=boundaries(p_start),
        elapsed=setting.elapsed if kpi.is_volume else 1.0,
        reached=kpi.is_volume and value.value is not None and value.value >= target.value,
        value_status=ratio_status(value.n) if kpi.unit == "ratio" else value.value_status,
        before=before.progress if same_period and before is not None else None,
    )
    return replace(
        value,
        target=target.value,
        expected_to_date=seen.expected,
        p_attain=seen.p,
        p_start=p_start,
        projection=seen.projection,
        progress=judge(standing),
    )
