"""A figure as a page shows it: whole numbers, in the reader's language, nothing it need not say.

Count, target, what is usual by today, where it will land, and the person's own past: that is all
the first profile shows. Pure.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crm_loop.calendars import Period, kind_of
from crm_loop.console.figure_store import RecordLine, refs_of
from crm_loop.kpi.catalogue import Kpi
from crm_loop.loop_records import KpiValue, ProgressStatus, RecordRef, Restated, ValueStatus
from crm_loop.wording import Words
from crm_loop.wording.numbers import WAVE, Money, amount, rounded, share, whole

#: Progress words that call for nothing.
CALM = frozenset({ProgressStatus.ACHIEVED, ProgressStatus.ON_TRACK, ProgressStatus.TOO_EARLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """One KPI of one person, in words; empty where there is nothing to say."""

    kpi: str
    name: str
    kind: str
    period: str
    value: str
    target: str
    expected: str
    landing: str
    past: str
    status: str
    status_word: str
    done: int | None
    of: int | None
    purpose: str


@dataclass(frozen=True, slots=True)
class Writing:
    """How numbers are written for one reader."""

    words: Words
    currency: str

    def number(self, kpi: Kpi, value: float) -> str:
        """A value of the KPI's unit."""
        if kpi.unit == "money":
            return self.money(value)
        if kpi.unit == "ratio":
            return f"{whole(value * 100)}%"
        if kpi.unit == "count":
            return self.words.say("units.count", value=f"{whole(value):,}")
        unit = kpi.unit if f"{kpi.unit}" in self.words.texts["units"] else "plain"
        return self.words.say(f"units.{unit}", value=f"{value:,.1f}".removesuffix(".0"))

    def money(self, value: float) -> str:
        """An amount in the house's currency."""
        return amount(Money(value, self.currency), self.words.language)

    def about(self, kpi: Kpi, value: float) -> str:
        """A value as people say one that they do not know exactly: money in two figures."""
        return self.number(kpi, rounded(value) if kpi.unit == "money" else value)

    def value(self, kpi: Kpi, value: KpiValue) -> str:
        """What was measured; few cases as so many of so many, never as a percentage."""
        if value.value is None:
            return self.words.say("figure.none")
        if kpi.value == "share":
            part, total = whole(value.numerator or 0), whole(value.denominator or 0)
            return share(part, total, self.words.language) if total else "–"
        return self.number(kpi, value.value)

    def range(self, kpi: Kpi, low: float, high: float) -> str:
        """From low to high; a unit that both share is written once."""
        dash = WAVE if self.words.language == "ja" else "–"
        first, last = self.about(kpi, low), self.about(kpi, high)
        unit = last.lstrip("0123456789.,")
        if self.words.language == "ja" and unit and first.lstrip("0123456789.,") == unit:
            first = first.removesuffix(unit)
        return f"{first}{dash}{last}"


