"""From frames to values: measure, compare with the target, say how it stands; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm_loop.calendars import Period
from crm_loop.kpi.capacity import effective, worked_days
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.figures import NOTHING, Row, figure_of, lines_by_person
from crm_loop.kpi.history import Past, pasts
from crm_loop.kpi.landing import Course, course_of
from crm_loop.kpi.measures import MEASURES
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.process_values import process_values
from crm_loop.kpi.progress import Standing, boundaries, coverage, judge
from crm_loop.kpi.rules import Rules
from crm_loop.kpi.setting import Scope, Setting, scopes
from crm_loop.kpi.targets import FROM_PAST, by_rule
from crm_loop.kpi.trust import enough
from crm_loop.loop_records import KpiValue, Member, RecordLines, Target, ValueStatus
from crm_loop.statistics.guarded import at_least, at_most
from crm_loop.statistics.ordered import median
from crm_loop.store.connections import Organisation

#: The warning of a record that cannot be put back to what it was in full.
PARTIAL = "partial_data"
COVERAGE, WEIGHTED = "pipeline_coverage", "weighted_coverage"


def evaluate(setting: Setting, ahead: Outlook) -> list[KpiValue]:
    """All values of all reps, by person and KPI; `ahead` is what the open deals may bring."""
    history = pasts(setting.frames)
    values = [
        value
        for kpi in setting.kpis
        for scope, reps in scopes(setting, kpi).items()
        for value in _scope_values(setting, kpi, scope, reps, history=history, ahead=ahead)
    ]
    made = process_values(setting, {(one.person, one.kpi): one for one in values})
    scored = [_as_closed(setting, one) for one in made]
    everything = sorted([*values, *scored], key=lambda value: (value.person, value.kpi))
    if setting.trust is None or enough(setting.trust):
        return everything
    # Before people are judged the data is: nobody stands anywhere on half of the records.
    return [replace(one, reference=True) for one in everything]


def _scope_values(
    setting: Setting,
    kpi: Kpi,
    scope: Scope,
    reps: Sequence[Member],
    *,
    history: Mapping[str, Past],
    ahead: Outlook,
) -> list[KpiValue]:
    window = window_of(setting, kpi, scope.period)
    rows = lines_by_person(setting.measure(kpi.id)(setting.frames, window, setting.as_of))
    values = [
        value_of(kpi, scope.period, setting.as_of, rep, rows.get(rep.person, NOTHING))
        for rep in reps
    ]
    values = with_partial(setting, values)
    if kpi.id == WEIGHTED:
        values = [_weighed(setting, scope, one, ahead) for one in values]
    if kpi.id in (COVERAGE, WEIGHTED):
        values = _covered(setting, scope.period, values)
    values = [_as_closed(setting, one) for one in values]
    if kpi.id in (COVERAGE, WEIGHTED):
        return values
    evaluation = Evaluation(
        setting,
        kpi,
        scope,
        course_of(setting, scope, kpi, history, rows, ahead=ahead),
        _pace(setting, kpi, history),
    )
    values = [evaluation.judged(rep, value) for rep, value in zip(reps, values, strict=True)]
    past = history.get(kpi.id)
    return values if past is None or kpi.unit != "count" else _with_weeks(values, past)


def window_of(setting: Setting, kpi: Kpi, period: Period) -> Period:
    """A cohort is that of the last year, of which those old enough count."""
    if not kpi.is_cohort:
        return period
    return cohort_of(setting.as_of, setting.frames.rules)


def cohort_of(as_of: date, rules: Rules) -> Period:
    """The last year, in which a cohort's deals began."""
    return Period(as_of - timedelta(days=rules.cohort_window - 1), as_of, "year")


def value_of(kpi: Kpi, period: Period, as_of: date, rep: Member, row: Row) -> KpiValue:
    """What was measured; whoever has no account in any CRM cannot be measured."""
    figure = figure_of(kpi, row)
    known = bool(rep.accounts)
    return KpiValue(
        person=rep.person,
        kpi=kpi.id,
        period_start=period.start,
        period_end=period.end,
        as_of=as_of,
        value=figure.value if known else None,
        numerator=figure.numerator,
        denominator=figure.denominator,
        n=figure.n,
        value_status=figure.status if known else ValueStatus.NO_DATA,
        warnings=tuple(row["warnings"]),
        records=RecordLines(row["lines"] or "", row["given"]),
    )


def with_partial(setting: Setting, values: Sequence[KpiValue]) -> list[KpiValue]:
    """Values that rest on deals whose state of that day is not known in full, marked so."""
    partial = {f"{c}\tdeal\t{id_}": id_ for c, id_ in setting.frames.partial.iter_rows()}
    if not partial:
        return list(values)
    found = []
    for value in values:
        text = value.records.text if isinstance(value.records, RecordLines) else ""
        # All records of a figure are of one kind, and the longest lists are not deals.
        lines = text.split("\n") if "\tdeal\t" in text.partition("\n")[0] else ()
        marked = {f"{PARTIAL}:{partial[line]}" for line in lines if line in partial}
        warnings = tuple(sorted({*value.warnings, *marked})) if marked else value.warnings
        found.append(replace(value, warnings=warnings))
    return found


def _as_closed(setting: Setting, value: KpiValue) -> KpiValue:
    """What was frozen of a closed period stands for it, whatever became of its records since."""
    frozen = setting.closed.get((value.person, value.kpi))
    if frozen is None:
        return value
    return replace(
        value,
        value=frozen.value,
        numerator=frozen.numerator,
        denominator=frozen.denominator,
        n=frozen.n,
        value_status=ValueStatus(frozen.value_status),
        records=RecordLines("\n".join(one.replace(":", "\t", 2) for one in frozen.amounts)),
    )


