"""What a manager hears between two lists: seldom, once, and without a figure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import memo_world
import pytest

from crm_loop.calendars import week_of
from crm_loop.cycle.alerting import REASON, alerts_due, tell_managers
from crm_loop.cycle.turn import Turn
from crm_loop.digest.alerts import Alert, text_of
from crm_loop.digest.letter import letter_of
from crm_loop.loop_records import (
    Intent,
    KpiValue,
    ProgressStatus,
    ValueStatus,
    WriteKind,
    WriteState,
)
from crm_loop.store import Begin
from crm_loop.store.connections import Organisation
from crm_loop.store.tables import work
from crm_loop.store.write_rows import Write
from crm_loop.wording import words
from crm_loop.wording.linter import lint
from crm_loop.wording.numbers import Kpi

ORGANISATION = memo_world.ORGANISATION
REP, BOSS = "rep00000@example.com", "boss00000@example.com"
#: A Tuesday; on the next morning figures are those of this day.
DAY = date(2026, 6, 16)
ACHIEVED, ON, RISK, OFF = (
    ProgressStatus.ACHIEVED, ProgressStatus.ON_TRACK, ProgressStatus.AT_RISK,
    ProgressStatus.OFF_TRACK,
)  # fmt: skip


def turn(begin: Begin, day: date = DAY) -> Turn:
    now = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
    return Turn(begin=begin, organisation=ORGANISATION, now=now, connect=lambda _: None,  # type: ignore[arg-type,return-value] - nothing is connected
                clock=lambda: now, lease=timedelta(seconds=30))  # fmt: skip


@pytest.fixture(params=["ja", "en"])
def world(request: pytest.FixtureRequest, begin: Begin) -> memo_world.World:
    return memo_world.build(begin, reps=2, languages=(request.param,))


def stands(begin: Begin, day: date, progress: ProgressStatus, **known: Any) -> None:
    base: dict[str, Any] = {
        "person": REP, "kpi": "meetings_held", "period_start": date(2026, 6, 1),
        "period_end": date(2026, 6, 30), "as_of": day, "value": 3.0, "numerator": None,
        "denominator": None, "n": 9, "value_status": ValueStatus.OK, "progress": progress,
    }  # fmt: skip
    with begin(ORGANISATION) as state:
        state.figures.keep(day, [KpiValue(**(base | known))])


def told(begin: Begin) -> list[Write]:
    with begin(ORGANISATION) as state:
        return [one for one in state.writes.rows() if one.reason == REASON]


@pytest.mark.parametrize(
    ("before", "now", "count"),
    [(ON, OFF, 1), (ACHIEVED, OFF, 1), (ACHIEVED, RISK, 1), (ON, RISK, 0), (RISK, OFF, 0),
     (OFF, ON, 0), (OFF, OFF, 0)],
)  # fmt: skip
def test_two_steps_worse_within_a_week_is_told_to_the_manager(
    world: memo_world.World, before: ProgressStatus, now: ProgressStatus, count: int
) -> None:
    stands(world.begin, DAY - timedelta(days=7), before)
    stands(world.begin, DAY, now)
    tell_managers(turn(world.begin), as_of=DAY)
    found = told(world.begin)
    assert [(one.person, one.kind) for one in found] == [(BOSS, WriteKind.ALERT)] * count
    for one in found:
        language = world.language[REP]
        assert not [hit for line in one.body.splitlines() for hit in lint(line, language)]
        assert not any(character.isdigit() for character in one.body.replace("1on1", ""))
        assert one.state is WriteState.APPROVED


def test_the_same_is_told_once_and_at_most_one_alert_a_day_goes_out(
    world: memo_world.World,
) -> None:
    stands(world.begin, DAY - timedelta(days=7), ON)
    stands(world.begin, DAY, OFF)
    assert tell_managers(turn(world.begin), as_of=DAY) == 1
    assert tell_managers(turn(world.begin), as_of=DAY) == 0
    later = DAY + timedelta(days=1)
    stands(world.begin, later - timedelta(days=7), ON)
    stands(world.begin, later, OFF)
    assert tell_managers(turn(world.begin, later), as_of=later) == 0
    assert len(told(world.begin)) == 1


def test_what_a_weekend_brings_is_one_alert_on_monday_that_goes_by_mail_too(
    world: memo_world.World,
) -> None:
    for n, kpi in ((3, "meetings_held"), (4, "new_meetings"), (5, "proposals")):
        night = DAY + timedelta(days=n)
        stands(world.begin, night - timedelta(days=7), ON, kpi=kpi)
        stands(world.begin, night, OFF, kpi=kpi)
        tell_managers(turn(world.begin, night), as_of=night)
    monday = date(2026, 6, 22)
    found = told(world.begin)
    assert [(one.due, one.not_before.date()) for one in found] == [(monday, date(2026, 6, 21))]
    with world.begin(ORGANISATION) as state:
        at_work = found[0].not_before + timedelta(minutes=1)
        assert len(alerts_due(state, now=at_work, week=week_of(monday))) == 1


@pytest.mark.parametrize("kpi", ["new_logo_count", "stage_conversion_s1_s2", "slip_rate"])
def test_every_kpi_has_a_name_that_an_alert_can_say(world: memo_world.World, kpi: str) -> None:
    stands(world.begin, DAY - timedelta(days=7), ON, kpi=kpi)
    stands(world.begin, DAY, OFF, kpi=kpi)
    assert tell_managers(turn(world.begin), as_of=DAY) == 1
    (one,) = told(world.begin)
    assert words(world.language[REP]).say(f"kpi.{kpi}") in one.body


def test_a_kpi_that_the_house_no_longer_has_is_no_alert(world: memo_world.World) -> None:
    stands(world.begin, DAY - timedelta(days=7), ON, kpi="our_demos")
    stands(world.begin, DAY, OFF, kpi="our_demos")
    assert tell_managers(turn(world.begin), as_of=DAY) == 0


@pytest.mark.parametrize(
    ("language", "last"),
    [("ja", "ほかにも2人の見通しが、先週から変わっています。"),
     ("en", "So has that of two more people.")],
)  # fmt: skip
def test_people_beyond_the_third_are_not_lost(language: str, last: str) -> None:
    changed = {f"P{n}": [Kpi("proposals"), "demos"] for n in range(5)}
    lines = text_of(Alert(changed=changed), words(language)).splitlines()
    assert (len(lines), lines[-1]) == (4, last)
    assert all("demos" in line for line in lines[:3])


def test_a_new_period_or_a_figure_that_is_looked_into_is_no_alert(
    world: memo_world.World,
) -> None:
    stands(world.begin, DAY - timedelta(days=7), ON, period_start=date(2026, 5, 1))
    stands(world.begin, DAY, OFF)
    assert tell_managers(turn(world.begin), as_of=DAY) == 0
    stands(world.begin, DAY, OFF, reference=True)
    assert tell_managers(turn(world.begin), as_of=DAY) == 0


def a_refused_write(begin: Begin, since: datetime) -> None:
    intent = Intent(key="cl1t9", connection="salesforce", kind=WriteKind.ACTION, person=REP,
                    owner_id=REP, subject="s", body="", due=DAY, reason="action.rep",
                    not_before=since)  # fmt: skip
    with begin(ORGANISATION) as state:
        state.writes.plan([intent], run="r")
        state.connection.execute(
            work.write.update().values(state=WriteState.REFUSED, settled_at=since)
        )


@pytest.mark.parametrize(("hours", "count"), [(30, 1), (20, 0)])
def test_a_write_that_stays_refused_for_a_day_is_told(
    world: memo_world.World, hours: int, count: int
) -> None:
    now = turn(world.begin).now
    a_refused_write(world.begin, now - timedelta(hours=hours))
    assert tell_managers(turn(world.begin), as_of=DAY) == count
    for one in told(world.begin):
        assert "Salesforce" in one.body
        assert not [hit for text in one.body.splitlines()
                    for hit in lint(text, world.language[REP])]  # fmt: skip


def test_in_the_starter_profile_nobody_hears_more_than_the_list(world: memo_world.World) -> None:
    with world.begin(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="starter"))
    stands(world.begin, DAY - timedelta(days=7), ON)
    stands(world.begin, DAY, OFF)
    assert isinstance(own, Organisation)
    assert tell_managers(turn(world.begin), as_of=DAY) == 0


def test_where_everybody_can_read_a_task_nothing_is_said_about_a_person(
    world: memo_world.World,
) -> None:
    with world.begin(ORGANISATION) as state:
        row = state.connections.get("salesforce")
        assert row is not None
        state.connections.put(replace(row, facts={**row.facts, "private_tasks": False}))
    stands(world.begin, DAY - timedelta(days=7), ON)
    stands(world.begin, DAY, OFF)
    assert tell_managers(turn(world.begin), as_of=DAY) == 0


def test_an_alert_goes_by_mail_too_once_its_time_has_come(world: memo_world.World) -> None:
    stands(world.begin, DAY - timedelta(days=7), ON)
    stands(world.begin, DAY, OFF)
    here = turn(world.begin)
    tell_managers(here, as_of=DAY)
    (written,) = told(world.begin)
    with world.begin(ORGANISATION) as state:
        early = alerts_due(state, now=written.not_before - timedelta(hours=1), week=here.week())
        (due,) = alerts_due(state, now=written.not_before, week=here.week())
    assert early == []
    letter = letter_of(due, words(world.language[REP]))
    assert (letter.to, letter.subject) == (BOSS, written.subject)
    assert written.body in letter.text
