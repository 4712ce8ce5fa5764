"""Charts as data for the browser, and the same in words for everybody else; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from crm_loop.console.figure_view import Writing
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.two_days import Moved
from crm_loop.loop_records import KpiValue
from crm_loop.wording.numbers import day

#: Full weeks of the own past.
WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`data` is for the script that draws it; `rows` say the same as a table."""

    title: str
    data: dict[str, Any]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)


def course(kpi: Kpi, values: Sequence[KpiValue], writing: Writing) -> Chart | None:
    """How the running period has gone so far; None with fewer than two days to show."""
    if not values:
        return None
    last = values[-1]
    points = [v for v in values if v.period_start == last.period_start and v.value is not None]
    if len(points) < 2:  # noqa: PLR2004 - one point is no course
        return None
    say, language = writing.words.say, writing.words.language
    scale = 100 if kpi.unit == "ratio" else 1
    labels = [day(p.as_of, language) for p in points]
    lines = [
        _line(say("chart.actual"), [(p.value or 0) * scale for p in points], "actual"),
        _line(say("chart.expected"), [p.expected_to_date for p in points], "expected"),
        _line(say("chart.target"), [_scaled(p.target, scale) for p in points], "target"),
    ]
    if kpi.is_volume and last.projection is not None and last.target is not None:
        labels.append(day(last.period_end, language))
        ends = dict(zip(("low", "middle", "high"), last.projection, strict=True))
        for line in lines:
            line["values"].append(last.target if line["role"] == "target" else None)
        lines += [
            _end(say(f"chart.{name}"), len(points), value, name) for name, value in ends.items()
        ]
    kept = [one for one in lines if any(value is not None for value in one["values"])]
    return Chart(
        title=say("chart.course"),
        data={"kind": "line", "labels": labels, "series": kept, "unit": _unit(kpi)},
        heads=(say("chart.day"), say("chart.actual"), say("chart.expected")),
        rows=[_course_row(kpi, p, writing) for p in points],
    )


def weeks(kpi: Kpi, values: Sequence[KpiValue], writing: Writing) -> Chart | None:
    """The own last full weeks, as they were measured; None with fewer than two."""
    counted: dict[date, float] = {}
    for one in values:
        if one.last_week is not None:
            monday = one.as_of - timedelta(days=(one.as_of.weekday() + 1) % 7 + 6)
            counted[monday] = one.last_week
    mondays = sorted(counted)[-WEEKS:]
    if len(mondays) < 2:  # noqa: PLR2004 - one week is no past
        return None
    say, language = writing.words.say, writing.words.language
    labels = [say("chart.week_of", day=monday) for monday in mondays]
    series = [_line(say("chart.count"), [counted[m] for m in mondays], "bar")]
    usual = next((v.usual for v in reversed(values) if v.usual is not None), None)
    if usual is not None:
        series.append(_line(say("chart.usual"), [usual] * len(mondays), "expected"))
    del language
    return Chart(
        title=say("chart.weeks"),
        data={"kind": "bar", "labels": labels, "series": series, "unit": _unit(kpi)},
        heads=(say("chart.week"), say("chart.count")),
        rows=[
            (label, writing.number(kpi, counted[m]))
            for label, m in zip(labels, mondays, strict=True)
        ],
    )


def steps_of_money(found: Moved, writing: Writing) -> Chart:
    """From the open money of one day to that of another, a step for each thing that moved it."""
    say, money = writing.words.say, writing.money
    labels, spans, roles = [say("pipeline.before")], [[0.0, found.before]], ["whole"]
    stands, rows = found.before, [(say("pipeline.before"), money(found.before))]
    for part, amount in found.parts.items():
        if amount:
            labels.append(say(f"moves.{part}"))
            spans.append([stands, stands + amount])
            roles.append("up" if amount > 0 else "down")
            rows.append((say(f"moves.{part}"), f"{'+' if amount > 0 else '−'}{money(abs(amount))}"))
            stands += amount
    labels.append(say("pipeline.after"))
    spans.append([0.0, found.after])
    roles.append("whole")
    rows.append((say("pipeline.after"), money(found.after)))
    series = [{"label": say("pipeline.amount"), "values": spans, "role": "step", "roles": roles}]
    return Chart(
        title=say("pipeline.chart"),
        data={"kind": "bar", "labels": labels, "series": series, "unit": "money"},
        heads=(say("pipeline.what"), say("pipeline.amount")),
        rows=rows,
    )


def _course_row(kpi: Kpi, point: KpiValue, writing: Writing) -> tuple[str, str, str]:
    expected = point.expected_to_date
    return (
        day(point.as_of, writing.words.language),
        writing.value(kpi, point),
        "–" if expected is None else writing.number(kpi, expected),
    )


def _scaled(value: float | None, scale: int) -> float | None:
    return None if value is None else value * scale


def _line(label: str, values: Sequence[float | None], role: str) -> dict[str, Any]:
    return {"label": label, "values": list(values), "role": role}


def _end(label: str, before: int, value: float, role: str) -> dict[str, Any]:
    """A point at the end of the period."""
    return {"label": label, "values": [*([None] * before), value], "role": role}


def _unit(kpi: Kpi) -> str:
    return kpi.unit