def _weighed(setting: Setting, scope: Scope, value: KpiValue, ahead: Outlook) -> KpiValue:
    """Open money, each deal's by the chance that it is won by the end of the period."""
    if value.value is None:
        return value
    chances = ahead.in_time(value.person, setting.as_of, scope.period.end)
    money = sum((deal.amount or 0.0) * chance for deal, chance in chances)
    return replace(value, value=money, numerator=money)


def _covered(setting: Setting, period: Period, values: Sequence[KpiValue]) -> list[KpiValue]:
    """Open money as a multiple of what is missing to the target for results."""
    booked = lines_by_person(MEASURES["bookings"](setting.frames, period, setting.as_of))
    found = []
    for value in values:
        target = setting.targets.get((value.person, "bookings"))
        warnings = tuple(setting.unusable.get((value.person, "bookings"), ()))
        known = replace(value, warnings=tuple(sorted({*value.warnings, *warnings})))
        if target is None or value.value is None:
            found.append(replace(known, value=None, value_status=ValueStatus.NO_DATA))
            continue
        done = figure_of("bookings", booked.get(value.person, NOTHING)).numerator or 0.0
        share, status = coverage(value.value, target.value, done)
        missing = target.value - done
        found.append(replace(known, value=share, denominator=missing, value_status=status))
    return found


def _pace(setting: Setting, kpi: Kpi, history: Mapping[str, Past]) -> float | None:
    """The middle one of the reps' past months with anything in them, a business day."""
    if kpi.id not in FROM_PAST:
        return None
    past = history[kpi.id]
    months = past.periods(setting.month)
    totals, own = past.totals(months), setting.organisation
    return median(
        [
            total / days
            for rep in setting.reps
            for month, total in zip(months, totals.get(rep.person, ()), strict=False)
            if total > 0 and (days := _worked(own, rep, month)) > 0
        ]
    )


def _worked(own: Organisation, rep: Member, month: Period) -> float:
    return worked_days(rep, month, own.calendar(rep.country), steps=own.counting.ramp)


def _with_weeks(values: Sequence[KpiValue], past: Past) -> list[KpiValue]:
    weeks = past.weekly(values[0].as_of)
    return [
        replace(value, usual=weeks.usual(value.person), last_week=weeks.last(value.person))
        for value in values
    ]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One KPI in one scope: compares values with targets."""

    setting: Setting
    kpi: Kpi
    scope: Scope
    course: Course
    pace: float | None

    def judged(self, rep: Member, value: KpiValue) -> KpiValue:
        """The value with its target, what is usual by now, its landing and its status."""
        days = self.scope.worked(rep)
        unusable = self.setting.unusable.get((rep.person, self.kpi.id), ())
        projection = self.course.projection(value) if value.value is not None else None
        if unusable or projection is not None:
            warnings = tuple(sorted({*value.warnings, *unusable}))
            value = replace(value, warnings=warnings, projection=projection)
        target = self._target(rep, days)
        if target is None:
            return value
        # Nothing is expected of somebody who is away all the time.
        return self._standing(value, target) if days > 0 else replace(value, target=target.value)

    def _target(self, rep: Member, days: float) -> Target | None:
        given = self.setting.targets.get((rep.person, self.kpi.id))
        if given is not None and self._other_period(given):
            given = None
        if given is not None:
            return self._prorated(given, rep) if given.value > 0 else None
        return by_rule(self.kpi, rep.person, self.scope.period, pace=self.pace, days=days)

    def _prorated(self, target: Target, rep: Member) -> Target | None:
        """What a team agreed on is for a full load; what the company set stands as it is."""
        if target.set_by != "team" or not self.kpi.is_volume:
            return target
        value = effective(target.value, self.scope.capacity(rep))
        # Whoever is away all the time keeps the target in sight; nothing is expected of it.
        return replace(target, value=value) if value else target

    def _other_period(self, target: Target) -> bool:
        period = self.setting.chosen
        span = (target.period_start, target.period_end)
        return period is not None and span != (period.start, period.end)

    def _standing(self, value: KpiValue, target: Target) -> KpiValue:
        before = self._before(value)
        p_start = before.p_start if before and before.target == target.value else None
        if p_start is None:
            p_start = self.course.chance_at_start(value.person, target.value)
        p = self.course.chance(value, target.value) if value.value is not None else None
        standing = Standing(
            p=p,
            limits=boundaries(p_start),
            elapsed=self.scope.elapsed(self.setting.as_of) if self.kpi.is_volume else 1.0,
            reached=self._reached(value, target.value),
            value_status=value.value_status,
            before=before.progress if before else None,
        )
        expected = self.course.expected(target.value)
        return replace(
            value,
            target=target.value,
            expected_to_date=expected,
            p_attain=p,
            p_start=p_start,
            progress=judge(standing),
        )

    def _before(self, value: KpiValue) -> KpiValue | None:
        """The last evaluation, while the period is the same."""
        before = self.setting.before.get((value.person, value.kpi))
        return before if before and before.period_start == value.period_start else None

    def _reached(self, value: KpiValue, target: float) -> bool:
        """Volumes may be reached any day; a share is only at the end of the period."""
        if value.value is None or not (self.kpi.is_volume or value.as_of >= value.period_end):
            return False
        compare = at_least if self.kpi.higher_is_better else at_most
        return compare(value.value, target)