def view(kpi: Kpi, value: KpiValue, writing: Writing) -> FigureView:
    """One figure in words."""
    say = writing.words.say
    period = Period(
        value.period_start, value.period_end, kind_of(value.period_start, value.period_end)
    )
    done, of = _bar(value)
    status = _status(value)
    return FigureView(
        kpi=kpi.id,
        name=kpi.names[writing.words.language],
        kind=kpi.kind,
        period=say("figure.period", period=period) if not kpi.state_only else say("figure.now"),
        value=writing.value(kpi, value),
        target=_target(kpi, value, writing),
        expected=_expected(kpi, value, writing),
        landing=_landing(kpi, value, writing, period),
        past=_past(kpi, value, writing),
        status=status,
        status_word=say(f"status.{status}") if status else "",
        done=done,
        of=of,
        purpose=kpi.purposes[writing.words.language],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedView:
    """A closed period whose figure would be another one today, in words, with what changed."""

    period: str
    text: str
    records: Sequence[RecordLine]


def closed_view(
    kpi: Kpi, one: Restated, lines: Mapping[RecordRef, RecordLine], writing: Writing
) -> ClosedView:
    """What was closed, on which day, what the records say now, and the records in question."""
    say = writing.words.say
    none = say("figure.none")
    return ClosedView(
        period=say("figure.closed_span", first=one.period_start, last=one.period_end),
        text=say(
            "figure.restated",
            day=one.frozen_on,
            then=none if one.frozen is None else writing.number(kpi, one.frozen),
            now=writing.number(kpi, one.live),
        ),
        records=[lines[ref] for ref in refs_of(one) if ref in lines],
    )


def shown_kpis(
    wanted: Sequence[str], known: Mapping[str, Kpi], have: Callable[[str], bool]
) -> list[Kpi]:
    """What is to be shown of what was measured, results first."""
    ids = [id_ for id_ in wanted if id_ in known and have(id_)]
    return sorted((known[id_] for id_ in ids), key=lambda kpi: kpi.kind != "outcome")


def all_others(
    profile: str, known: Mapping[str, Kpi], have: Callable[[str], bool], shown: Sequence[Kpi]
) -> list[Kpi]:
    """Everything else that was measured, for those who look at all of it."""
    if profile != "full":
        return []
    beside = {kpi.id for kpi in shown}
    return [kpi for id_, kpi in known.items() if id_ not in beside and have(id_)]


def team_total(kpi: Kpi, values: Sequence[KpiValue], writing: Writing) -> tuple[str, str] | None:
    """Sum and target of a KPI that adds up; None for one that does not."""
    if not kpi.is_volume or not values:
        return None
    total = sum(value.value or 0 for value in values)
    targets = [value.target for value in values if value.target is not None]
    # A sum of the targets of a few would look like one of all.
    target = writing.number(kpi, sum(targets)) if len(targets) == len(values) else ""
    return writing.number(kpi, total), target


def _status(value: KpiValue) -> str:
    if value.value_status is ValueStatus.INSUFFICIENT and value.target is not None:
        return ProgressStatus.INSUFFICIENT.value
    if value.target is None or value.progress is None:
        return ""
    return value.progress.value


def _target(kpi: Kpi, value: KpiValue, writing: Writing) -> str:
    if value.target is None:
        return ""
    key = "figure.target" if kpi.higher_is_better else "figure.target_down"
    if kpi.value == "share" and value.denominator:
        # Guarded, so that binary noise adds no deal to the target.
        wanted = value.target * value.denominator
        cases = math.ceil(wanted - 1e-9) if kpi.higher_is_better else math.floor(wanted + 1e-9)
        if value.denominator < 20:  # noqa: PLR2004 - the same as for the value beside it
            return writing.words.say(key, target=writing.words.say("units.count", value=str(cases)))
    return writing.words.say(key, target=writing.number(kpi, value.target))


def _expected(kpi: Kpi, value: KpiValue, writing: Writing) -> str:
    if value.expected_to_date is None or value.progress is ProgressStatus.ACHIEVED:
        return ""
    expected = writing.about(kpi, value.expected_to_date)
    return writing.words.say("figure.expected", expected=expected)


def _landing(kpi: Kpi, value: KpiValue, writing: Writing, period: Period) -> str:
    if value.projection is None or value.target is None:
        return ""
    low, middle, high = value.projection
    return writing.words.say(
        "figure.landing",
        end=writing.words.say(
            "figure.month_end" if period.kind == "month" else "figure.period_end"
        ),
        middle=writing.about(kpi, middle),
        range=writing.range(kpi, low, high),
    )


def _past(kpi: Kpi, value: KpiValue, writing: Writing) -> str:
    if value.usual is None or value.last_week is None:
        return ""
    return writing.words.say(
        "figure.past",
        usual=writing.about(kpi, value.usual),
        last=writing.number(kpi, value.last_week),
    )


def _bar(value: KpiValue) -> tuple[int | None, int | None]:
    """How far, in hundredths, for a bar; None without a target that can be reached by adding."""
    if value.target is None or value.value is None or value.target <= 0:
        return None, None
    return min(100, whole(100 * value.value / value.target)), 100
