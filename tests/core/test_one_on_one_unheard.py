"""A figure that has been off track for weeks and on no agenda is named in the next one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Block,
    KpiValue,
    ProgressStatus,
    Topic,
    ValueStatus,
)
from crm_loop.one_on_one.unheard import unheard_before
from crm_loop.store import Begin

HOUSE, REP, WEEK = "acme", "rep@example.com", "2026-W25"
BEFORE = ("2026-W23", "2026-W24")
SUNDAYS = [date(2026, 6, 14) - timedelta(weeks=n) for n in range(3)]


def a_talk(week: str, kpi: str = "bookings") -> Agenda:
    starts_at = datetime(2026, 6, 2, 1, tzinfo=UTC)
    topic = Topic(code="T01", key="T01:x", score=1.0, components={}, fact="", reason="", kpi=kpi)
    return Agenda(
        rep=REP, manager="boss@example.com", week=week, starts_at=starts_at, publish_at=starts_at,
        minutes=15, language="ja", connection="crm", key=f"k{week}", subject="", text="x",
        manager_text="", blocks=(Block(code="theme", minutes=6, topics=(topic,)),),
        state=AgendaState.READY,
    )  # fmt: skip


def measured(begin: Begin, kpi: str, *late: bool) -> None:
    for day, is_late in zip(SUNDAYS, late, strict=True):
        base: dict[str, Any] = {"value": 0.0, "numerator": None, "denominator": None, "n": 0}
        progress = ProgressStatus.OFF_TRACK if is_late else ProgressStatus.AT_RISK
        value = KpiValue(person=REP, kpi=kpi, as_of=day, period_start=date(2026, 6, 1),
                         period_end=date(2026, 6, 30), value_status=ValueStatus.OK,
                         progress=progress, **base)  # fmt: skip
        with begin(HOUSE) as state:
            state.figures.keep(day, [value])


@pytest.mark.parametrize(
    ("kpi", "late", "talks", "found"),
    [
        ("new_meetings", (True, True, True), ("bookings", "bookings"), {"new_meetings"}),
        ("new_meetings", (True, False, True), ("bookings", "bookings"), None),
        ("new_meetings", (True, True, True), ("meetings_held", "bookings"), set()),
        ("new_meetings", (True, True, True), ("bookings",), None),
        ("next_step_hygiene", (True, True, True), ("calls", "bookings"), {"next_step_hygiene"}),
        # A target for results is the company's, and no theme.
        ("bookings", (True, True, True), ("calls", "calls"), None),
    ],
)
def test_what_was_late_three_times_and_named_in_neither_1on1_is_unheard(
    begin: Begin, kpi: str, late: tuple[bool, ...], talks: tuple[str, ...], found: set[str] | None
) -> None:
    measured(begin, kpi, *late)
    with begin(HOUSE) as state:
        state.agendas.put(a_talk(*one) for one in zip(BEFORE, talks, strict=False))
        assert unheard_before(state, WEEK, [REP]).get(REP) == found
        assert unheard_before(state, WEEK, ["mate@example.com"]) == {}
