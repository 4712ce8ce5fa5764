"""What a night keeps beside the values, in a tiny world in the store; one situation each."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from crm_loop.calendars import monday_of, named_period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.explaining import Question, explain
from crm_loop.kpi.previewing import preview
from crm_loop.kpi.service import measure, measure_period
from crm_loop.kpi.target_diff import diff
from crm_loop.kpi.two_days import compare
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Block,
    By,
    Felt,
    TalkView,
    Target,
    Topic,
)  # fmt: skip
from crm_loop.records import Deal, DealChange, DealField, Person, Record, Subject
from crm_loop.store import State

ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
JUNE_5, SUNDAY = date(2026, 6, 5), date(2026, 6, 14)
Begin = Callable[[str], AbstractContextManager[State]]
Put = Callable[..., None]


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T03:00:00+00:00")


def a_deal(id_: str, stage: str = "S2", **known: Any) -> Deal:
    base: dict[str, Any] = {
        "id": id_, "name": id_, "owner_id": "u1", "account_id": None, "pipeline": "p",
        "stage": stage, "is_closed": stage in ("won", "lost"), "is_won": stage == "won",
        "amount": Decimal(100), "currency": "JPY", "close_date": date(2026, 6, 20),
        "created_at": moment("2026-05-20"), "modified_at": moment("2026-05-20"),
    }  # fmt: skip
    return Deal(**(base | known))


def moved(deal: str, stage: str, day: str) -> DealChange:
    return DealChange(
        id=f"{deal}{stage}{day}", deal_id=deal, at=moment(day), field=DealField.STAGE, value=stage
    )


@pytest.fixture
def put(begin: Begin) -> Put:
    return filled(begin, ORGANISATION)


def filled(begin: Begin, organisation: str) -> Put:
    subjects = {Deal: Subject.DEALS, DealChange: Subject.CHANGES, Person: Subject.PEOPLE}

    def kept(*records: Record) -> None:
        with begin(organisation) as state:
            for one in records:
                subject = subjects[type(one)]  # type: ignore[index]  # of those that are used here
                state.crm.remember(CRM, subject, [one])

    with begin(organisation) as state:
        stages = {("p", one): one for one in ("S1", "S2", "S3", "S4", "won", "lost")}
        state.mapping.set(CRM, stages)
    people = [("u1", ANNA, "u9"), ("u9", "boss@example.com", None)]
    kept(*(Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people))
    return kept


def asked(kpi: str, **more: Any) -> Question:
    return Question(kpi=kpi, person=ANNA, as_of=SUNDAY, **more)


def test_a_number_opens_to_its_records(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won", close_date=date(2026, 6, 3)), moved("d1", "won", "2026-06-03"))
    found = explain(begin, ORGANISATION, asked("bookings"), language="en")
    (record,) = found.records
    assert (record["id"], record["counted"], record["amount"]) == ("d1", True, 100.0)
    assert found.figure.value == 100.0


def a_talk(week: str, felt: Felt | None, *, driver: str = "opp_proposal") -> Agenda:
    day = moment(str(monday_of(week)))
    cause = Topic(
        code="T02", key="k", score=1.0, components={}, fact="f", reason="w", driver=driver
    )  # fmt: skip
    return Agenda(
        rep=ANNA, manager="boss@example.com", week=week, starts_at=day, publish_at=day, minutes=15,
        language="ja", connection=CRM, key=f"k{week}", subject="s", text="t", manager_text="m",
        blocks=(Block(code="theme", minutes=6, topics=(cause,)),), felt=felt,
        state=AgendaState.HELD,
    )  # fmt: skip


def test_what_reps_said_of_causes_and_of_the_talk_is_measured(begin: Begin, put: Put) -> None:
    put()
    with begin(ORGANISATION) as state:
        nothing = a_talk("2026-W22", Felt.NO)
        said, silent = a_talk("2026-W23", Felt.PARTLY), a_talk("2026-W24", None)
        state.agendas.put([nothing, said, silent])
        for week, share in (("2026-W23", 0.5), ("2026-W24", 0.7)):
            state.views.put(
                [
                    TalkView(rep=ANNA, week=week, by=By.REP, talk=share),
                    TalkView(rep=ANNA, week=week, by=By.MANAGER, talk=0.1),
                ]
            )
    values = {(one.person, one.kpi): one for one in measure(begin, ORGANISATION, as_of=SUNDAY)}
    causes, talk = (values[ANNA, kpi] for kpi in ("cause_confirmed_rate", "rep_talk_ratio"))
    # The talk of May is another month's.
    assert (causes.numerator, causes.denominator) == (1.0, 2.0)
    assert talk.value == pytest.approx(0.6)
    assert talk.n == 2


def test_what_nobody_measures_cannot_be_opened(begin: Begin, put: Put) -> None:
    with pytest.raises(WrongUsage, match="no KPI"):
        explain(begin, ORGANISATION, asked("luck"), language="en")


def test_what_a_profile_does_not_show_cannot_be_opened_in_it(begin: Begin, put: Put) -> None:
    put()
    shown = explain(begin, ORGANISATION, asked("process_score"), language="en")
    assert shown.kpi.id == "process_score"
    with pytest.raises(WrongUsage, match="not shown in this profile") as wrong:
        explain(begin, ORGANISATION, asked("rep_talk_ratio"), language="en")
    assert "the profile full" in wrong.value.do
    with begin(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="starter"))
    # The smallest profile that shows it is named, not the one that shows everything.
    with pytest.raises(WrongUsage) as wrong:
        explain(begin, ORGANISATION, asked("process_score"), language="en")
    assert "the profile standard" in wrong.value.do


COHORTS = ("win_rate_cohort", "stage_conversion_s1_s2", "stage_conversion_s3_won")


def test_an_opened_number_is_the_one_that_was_measured(begin: Begin, put: Put) -> None:
    for n in range(6):
        deal = a_deal(f"d{n}", "won", created_at=moment("2025-12-01"), close_date=date(2026, 1, 9))
        put(deal, moved(f"d{n}", "S1", "2025-12-01"), moved(f"d{n}", "S2", "2025-12-08"))
        put(moved(f"d{n}", "S3", "2025-12-20"), moved(f"d{n}", "won", "2026-01-09"))
    values = {one.kpi: one for one in measure(begin, ORGANISATION, as_of=SUNDAY)}
    for kpi in COHORTS:
        found = explain(begin, ORGANISATION, asked(kpi), language="en")
        measured = (values[kpi].value, values[kpi].n)
        assert measured == (1.0, 6)
        assert (found.figure.value, len(found.records)) == measured


def test_a_number_of_a_named_period_opens_to_the_records_of_that_period(
    begin: Begin, put: Put
) -> None:
    put(a_deal("d1", "won", close_date=date(2026, 6, 3)), moved("d1", "won", "2026-06-03"))
    put(a_deal("d2", "won", close_date=date(2026, 5, 5)), moved("d2", "won", "2026-05-05"))
    may = named_period("2026-05")
    (value,) = [
        one
        for one in measure_period(begin, ORGANISATION, may, as_of=SUNDAY)
        if one.kpi == "won_count"
    ]
    found = explain(begin, ORGANISATION, asked("won_count", period=may), language="en")
    assert [one["id"] for one in found.records] == ["d2"]
    assert (found.figure.value, found.period) == (value.value, (may.start, may.end))


def test_the_difference_of_two_days_is_told_from_history(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won"), moved("d1", "S2", "2026-05-20"), moved("d1", "won", "2026-06-10"))
    put(a_deal("d2", created_at=moment("2026-06-08"), amount=Decimal(30)))
    found = compare(begin, ORGANISATION, JUNE_5, SUNDAY)
    assert (found.before, found.after) == (100.0, 30.0)
    assert {name: one for name, one in found.parts.items() if one} == {"new": 30.0, "won": -100.0}
    assert found.rebuilt == (True, True)


def test_a_kept_night_is_taken_as_it_was_kept(begin: Begin, put: Put) -> None:
    put(a_deal("d1"))
    measure(begin, ORGANISATION, as_of=SUNDAY)
    put(a_deal("d1", amount=Decimal(70)))
    measure(begin, ORGANISATION, as_of=SUNDAY + timedelta(days=1))
    found = compare(begin, ORGANISATION, SUNDAY, SUNDAY + timedelta(days=1))
    assert found.rebuilt == (False, False)
    assert found.parts["value_changed"] == -30.0


def test_a_closed_month_is_frozen_and_later_changes_are_listed(begin: Begin, put: Put) -> None:
    put(a_deal("old", "won", close_date=date(2026, 4, 2)), moved("old", "won", "2026-04-02"))
    put(a_deal("d1", "won", close_date=date(2026, 5, 28)), moved("d1", "won", "2026-05-28"))
    measure(begin, ORGANISATION, as_of=SUNDAY)
    put(a_deal("d1", "won", close_date=date(2026, 5, 28), amount=Decimal(60)))
    measure(begin, ORGANISATION, as_of=SUNDAY + timedelta(days=1))
    with begin(ORGANISATION) as state:
        (may,) = (
            one
            for one in state.frozen.since(date(2026, 5, 31), kpi="bookings")
            if one.period_start == date(2026, 5, 1) and one.person == ANNA
        )
        changes = {one["kpi"]: one for one in state.frozen.restatements()}
    assert may.value == 100.0
    assert changes["bookings"]["net"] == -40.0


def test_a_second_night_of_the_same_day_changes_nothing(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won"), moved("d1", "won", "2026-06-10"), a_deal("d2"))
    nights = []
    for _ in range(2):
        measure(begin, ORGANISATION, as_of=SUNDAY)
        with begin(ORGANISATION) as state:
            nights.append((state.insights.of(SUNDAY), state.figures.values(SUNDAY)))
    assert nights[0] == nights[1]


def a_past(random: Random) -> list[Deal]:
    """Deals of Anna's and Ben's, won, lost and open, from January on."""
    return [
        a_deal(
            f"d{n}", random.choice(("S2", "S3", "won", "lost")),
            owner_id=random.choice(("u1", "u2")), amount=Decimal(random.randrange(1, 900)),
            created_at=(made := moment(f"2026-{1 + n % 5:02}-{random.randrange(1, 28):02}")),
            close_date=made.date() + timedelta(days=random.randrange(5, 90)),
        )
        for n in range(24)
    ]  # fmt: skip


def changed(random: Random, deal: Deal) -> Deal | None:
    """The same deal, or another amount, owner, stage or date of it; None where it was deleted."""
    other = a_past(random)[random.randrange(24)]
    name = random.choice(("", "", "amount", "owner_id", "close_date", "stage", "gone"))
    if name == "stage":
        return replace(deal, stage=other.stage, is_closed=other.is_closed, is_won=other.is_won)
    if name == "gone":
        return None
    return replace(deal, **({name: getattr(other, name)} if name else {}))


def test_a_night_after_changes_equals_a_first_one_of_what_is_there_now(
    begin: Begin, put: Put
) -> None:
    with begin(ORGANISATION) as known, begin("fresh") as state:
        own = replace(known.connections.organisation(), name="fresh")
        state.connections.put_organisation(own)
    random, fresh = Random(7), filled(begin, "fresh")
    ben = Person(id="u2", email="ben@example.com", name="Ben", manager_id="u9")
    deals = a_past(random)
    put(ben, *deals, *(moved(one.id, one.stage, str(one.close_date)) for one in deals))
    measure(begin, ORGANISATION, as_of=SUNDAY)
    left = {one.id: new for one in deals if (new := changed(random, one)) is not None}
    put(*left.values())
    with begin(ORGANISATION) as state:
        gone = [one.id for one in deals if one.id not in left]
        state.crm.forget(CRM, Subject.DEALS, gone, at=moment("2026-06-14"))
        state.crm.forget_orphans(CRM, at=moment("2026-06-14"))
    fresh(ben, *left.values())
    fresh(*(moved(one.id, one.stage, str(one.close_date)) for one in deals if one.id in left))
    nights = []
    for organisation in (ORGANISATION, "fresh"):
        measure(begin, organisation, as_of=SUNDAY)
        with begin(organisation) as state:
            nights.append((state.figures.values(SUNDAY), state.insights.of(SUNDAY)))
    assert nights[0] == nights[1]
    assert any(one.value for one in nights[0][0])


def test_a_named_period_is_measured_and_not_kept(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won", close_date=date(2026, 4, 2)), moved("d1", "won", "2026-04-02"))
    values = measure_period(begin, ORGANISATION, named_period("2026-Q1"), as_of=SUNDAY)
    (booked,) = (one for one in values if (one.person, one.kpi) == (ANNA, "bookings"))
    assert (booked.value, booked.period_end) == (100.0, date(2026, 6, 30))
    with begin(ORGANISATION) as state:
        assert state.figures.values(SUNDAY) == []


OWN = """
[[kpi]]
id = "big_deals"
name.ja = "大きな案件"
name.en = "Big deals"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
filters = [{field = "amount", op = ">", value = 50}]
direction = "up"
class = "process"
"""


def test_an_own_kpi_is_previewed_and_then_measured(begin: Begin, put: Put) -> None:
    put(a_deal("d1", created_at=moment("2026-06-02")), a_deal("d2", amount=Decimal(10)))
    (row,) = preview(begin, ORGANISATION, OWN, name="own.toml", as_of=SUNDAY)
    assert (row["value"], row["record_ids"]) == (1.0, ["crm:deal:d1"])
    with begin(ORGANISATION) as state:
        state.frozen.define("own.toml", OWN, enabled=True)
    values = measure(begin, ORGANISATION, as_of=SUNDAY)
    assert [one.value for one in values if one.kpi == "big_deals"] == [1.0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("person", "persom"), r"own.toml, line 9, column \d+: a deal has no field 'persom'"),
        (('"count"', '"average"'), "line 7, column 1: measure is 'average'"),
        (('op = ">"', 'op = "~"'), "op is '~'"),
        (("value = 50", 'value = "many"'), "no value of 'amount'"),
        (('direction = "up"', "direction ="), "own.toml: "),
        (('id = "big_deals"', 'id = "bookings"'), "there is a KPI 'bookings' already"),
    ],
)
def test_a_wrong_definition_is_named_by_line_and_nothing_is_switched_on(
    begin: Begin, put: Put, wrong: tuple[str, str], said: str
) -> None:
    with pytest.raises(WrongUsage, match=said):
        preview(begin, ORGANISATION, OWN.replace(*wrong), name="own.toml", as_of=SUNDAY)


def test_other_targets_are_compared_before_they_are_taken(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won"), moved("d1", "won", "2026-06-10"))
    target = Target(
        person=ANNA, kpi="won_count", period_start=date(2026, 6, 1),
        period_end=date(2026, 6, 30), value=1, set_by="company", source="file",
    )  # fmt: skip
    found = diff(begin, ORGANISATION, [target], as_of=SUNDAY)
    assert [(one["old"], one["new"]) for one in found.changes] == [(None, 1)]
    assert [(one["kpi"], one["after"]) for one in found.statuses] == [("won_count", "achieved")]


def test_a_diff_knows_targets_of_other_periods_and_says_what_the_file_leaves_alone(
    begin: Begin, put: Put
) -> None:
    later = Target(
        person=ANNA, kpi="won_count", period_start=date(2026, 7, 1),
        period_end=date(2026, 9, 30), value=9, set_by="company", source="file",
    )  # fmt: skip
    over = replace(later, period_start=date(2026, 4, 1), period_end=date(2026, 4, 30))
    with begin(ORGANISATION) as state:
        state.figures.put_targets([later, over])
    same = diff(begin, ORGANISATION, [later], as_of=SUNDAY)
    assert (same.changes, same.staying) == ([], [])
    for_the_team = diff(begin, ORGANISATION, [replace(later, set_by="team")], as_of=SUNDAY)
    assert [(one["old"], one["new"], one["set_by"]) for one in for_the_team.changes] == [
        (9, 9, "team")
    ]
    empty = diff(begin, ORGANISATION, [], as_of=SUNDAY)
    assert [(one["period"][0], one["value"]) for one in empty.staying] == [(date(2026, 7, 1), 9)]
