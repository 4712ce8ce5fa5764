"""What a night keeps beside the values, in a tiny world in the store; one situation each."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from crm_loop.calendars import monday_of, named_period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.explaining import Question, explain
from crm_loop.kpi.freezing import knows_its_records
from crm_loop.kpi.previewing import preview
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.service import measure, measure_period
from crm_loop.kpi.target_diff import diff
from crm_loop.kpi.two_days import compare
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Block,
    By,
    Felt,
    FrozenValue,
    KpiValue,
    ProgressStatus,
    TalkView,
    Target,
    Topic,
)  # fmt: skip
from crm_loop.records import (
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
from crm_loop.store.tables import metadata

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


HYGIENE = "next_step_hygiene"


def changed_to(deal: str, field: DealField, value: str, day: str) -> DealChange:
    return DealChange(
        id=f"{deal}{field}{day}", deal_id=deal, at=moment(day), field=field, value=value
    )


def a_task(id_: str, *, made: str, done: str) -> Task:
    return Task(
        id=id_, owner_id="u1", deal_id="d1", due=date(2026, 6, 20), is_closed=True,
        created_at=moment(made), modified_at=moment(done), completed_at=moment(done),
    )  # fmt: skip


@pytest.fixture
def put(begin: Begin) -> Put:
    return filled(begin, ORGANISATION)


def filled(begin: Begin, organisation: str) -> Put:
    subjects = {
        Deal: Subject.DEALS, DealChange: Subject.CHANGES, Person: Subject.PEOPLE,
        Task: Subject.TASKS,
    }  # fmt: skip

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


def test_a_deal_that_cannot_be_put_back_in_full_is_marked_and_others_are_not(
    begin: Begin, put: Put
) -> None:
    put(a_deal("d1", amount=Decimal(60)), a_deal("d2", amount=Decimal(60)))
    put(moved("d1", "S2", "2026-06-02"), moved("d2", "S2", "2026-06-02"))
    put(changed_to("d1", DealField.AMOUNT, "60", "2026-06-20"))
    put(changed_to("d2", DealField.AMOUNT, "50", "2026-06-02"))
    put(changed_to("d2", DealField.AMOUNT, "60", "2026-06-20"))
    values = {one.kpi: one for one in measure(begin, ORGANISATION, as_of=SUNDAY)}
    assert values["pipeline_created"].value == 110.0
    assert [one for one in values["pipeline_created"].warnings if "partial" in one] == [
        "partial_data:d1"
    ]
    # On a day from which on nothing changed, everything is known.
    later = {one.kpi: one for one in measure(begin, ORGANISATION, as_of=date(2026, 6, 21))}
    assert later["pipeline_created"].warnings == ()


def test_a_task_that_was_done_later_was_a_next_step_until_then(begin: Begin, put: Put) -> None:
    put(a_deal("d1"), moved("d1", "S2", "2026-06-02"))
    put(a_task("t1", made="2026-06-10", done="2026-06-16"))
    shares = [
        next(v.value for v in measure(begin, ORGANISATION, as_of=day) if v.kpi == HYGIENE)
        for day in (date(2026, 6, 9), SUNDAY, date(2026, 6, 16))
    ]
    assert shares == [0.0, 1.0, 0.0]


def test_what_is_put_off_is_told_also_where_it_moves_no_money(begin: Begin, put: Put) -> None:
    put(a_deal("d1", close_date=date(2026, 7, 20)), a_deal("d2", close_date=date(2026, 6, 1)))
    put(changed_to("d1", DealField.CLOSE_DATE, "2026-06-20", "2026-06-02"))
    put(changed_to("d1", DealField.CLOSE_DATE, "2026-07-20", "2026-06-10"))
    put(changed_to("d2", DealField.CLOSE_DATE, "2026-07-01", "2026-06-02"))
    put(changed_to("d2", DealField.CLOSE_DATE, "2026-06-01", "2026-06-10"))
    days = (date(2026, 6, 7), SUNDAY)
    found = compare(begin, ORGANISATION, *days)
    assert (found.before, found.after, set(found.parts.values())) == (200.0, 200.0, {0.0})
    assert found.moved == {"pushed": 100.0, "pulled_in": 100.0}
    inside = compare(begin, ORGANISATION, *days, horizon=date(2026, 6, 30))
    assert (inside.parts["pushed"], inside.parts["pulled_in"]) == (-100.0, 100.0)


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
            for one in state.frozen.since(date(2026, 5, 31), kpis=["bookings"])
            if one.period_start == date(2026, 5, 1) and one.person == ANNA
        )
        changes = {one.kpi: one for one in state.frozen.restatements()}
    assert may.value == 100.0
    assert (changes["bookings"].net, changes["bookings"].live) == (-40.0, 60.0)


def test_a_second_night_of_the_same_day_changes_nothing(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won"), moved("d1", "won", "2026-06-10"), a_deal("d2"))
    put(a_deal("old", "won", close_date=date(2026, 4, 2)), moved("old", "won", "2026-04-02"))
    nights = []
    for _ in range(2):
        measure(begin, ORGANISATION, as_of=SUNDAY)
        with begin(ORGANISATION) as state:
            nights.append({name: kept_of(state, name) for name in KEPT})
    assert nights[0] == nights[1]
    assert [name for name, rows in nights[0].items() if not rows] == ["kpi_restatement"]
    with begin(ORGANISATION) as state:
        concluded = state.insights.of(SUNDAY)
    told = [sentence(one, language) for one in concluded for language in ("ja", "en")]
    assert told
    assert not any("{" in text or "inf" in text for text in told)


#: What a night keeps, as the bytes of the database.
KEPT = ("kpi_value", "kpi_records", "insight", "kpi_frozen", "kpi_restatement", "pipeline_day")


def kept_of(state: State, table: str) -> bytes:
    rows = state.connection.execute(select(metadata.tables[table])).all()
    return "\n".join(sorted(map(repr, rows))).encode()


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
        (('direction = "up"', "direction ="), r"own.toml, line \d+, column 12: this is no TOML"),
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


def test_a_file_that_the_crm_overrules_is_said_to_change_nothing(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won"), moved("d1", "won", "2026-06-10"))
    june: dict[str, Any] = {"period_start": date(2026, 6, 1), "period_end": date(2026, 6, 30)}
    quota = Quota(
        id="q1", owner_id="u1", kpi="bookings", amount=Decimal(900), currency="JPY", **june
    )
    with begin(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.QUOTAS, [quota])
    known: dict[str, Any] = {"person": ANNA, "set_by": "company", "source": "file", "value": 1}
    targets = [Target(kpi=kpi, **known, **june) for kpi in ("bookings", "won_count")]
    found = diff(begin, ORGANISATION, targets, as_of=SUNDAY)
    assert [(one["kpi"], one["overruled"]) for one in found.changes] == [
        ("bookings", True),
        ("won_count", False),
    ]
    assert [one["kpi"] for one in found.statuses] == ["won_count"]


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


QUARTER = named_period("2026-Q1")


def quarterly() -> Target:
    return Target(
        person=ANNA, kpi="won_count", period_start=QUARTER.start, period_end=QUARTER.end, value=2,
        set_by="team", source="file",
    )  # fmt: skip


def a_closed_quarter(begin: Begin, put: Put) -> None:
    """A deal of January and two decided in June; the quarter is frozen on 7 July at 9."""
    put(a_deal("d0", "won", close_date=date(2026, 1, 9)), moved("d0", "won", "2026-01-09"))
    put(a_deal("d1", "won", close_date=date(2026, 6, 3)), moved("d1", "won", "2026-06-03"))
    put(a_deal("d2", "lost", close_date=date(2026, 6, 4)), moved("d2", "lost", "2026-06-04"))
    with begin(ORGANISATION) as state:
        state.figures.put_targets([quarterly()])
    measure(begin, ORGANISATION, as_of=date(2026, 7, 9))


def asked_for(begin: Begin, kpi: str, day: str) -> KpiValue:
    values = measure_period(begin, ORGANISATION, QUARTER, as_of=date.fromisoformat(day))
    return next(one for one in values if one.kpi == kpi)


def test_a_closed_quarter_stays_as_it_was_closed_and_says_what_changed(
    begin: Begin, put: Put
) -> None:
    a_closed_quarter(begin, put)
    # The lost deal turns out to have been won after all, in the same quarter.
    put(a_deal("d2", "won", close_date=date(2026, 6, 4)), moved("d2", "won", "2026-06-05"))
    measure(begin, ORGANISATION, as_of=date(2026, 7, 12))
    won = asked_for(begin, "won_count", "2026-07-12")
    assert (won.value, [one.id for one in won.records]) == (1.0, ["d1"])
    # It is judged as it was closed: two would have reached the target.
    assert (won.target, won.progress) == (2.0, ProgressStatus.NO_DATA)
    # What is asked for as of a day before it was closed is measured.
    before = asked_for(begin, "won_count", "2026-07-06")
    assert (before.value, before.progress) == (2.0, ProgressStatus.ACHIEVED)
    with begin(ORGANISATION) as state:
        found = [
            (one.kpi, one.frozen, one.live, dict(one.changes))
            for one in state.frozen.restatements(person=ANNA)
            if (one.period_start, one.period_end) == (QUARTER.start, QUARTER.end)
            and one.kpi in ("won_count", "win_rate")
        ]
    assert found == [
        ("win_rate", 0.5, 1.0, {"crm:deal:d2": 1.0}),
        ("won_count", 1.0, 2.0, {"crm:deal:d2": 1.0}),
    ]


def test_a_closed_number_opens_to_the_records_it_was_made_of(begin: Begin, put: Put) -> None:
    a_closed_quarter(begin, put)
    put(a_deal("d2", "won", close_date=date(2026, 6, 4)), moved("d2", "won", "2026-06-05"))
    found = explain(
        begin, ORGANISATION,
        Question(kpi="win_rate", person=ANNA, as_of=date(2026, 7, 12), period=QUARTER),
        language="en",
    )  # fmt: skip
    assert found.figure.value == 0.5
    assert [(one["id"], one["counted"]) for one in found.records] == [("d1", True), ("d2", False)]


def test_quarters_are_closed_where_somebody_has_targets_of_them_and_months_always(
    begin: Begin, put: Put
) -> None:
    a_closed_quarter(begin, put)
    with begin(ORGANISATION) as state:
        kept = state.frozen.periods()
        totals = state.frozen.totals(date(2026, 1, 1))
    months = {month for kpi, month, _, _ in totals if kpi == "bookings"}
    assert (QUARTER.start, QUARTER.end) in kept
    assert (date(2026, 1, 1), date(2026, 3, 31)) not in kept
    # What is told of months is told of months alone.
    assert {one.day for one in months} == {1}
    assert len(kept) == len(months) + 1


def test_a_share_that_was_frozen_without_its_hits_is_not_compared() -> None:
    frozen = FrozenValue(
        person=ANNA, kpi="win_rate", period_start=QUARTER.start, period_end=QUARTER.end,
        frozen_on=date(2026, 7, 7), rebuilt=False, value=0.5, numerator=1.0, denominator=2.0, n=2,
        value_status="ok", amounts={"crm:deal:d1": 1.0, "crm:deal:d2": 1.0},
    )  # fmt: skip
    assert not knows_its_records(frozen)
    assert knows_its_records(replace(frozen, amounts={"crm:deal:d1": 1.0, "crm:deal:d2": 0.0}))
