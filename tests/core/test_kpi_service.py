"""Measuring a tiny world in the store; one situation each."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.service import measure
from crm_loop.loop_records import KpiValue, ProgressStatus, Target, ValueStatus
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Person,
    Quota,
    Record,
    Subject,
    Task,
)
from crm_loop.store import State
from crm_loop.store.tables import work

ORGANISATION, CRM = "acme", "crm"
ANNA, BEN, BOSS = "anna@example.com", "ben@example.com", "boss@example.com"
SUNDAY = date(2026, 6, 14)
JUNE = (date(2026, 6, 1), date(2026, 6, 30))
QUARTER = (date(2026, 4, 1), date(2026, 6, 30))

Begin = Callable[[str], AbstractContextManager[State]]


def moment(day: date | str, hour: int = 3) -> datetime:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def a_user(id_: str, email: str, *, manager: str | None = "u9") -> Person:
    return Person(id=id_, email=email, name=email, manager_id=manager)


def a_deal(id_: str, *, stage: str = "S2", owner: str = "u1", **known: Any) -> Deal:
    base: dict[str, Any] = {
        "id": id_,
        "name": id_,
        "owner_id": owner,
        "account_id": None,
        "pipeline": "p",
        "stage": stage,
        "is_closed": stage in ("won", "lost"),
        "is_won": stage == "won",
        "amount": Decimal(100),
        "currency": "JPY",
        "close_date": date(2026, 6, 10),
        "created_at": moment("2026-06-08"),
        "modified_at": moment("2026-06-08"),
    }
    return Deal(**(base | known))


def a_change(deal: str, field: DealField, value: str, at: str) -> DealChange:
    when = moment(at)
    return DealChange(id=f"{deal}{field}{at}", deal_id=deal, at=when, field=field, value=value)


def a_meeting(id_: str, day: date | str, *, owner: str = "u1", **known: Any) -> Activity:
    base: dict[str, Any] = {
        "id": id_,
        "kind": ActivityKind.MEETING,
        "owner_id": owner,
        "deal_id": None,
        "account_id": None,
        "start": moment(day),
        "logged_at": moment(day),
        "status": ActivityStatus.HELD,
    }
    return Activity(**(base | known))


def a_quota(amount: int, span: tuple[date, date] = JUNE, **known: Any) -> Quota:
    base: dict[str, Any] = {"id": "q1", "owner_id": "u1", "kpi": "bookings"}
    base |= {"period_start": span[0], "period_end": span[1], "amount": Decimal(amount)}
    return Quota(**(base | known))


def a_target(kpi: str, value: float, span: tuple[date, date] = JUNE, **known: Any) -> Target:
    base: dict[str, Any] = {"person": ANNA, "kpi": kpi, "value": value}
    base |= {"period_start": span[0], "period_end": span[1], "set_by": "team", "source": "file"}
    return Target(**(base | known))


def a_task(deal: str, due: date, **known: Any) -> Task:
    at = moment("2026-06-01")
    base: dict[str, Any] = {"id": "t1", "owner_id": "u1", "deal_id": deal, "due": due}
    return Task(**(base | {"is_closed": False, "created_at": at, "modified_at": at} | known))


_SUBJECTS = {
    Person: Subject.PEOPLE,
    Deal: Subject.DEALS,
    DealChange: Subject.CHANGES,
    Activity: Subject.ACTIVITIES,
    Quota: Subject.QUOTAS,
    Task: Subject.TASKS,
}


@pytest.fixture
def world(begin: Begin) -> Callable[..., None]:
    """Put records into one CRM; Anna and Ben report to the boss."""

    def put(*records: Record, targets: Sequence[Target] = (), crm: str = CRM) -> None:
        with begin(ORGANISATION) as state:
            for record in records:
                state.crm.remember(crm, _SUBJECTS[type(record)], [record])
            state.figures.put_targets(targets)

    put(a_user("u1", ANNA), a_user("u2", BEN), a_user("u9", BOSS, manager=None))
    with begin(ORGANISATION) as state:
        names = ("S1", "S2", "S3", "S4", "won", "lost")
        state.mapping.set(CRM, {("p", name): name for name in names})
    return put


def seen(begin: Begin, kpi: str, *, person: str = ANNA, as_of: date = SUNDAY) -> KpiValue:
    values = measure(begin, ORGANISATION, as_of=as_of)
    return next(one for one in values if (one.person, one.kpi) == (person, kpi))


World = Callable[..., None]


def meetings_of_months(owner: str = "u1", months: Sequence[int] = (1, 2, 3, 4, 5)) -> list[Record]:
    """Eight meetings in each of the months."""
    days = [date(2026, month, 5 + 2 * n) for month in months for n in range(8)]
    return [a_meeting(f"{owner}{day}", day, owner=owner) for day in days]


def test_every_rep_gets_every_kpi_and_the_manager_none(begin: Begin, world: World) -> None:
    values = measure(begin, ORGANISATION, as_of=SUNDAY)
    assert {one.person for one in values} == {ANNA, BEN}
    assert len(values) == 2 * len(catalogue())


def test_what_was_measured_is_kept_with_its_records(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won"))
    measured = measure(begin, ORGANISATION, as_of=SUNDAY)
    with begin(ORGANISATION) as state:
        kept = state.figures.values(SUNDAY)
        records = state.figures.records(ANNA, "bookings", SUNDAY)
    assert [(one.person, one.kpi, one.value) for one in kept] == [
        (one.person, one.kpi, one.value) for one in measured
    ]
    assert [(ref.connection, ref.object, ref.id) for ref in records] == [(CRM, "deal", "d1")]


def test_measuring_a_day_again_replaces_it(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won"))
    first = measure(begin, ORGANISATION, as_of=SUNDAY)
    assert measure(begin, ORGANISATION, as_of=SUNDAY) == first
    with begin(ORGANISATION) as state:
        assert len(state.figures.values(SUNDAY)) == len(first)


def test_a_deleted_deal_counts_nowhere(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won"))
    with begin(ORGANISATION) as state:
        state.crm.forget(CRM, Subject.DEALS, ["d1"], at=moment(SUNDAY))
    assert seen(begin, "won_count").value == 0


def test_a_reopened_deal_is_not_won(begin: Begin, world: World) -> None:
    world(a_deal("d1"), a_change("d1", DealField.STAGE, "won", "2026-06-09"))
    assert seen(begin, "bookings").value == 0


def test_a_win_belongs_to_whoever_owned_the_deal_then(begin: Begin, world: World) -> None:
    world(
        a_deal("d1", stage="won", owner="u2"),
        a_change("d1", DealField.OWNER, "u1", "2026-06-01"),
        a_change("d1", DealField.STAGE, "won", "2026-06-09"),
        a_change("d1", DealField.OWNER, "u2", "2026-06-11"),
    )
    assert seen(begin, "bookings", person=ANNA).value == 100
    assert seen(begin, "bookings", person=BEN).value == 0


def test_a_loss_after_an_earlier_win_belongs_to_the_one_who_lost_it(
    begin: Begin, world: World
) -> None:
    world(
        a_deal("d1", stage="lost", owner="u2"),
        a_change("d1", DealField.OWNER, "u1", "2026-06-01"),
        a_change("d1", DealField.STAGE, "won", "2026-06-02"),
        a_change("d1", DealField.OWNER, "u2", "2026-06-03"),
        a_change("d1", DealField.STAGE, "lost", "2026-06-09"),
    )
    assert seen(begin, "win_rate", person=BEN).denominator == 1
    assert seen(begin, "win_rate", person=ANNA).value_status is ValueStatus.NO_DATA


def test_an_owner_that_the_crm_has_forgotten_is_said_to_be_missing(
    begin: Begin, world: World
) -> None:
    world(
        a_deal("d1", stage="won", owner="u2"),
        a_change("d1", DealField.STAGE, "won", "2026-06-09"),
        a_change("d1", DealField.OWNER, "u2", "2026-06-11"),
    )
    value = seen(begin, "bookings", person=BEN)
    assert (value.value, value.warnings) == (100, ("owner_history_missing:d1",))


def test_an_edit_after_the_win_does_not_move_it(begin: Begin, world: World) -> None:
    world(
        a_deal("d1", stage="won", close_date=date(2026, 7, 31)),
        a_change("d1", DealField.STAGE, "won", "2026-05-29"),
        a_change("d1", DealField.STAGE, "won", "2026-06-03"),
    )
    assert seen(begin, "won_count").value == 0


def test_a_credit_is_money_but_no_deal(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won"), a_deal("d2", stage="won", amount=Decimal(-30)))
    assert seen(begin, "bookings").value == 70
    assert seen(begin, "won_count").value == 1
    assert seen(begin, "win_rate").denominator == 1


def test_an_amount_in_another_currency_carries_no_money(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won", currency="USD"), a_deal("d2", stage="won"))
    value = seen(begin, "bookings")
    assert (value.value, value.warnings) == (100, ("missing_fx:d1",))
    assert seen(begin, "won_count").value == 2


def test_a_win_without_any_day_is_in_no_period_and_said_so(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won", close_date=None))
    value = seen(begin, "bookings")
    assert (value.value, value.n) == (0, 0)
    assert value.warnings == ("missing_close_date:d1", "missing_won_at:d1")


def test_an_open_deal_without_close_date_is_left_out_of_coverage(
    begin: Begin, world: World
) -> None:
    deals = [a_deal("d1", close_date=None), a_deal("d2", close_date=date(2026, 6, 20))]
    world(*deals, a_quota(1000))
    value = seen(begin, "pipeline_coverage")
    assert (value.value, value.warnings) == (0.1, ("missing_close_date:d1",))


def test_coverage_without_a_target_is_no_data(begin: Begin, world: World) -> None:
    value = seen(begin, "pipeline_coverage")
    assert (value.value, value.value_status) == (None, ValueStatus.NO_DATA)


def test_nothing_missing_to_the_target_is_achieved(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won"), a_quota(100))
    assert seen(begin, "pipeline_coverage").value_status is ValueStatus.ACHIEVED


def test_a_quarterly_quota_is_held_against_the_quarter(begin: Begin, world: World) -> None:
    april = a_deal("d1", stage="won", close_date=date(2026, 4, 20))
    world(april, a_deal("d2", stage="won"), a_quota(1000, QUARTER))
    booked, count = seen(begin, "bookings"), seen(begin, "won_count")
    assert ((booked.period_start, booked.period_end), booked.value) == (QUARTER, 200)
    assert ((count.period_start, count.period_end), count.value) == (JUNE, 1)


def test_a_quarterly_quota_decides_the_period_of_coverage(begin: Begin, world: World) -> None:
    april = a_deal("d1", stage="won", close_date=date(2026, 4, 20))
    world(april, a_deal("d2", close_date=date(2026, 6, 20)), a_quota(300, QUARTER))
    assert seen(begin, "pipeline_coverage").value == 0.5


def test_the_crm_quota_wins_over_a_file(begin: Begin, world: World) -> None:
    world(a_quota(1000), targets=[a_target("bookings", 5)])
    assert seen(begin, "bookings").target == 1000


def test_a_quota_in_another_currency_is_no_target_and_said_so(begin: Begin, world: World) -> None:
    world(a_quota(1000, currency="USD"))
    value = seen(begin, "bookings")
    assert (value.target, value.warnings) == (None, ("missing_fx:q1",))


def test_without_any_past_nobody_is_judged(begin: Begin, world: World) -> None:
    world(a_meeting("m1", "2026-06-10"), targets=[a_target("meetings_held", 12)])
    value = seen(begin, "meetings_held")
    assert (value.p_attain, value.progress) == (None, ProgressStatus.NO_DATA)
    assert value.expected_to_date is not None


def test_a_reached_target_needs_no_past(begin: Begin, world: World) -> None:
    world(a_meeting("m1", "2026-06-10"), targets=[a_target("meetings_held", 1)])
    assert seen(begin, "meetings_held").progress is ProgressStatus.ACHIEVED


def test_without_a_given_target_the_team_aims_at_its_median_month(
    begin: Begin, world: World
) -> None:
    world(*meetings_of_months())
    value = seen(begin, "meetings_held")
    # Eight a month, at 22 business days in June against 18 to 21 in the months before.
    assert value.target == 9


def test_the_first_days_are_too_early_to_say(begin: Begin, world: World) -> None:
    world(*meetings_of_months())
    assert seen(begin, "meetings_held", as_of=date(2026, 6, 2)).progress is ProgressStatus.TOO_EARLY


def test_the_usual_week_is_the_median_of_eight_weeks_before_the_last(
    begin: Begin, world: World
) -> None:
    sundays = [SUNDAY - timedelta(days=7 * n) for n in range(10)]
    counts = [5, 1, 2, 1, 2, 3, 1, 2, 2, 1]
    world(
        *(
            a_meeting(f"m{week}-{n}", sunday, calendar_uid=f"{week}-{n}")
            for week, sunday in enumerate(sundays)
            for n in range(counts[week])
        )
    )
    value = seen(begin, "meetings_held")
    assert (value.last_week, value.usual) == (5, 2)


def test_three_weeks_make_no_usual_week(begin: Begin, world: World) -> None:
    world(*(a_meeting(f"m{n}", SUNDAY - timedelta(days=7 * n)) for n in range(4)))
    assert seen(begin, "meetings_held").usual is None


def test_one_meeting_in_two_calendars_counts_once(begin: Begin, world: World) -> None:
    shared = {"calendar_uid": "c1", "day": "2026-06-10"}
    world(a_meeting("m2", owner="u2", **shared), a_meeting("m1", owner="u1", **shared))
    assert seen(begin, "meetings_held", person=ANNA).value == 1
    assert seen(begin, "meetings_held", person=BEN).value == 0


def test_a_meeting_among_colleagues_does_not_count(begin: Begin, world: World) -> None:
    world(a_meeting("m1", "2026-06-10", external_attendees=0))
    assert seen(begin, "meetings_held").value == 0


def test_a_task_of_ours_is_no_next_step(begin: Begin, world: World) -> None:
    ahead = SUNDAY + timedelta(days=3)
    world(a_deal("d1"), a_deal("d2"), a_task("d1", ahead), a_task("d2", ahead, id="t2", key="cl1t"))
    value = seen(begin, "next_step_hygiene")
    assert (value.numerator, value.denominator) == (1, 2)


def test_a_planned_meeting_is_a_next_step_until_its_day(begin: Begin, world: World) -> None:
    planned = {"status": ActivityStatus.SCHEDULED}
    world(
        a_deal("d1"),
        a_deal("d2"),
        a_meeting("m1", SUNDAY, deal_id="d1", **planned),
        a_meeting("m2", SUNDAY + timedelta(days=1), deal_id="d2", **planned),
    )
    assert seen(begin, "next_step_hygiene").numerator == 1


def test_a_share_of_a_few_deals_says_little(begin: Begin, world: World) -> None:
    world(a_deal("d1"))
    value = seen(begin, "stale_rate")
    assert (value.value_status, value.progress) == (
        ValueStatus.INSUFFICIENT,
        ProgressStatus.INSUFFICIENT,
    )


def test_a_stage_that_nobody_placed_is_said_so(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="custom"))
    assert seen(begin, "stale_rate").warnings == ("unmapped_stage:d1",)


def test_a_deal_is_created_when_it_is_first_qualified(begin: Begin, world: World) -> None:
    world(
        a_deal("d1", stage="S3", created_at=moment("2026-05-01")),
        a_change("d1", DealField.STAGE, "S1", "2026-05-01"),
        a_change("d1", DealField.STAGE, "S2", "2026-06-05"),
        a_change("d1", DealField.STAGE, "S1", "2026-06-06"),
        a_change("d1", DealField.STAGE, "S3", "2026-06-08"),
        a_deal("d2", stage="S1"),
    )
    assert seen(begin, "pipeline_created").value == 100


def test_someone_without_an_account_cannot_be_measured(begin: Begin, world: World) -> None:
    with begin(ORGANISATION) as state:
        state.people.import_rows([{"person": "new@example.com", "manager": BOSS}])
    value = seen(begin, "bookings", person="new@example.com")
    assert (value.value, value.value_status) == (None, ValueStatus.NO_DATA)


def test_someone_away_all_month_is_not_judged(begin: Begin, world: World) -> None:
    leave = "2026-06-01/2026-06-30"
    with begin(ORGANISATION) as state:
        state.people.import_rows([{"person": ANNA, "leave": leave}])
    world(*meetings_of_months(), targets=[a_target("meetings_held", 12)])
    value = seen(begin, "meetings_held")
    assert (value.target, value.progress) == (12, None)


def test_the_accounts_of_two_crms_are_one_person(begin: Begin, world: World) -> None:
    world(a_deal("d1", stage="won"))
    world(a_user("h1", ANNA.upper()), a_deal("d1", stage="won", owner="h1"), crm="other")
    assert seen(begin, "bookings").value == 200


def test_the_difficulty_of_a_target_is_that_of_the_start_of_the_period(
    begin: Begin, world: World
) -> None:
    world(*meetings_of_months(), targets=[a_target("meetings_held", 8)])
    first = seen(begin, "meetings_held", as_of=date(2026, 6, 7))
    world(*(a_meeting(f"late{n}", date(2026, 5, 4 + 2 * n)) for n in range(8)))
    later = seen(begin, "meetings_held")
    assert first.p_start is not None
    assert later.p_start == first.p_start


def test_another_time_zone_has_another_day(begin: Begin, world: World) -> None:
    late = a_meeting("m1", date(2026, 6, 30), start=datetime(2026, 6, 30, 15, 30, tzinfo=UTC))
    world(late)
    last = date(2026, 6, 30)
    assert seen(begin, "meetings_held", as_of=last).value == 0
    with begin(ORGANISATION) as state:
        state.connection.execute(update(work.organisation_).values(time_zone="UTC"))
    assert seen(begin, "meetings_held", as_of=last).value == 1


def test_a_message_that_is_logged_as_a_to_do_as_well_counts_once(
    begin: Begin, world: World
) -> None:
    sent = moment("2026-06-10")
    known: dict[str, Any] = {
        "kind": ActivityKind.EMAIL,
        "deal_id": None,
        "account_id": None,
        "start": sent,
        "logged_at": sent,
        "status": ActivityStatus.HELD,
        "outbound": True,
    }
    task = Activity(id="t1", owner_id="u1", **known)
    world(task, Activity(id="m1", owner_id="u1", same_as="t1", **known))
    assert seen(begin, "emails_sent").value == 1
