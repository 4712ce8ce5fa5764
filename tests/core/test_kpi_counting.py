"""What an admin decides of counting changes the next night, and closed months say so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.calendars import named_period
from crm_loop.kpi.house_diff import moved_by
from crm_loop.kpi.service import measure, read_setting
from crm_loop.kpi.setting import scopes
from crm_loop.loop_records import Role, Target
from crm_loop.loop_records.counting import CountingRules
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Lead,
    Person,
    Subject,
)
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
MAY = named_period("2026-05")
SUNDAY = date(2026, 6, 14)
_DECIDED = ("2026-01-11", "2026-05-20", "2026-05-20", "2026-05-21")


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T03:00:00").replace(tzinfo=UTC)


def won(id_: str, made: str, day: str, **known: Any) -> Deal:
    base: dict[str, Any] = {
        "id": id_, "name": id_, "owner_id": "u1", "account_id": None, "pipeline": "p",
        "stage": "won", "is_closed": True, "is_won": True, "amount": Decimal(100),
        "currency": "JPY", "close_date": date.fromisoformat(day), "created_at": moment(made),
        "modified_at": moment(day),
    }  # fmt: skip
    return Deal(**(base | known))


def lost(id_: str, day: str, **known: Any) -> Deal:
    return won(id_, "2026-05-01", day, stage="lost", is_won=False, **known)


def an_activity(id_: str, day: str, kind: ActivityKind, **known: Any) -> Activity:
    base: dict[str, Any] = {
        "id": id_, "kind": kind, "owner_id": "u1", "deal_id": None, "account_id": "k1",
        "start": moment(day), "logged_at": moment(day), "status": ActivityStatus.HELD,
        "external_attendees": 1, "outbound": True,
    }  # fmt: skip
    return Activity(**(base | known))


@pytest.fixture
def world(begin: Begin) -> Begin:
    """A deal won and two lost, a call, two meetings and a lead of one rep."""
    deals = [
        won("d9", "2026-01-01", "2026-01-11"),
        won("d0", "2026-05-01", "2026-05-20"),
        lost("d1", "2026-05-20", lost_reason="Duplicate"),
        lost("d2", "2026-06-20", lost_reason="Budget"),
    ]
    moves = [
        DealChange(id=one.id, deal_id=one.id, at=moment(on), field=DealField.STAGE, value=one.stage)
        for one, on in zip(deals, _DECIDED, strict=True)
    ]
    done = [
        an_activity("00T1", "2026-05-12", ActivityKind.CALL, disposition="通電"),
        an_activity("00U1", "2026-05-13", ActivityKind.MEETING),
        an_activity("00T2", "2026-05-14", ActivityKind.MEETING),
        an_activity("00U3", "2026-01-14", ActivityKind.MEETING, account_id="k2"),
    ]
    with begin(ORGANISATION) as state:
        state.mapping.set(CRM, {("p", one): one for one in ("S2", "S3", "won", "lost")})
        row = ConnectionRow(
            name=CRM, kind="none", url="https://x", facts={"assumed_meetings": "00U"}
        )
        state.connections.put(row)
        named = [("u1", ANNA, "u9"), ("u9", "boss@example.com", None)]
        people = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in named]
        for subject, rows in (
            (Subject.PEOPLE, people), (Subject.DEALS, deals), (Subject.CHANGES, moves),
            (Subject.ACTIVITIES, done),
        ):  # fmt: skip
            state.crm.remember(CRM, subject, rows)
    return begin


def decide(world: Begin, **rules: Any) -> None:
    with world(ORGANISATION) as state:
        own = state.connections.organisation()
        decided = replace(own.counting, **rules)
        state.connections.put_organisation(replace(own, counting=decided))


def night(world: Begin, after: int = 0) -> dict[str, tuple[float | None, float]]:
    """Measure, and tell what became different of May, frozen and now."""
    measure(world, ORGANISATION, as_of=SUNDAY + timedelta(days=after))
    with world(ORGANISATION) as state:
        found = state.frozen.restatements(person=ANNA)
    return {one.kpi: (one.frozen, one.live) for one in found if one.period_start == MAY.start}


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"connected_dispositions": ("通電",)}, {"connects": (0.0, 1.0)}),
        ({"lost_reasons_excluded": ()}, {"win_rate": (0.5, 1 / 3)}),
        # Budget was said on 21 May of a deal whose close date is still to come.
        ({"lost_date_source": "close_date"}, {"win_rate": (0.5, 1.0)}),
        ({"assume_past_meetings_held": False}, {"meetings_held": (2.0, 1.0)}),
    ],
)  # fmt: skip
def test_a_rule_that_changes_is_measured_the_next_night_and_told_of_a_closed_month(
    world: Begin, rules: dict[str, Any], told: dict[str, tuple[float, float]]
) -> None:
    assert night(world) == {}
    decide(world, **rules)
    found = night(world, after=1)
    expected: dict[str, Any] = {
        kpi: (then, pytest.approx(now)) for kpi, (then, now) in told.items()
    }
    assert {kpi: found[kpi] for kpi in told} == expected


def test_a_meeting_without_an_outcome_is_unconfirmed_and_one_with_an_outcome_is_not(
    world: Begin,
) -> None:
    decide(world, assume_past_meetings_held=False)
    frames = read_setting(world, ORGANISATION, SUNDAY).frames
    status = dict(frames.activities.select("id", "status").iter_rows())
    assert status == {"00T1": "held", "00U1": "unconfirmed", "00T2": "held"}
    assert "00U3" not in frames.met["id"].to_list()


def test_a_month_is_closed_on_the_business_day_that_was_decided(world: Begin) -> None:
    # 10 June is the eighth business day after May.
    decide(world, freeze_day=8)
    closed = []
    for day in (date(2026, 6, 9), date(2026, 6, 10)):
        measure(world, ORGANISATION, as_of=day)
        with world(ORGANISATION) as state:
            closed.append((MAY.start, MAY.end) in state.frozen.periods())
    assert closed == [False, True]


def test_new_people_are_given_time_as_was_decided(world: Begin) -> None:
    decide(world, ramp=(0.5, 1.0))
    setting = read_setting(world, ORGANISATION, SUNDAY)
    new = replace(setting.reps[0], role_start=date(2026, 5, 18), role=Role.AE)
    (scope,) = scopes(replace(setting, reps=[new]), setting.kpis[0])
    # Half a load until 17 June: 13 of June's 22 business days.
    assert scope.capacity(new) == pytest.approx((13 * 0.5 + 9) / 22)
    assert scope.worked(new, MAY) == pytest.approx(10 * 0.5)


def test_a_lead_is_answered_in_time_by_the_minutes_and_hours_that_were_decided(
    world: Begin,
) -> None:
    lead = Lead(
        id="l1", owner_id="u1", assigned_at=moment("2026-06-02"), created_at=moment("2026-06-02"),
        modified_at=moment("2026-06-02"),
    )  # fmt: skip
    answer = replace(
        an_activity("00T9", "2026-06-02", ActivityKind.CALL),
        start=moment("2026-06-02") + timedelta(minutes=45), lead_id="l1",
    )  # fmt: skip
    with world(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.LEADS, [lead])
        state.crm.remember(CRM, Subject.ACTIVITIES, [answer])
    found = []
    later: dict[str, Any] = {"lead_hours": ("12:40", "18:00")}
    for rules in ({"lead_sla_minutes": 60}, {"lead_sla_minutes": 44}, later):
        decide(world, **rules)
        values = measure(world, ORGANISATION, as_of=SUNDAY)
        found += [one.value for one in values if one.kpi == "lead_response_sla"]
    assert found == [1.0, 0.0, 1.0]


def test_whom_other_rules_would_move_is_told_before_they_are_taken(world: Begin) -> None:
    met = an_activity("00U9", "2026-06-02", ActivityKind.MEETING, account_id="k9")
    target = Target(
        person=ANNA, kpi="meetings_held", period_start=date(2026, 6, 1),
        period_end=date(2026, 6, 30), value=1.0, set_by="team", source="file",
    )  # fmt: skip
    with world(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.ACTIVITIES, [met])
        state.figures.put_targets([target])
        own, stages = state.connections.organisation(), state.mapping.all()
    assert moved_by(world, ORGANISATION, own, stages, as_of=SUNDAY) == []
    other = replace(own, counting=CountingRules(assume_past_meetings_held=False))
    moved = moved_by(world, ORGANISATION, other, stages, as_of=SUNDAY)
    assert (ANNA, "meetings_held") in [(one["rep"], one["kpi"]) for one in moved]
