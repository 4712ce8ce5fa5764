"""KPIs of one's own over any record kind and any field, and what a screen shows of figures."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.calendars import BusinessCalendar, Period
from crm_loop.cli.saying import says
from crm_loop.errors import WrongUsage
from crm_loop.kpi import screens
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, SESSIONS, STEPS, TASKS, table
from crm_loop.kpi.custom import parse
from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.loop_rows import eligible, step_row
from crm_loop.kpi.measures import MEASURES
from crm_loop.kpi.own_kpis import broken_files, checked, switch_off, switched_on
from crm_loop.kpi.previewing import preview
from crm_loop.kpi.screens import Reader
from crm_loop.kpi.service import read_setting
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    KpiValue,
    Member,
    Origin,
    ProgressStatus,
    Role,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.records import Deal, Person, Subject, Task
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording.said import complaint

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
SUNDAY = date(2026, 6, 14)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)

KPI = """[[kpi]]
id = "own"
name.ja = "独自"
name.en = "Own"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
direction = "up"
class = "process"
"""


@pytest.fixture
def world(begin: Begin) -> Begin:
    """Two deals with a region and an amount of their own, a task that is done."""
    base: dict[str, Any] = {
        "owner_id": "u1", "account_id": None, "pipeline": "p", "stage": "S2", "is_closed": False,
        "is_won": False, "amount": Decimal(100), "currency": "JPY", "close_date": None,
        "created_at": NOON, "modified_at": NOON,
    }  # fmt: skip
    own = {"deal_fields": {"region": "Region__c", "seats": "Seats__c", "start": "Start__c"}}
    task = Task(
        id="t1", owner_id="u1", deal_id="d1", due=date(2026, 6, 9), is_closed=True,
        created_at=NOON, modified_at=NOON, completed_at=NOON,
    )  # fmt: skip
    people = [("u1", ANNA, "u9"), ("u9", "boss@example.com", None)]
    with begin(ORGANISATION) as state:
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url="", settings=own))
        deals = [
            Deal(id="d1", name="d1", custom={"region": "東", "seats": "20"}, **base),
            Deal(id="d2", name="d2", custom={"region": "西", "start": "2026-06-20"}, **base),
        ]
        state.crm.remember(CRM, Subject.DEALS, deals)
        state.crm.remember(CRM, Subject.TASKS, [task])
        named = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people]
        state.crm.remember(CRM, Subject.PEOPLE, named)
    return begin


def shown(world: Begin, text: str) -> dict[str, Any]:
    (row,) = preview(world, ORGANISATION, text, name="own.toml", as_of=SUNDAY)
    return row


@pytest.mark.parametrize(
    ("filters", "records"),
    [
        ('{field = "custom.region", value = "東"}', ["crm:deal:d1"]),
        ('{field = "custom.seats", op = ">", value = 15}', ["crm:deal:d1"]),
        ('{field = "custom.seats", op = "empty"}', ["crm:deal:d2"]),
        (
            '{field = "custom.region", op = "in", value = ["東", "西"]}',
            ["crm:deal:d1", "crm:deal:d2"],
        ),
    ],
)  # fmt: skip
def test_fields_of_the_crms_own_can_be_asked_for(
    world: Begin, filters: str, records: list[str]
) -> None:
    assert shown(world, f"{KPI}filters = [{filters}]\n")["record_ids"] == records


def test_numbers_and_days_of_the_crms_own_can_be_measured(world: Begin) -> None:
    seats = KPI.replace('"count"', '"sum"\nfield = "custom.seats"')
    assert shown(world, seats)["value"] == 20.0
    started = KPI.replace('"created_on"', '"custom.start"')
    assert shown(world, started)["value"] == 0.0  # it starts after the day that is asked for
    assert shown(world, KPI.replace('"created_on"', '"created_at"'))["value"] == 2.0


def test_tasks_that_are_done_can_be_counted(world: Begin) -> None:
    text = KPI.replace('"deal"', '"task"').replace("created_on", "due")
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", text, enabled=True)
    setting = read_setting(world, ORGANISATION, SUNDAY)
    row = only(setting.measure("own")(setting.frames, JUNE, SUNDAY), [ANNA])[ANNA]
    assert [one["id"] for one in row["records"]] == ["t1"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (('"created_on"', '"custom.colour"'), r"line 7, column \d+: 'custom.colour' is not pulled"),
        (('"created_on"', '"amount"'), "'amount' is no day"),
        (('"person"', '"owner_id"'), "line 8, column 1: owner_field is 'owner_id'"),
        (('"up"', '"up"\nparent = "luck"'), "line 10, column 1: there is no KPI 'luck' to serve"),
        (('"up"', '"up"\nparent = "calls"\nedge = "x"'), "edge is 'x'"),
    ],
)
def test_a_wrong_field_parent_or_day_is_named_by_line(
    world: Begin, wrong: tuple[str, str], said: str
) -> None:
    with pytest.raises(WrongUsage, match=said):
        shown(world, KPI.replace(*wrong))


def only_kpi(measure: str, more: str = "") -> str:
    return KPI.replace('"count"', f'"{measure}"') + more


NO_SENSE = [
    (only_kpi("ratio"), "a ratio needs a numerator"),
    (only_kpi("sum", 'field = "close_date"'), "'close_date' is no number and cannot be added up"),
    (only_kpi("sum", 'field = "stage"'), "'stage' is no number and cannot be added up"),
    (only_kpi("count", 'unit = "furlong"'), "unit is 'furlong'; known are count"),
    (only_kpi("count", 'field = "amount"'), "a count has no field"),
    (
        only_kpi("count", 'numerator = [{field = "is_won", value = true}]'),
        "a count has no numerator",
    ),
    (only_kpi("median_days", 'field = "created_on"'), "two different days"),
    (only_kpi("count", "purpose = 3"), "the purpose is text, or purpose.ja and purpose.en"),
    (only_kpi("count", 'filters = ["x"]'), "a filter names a field, an op and a value"),
    (only_kpi("count", "filters = 3"), "a filter names a field, an op and a value"),
    (only_kpi("count", 'filters = [{op = "="}]'), "a filter names a field, an op and a value"),
    (
        only_kpi("count", 'filters = [{field = "stage", op = "in", value = "abc"}]'),
        "op 'in' needs a list of values for 'stage'",
    ),
    (only_kpi("count", 'filters = [{field = "stage"}]'), "op '=' needs a value for 'stage'"),
    (
        only_kpi("count", 'filters = [{field = "stage", op = ">", value = 3}]'),
        "'stage' is neither a number nor a day and has no >",
    ),
    (
        only_kpi("count", 'filters = [{field = "is_won", op = "<", value = true}]'),
        "'is_won' is neither a number nor a day and has no <",
    ),
    (
        only_kpi("count", 'filters = [{field = "amount", op = "contains", value = 3}]'),
        "'amount' is no text and contains nothing",
    ),
    (
        only_kpi("count", 'filters = [{field = "amount", op = ">", value = true}]'),
        "True is no value of 'amount'",
    ),
    ("kpi = 3", r"each KPI is a block that begins with \[\[kpi\]\]"),
    ('[kpi]\nid = "a"', r"each KPI is a block that begins with \[\[kpi\]\]"),
    ("kpi = [1]", r"each KPI is a block that begins with \[\[kpi\]\]"),
    (KPI.replace('"deal"', '["deal"]'), "object has to be text"),
    (KPI.replace('"created_on"', "3"), "date_field has to be text"),
]


@pytest.mark.parametrize(("text", "said"), NO_SENSE)
def test_what_would_measure_nothing_sensible_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(WrongUsage, match=rf"^own.toml, line \d+, column \d+: .*{said}") as wrong:
        parse(text, "own.toml")
    japanese = complaint(wrong.value, "ja")
    assert not re.search("[a-z]{4,} [a-z]{4,}", japanese.replace("crm-loop kpi check", ""))


@pytest.mark.parametrize(
    ("text", "english", "japanese"),
    [
        (KPI, "How many records of kind deal have created_on in the period.",
         "期間中にcreated_onがあるdealの件数です。"),
        (only_kpi("sum", 'field = "money"\nfilters = {stage = "S2", is_won = true}'),
         ("The sum of money of records of kind deal with created_on in the period and stage = S2 "
         "and is_won = true."),
         "期間中にcreated_onがあるdeal（stage = S2、is_won = true）の、moneyの合計です。"),
        (only_kpi("ratio", """numerator = {field = "is_won", value = true}
denominator = [{field = "amount", op = ">", value = 5000}]"""),
         ("Of records of kind deal with created_on in the period and amount > 5,000, those with "
         "is_won = true."),
         "期間中にcreated_onがあるdeal（amount > 5,000）のうち、is_won = trueのものの割合です。"),
        (only_kpi("median_days", """field = "booked_on"
filters = [{field = "stage", op = "in", value = ["S1", "S2"]}, {field = "lost_on", op = "empty"},
{field = "source", op = "contains", value = "web"},
{field = "amount", op = "empty", value = false}]"""),
         ("The middle number of days from booked_on to created_on, of records of kind deal with "
         "created_on in the period and stage one of S1, S2 and lost_on empty and source with web "
         "in it and amount not empty."),
         ("期間中にcreated_onがあるdeal（stageがS1, S2のいずれか、lost_onが空、sourceにwebを含む、"
         "amountが空でない）の、booked_onからcreated_onまでの日数の中央の値です。")),
    ],
)  # fmt: skip
def test_an_own_kpi_says_what_it_counts(text: str, english: str, japanese: str) -> None:
    definitions = parse(text)["own"].kpi.definitions
    assert (definitions["en"], definitions["ja"]) == (english, japanese)


def test_what_is_not_empty_can_be_asked_for(world: Begin) -> None:
    asked = [
        shown(world, f'{KPI}filters = [{{field = "custom.seats", op = "empty", value = {value}}}]')
        for value in ("true", "false")
    ]
    assert [one["record_ids"] for one in asked] == [["crm:deal:d2"], ["crm:deal:d1"]]
    with pytest.raises(WrongUsage, match="'no' is no value of 'amount'"):
        parse(f'{KPI}filters = [{{field = "amount", op = "empty", value = "no"}}]')


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{KPI}unit = \n", "line 11, column 8"),
        (f"{KPI}id = 'again'\n", "line 11, column"),
        ("[[kpi]]\nid = ", "line 2, column 6"),
    ],
)
def test_what_is_no_toml_has_its_place_in_both_languages(text: str, place: str) -> None:
    with pytest.raises(WrongUsage, match=f"^own.toml, {place}.*: this is no TOML") as wrong:
        parse(text, "own.toml")
    assert complaint(wrong.value, "ja").startswith(f"own.tomlの{place[5:7].strip(',')}行目、列")


def test_a_place_is_where_a_key_is_set_not_where_a_longer_name_holds_it() -> None:
    text = KPI.replace("[[kpi]]", "# the id of a kpi\n[[ kpi ]]") + "filters = [{field = 3}]\n"
    with pytest.raises(WrongUsage, match=r"^own\.toml, line 12, column 13: a filter names a field"):
        parse(text, "own.toml")
    with pytest.raises(WrongUsage, match=r"^own\.toml, line 3, column 1: 'O W N' is no id"):
        parse(text.replace('"own"', '"O W N"'), "own.toml")


def test_filters_may_be_written_as_a_table_of_values(world: Begin) -> None:
    text = f'{KPI}filters = {{"custom.region" = "西"}}\n'
    assert shown(world, text)["record_ids"] == ["crm:deal:d2"]


def test_two_files_may_serve_each_other_and_never_have_the_same_kpi(world: Begin) -> None:
    served = KPI.replace('"own"', '"other"').replace('"up"', '"up"\nparent = "own"')
    with world(ORGANISATION) as state:
        state.frozen.define("a.toml", served, enabled=True)
        state.frozen.define("b.toml", KPI, enabled=True)
        assert (set(switched_on(state)[0]), switched_on(state)[1]) == ({"other", "own"}, {})
        with pytest.raises(WrongUsage, match="there is a KPI 'own' already"):
            checked(state, "c.toml", KPI)
        assert set(checked(state, "b.toml", KPI)) == {"own"}
        with pytest.raises(WrongUsage, match="no KPI 'other' to serve"):
            checked(state, "b.toml", KPI.replace('"up"', '"up"\nparent = "other"'))
        state.frozen.define("c.toml", KPI, enabled=True)
        found, broken = switched_on(state)
    assert (set(found), list(broken)) == ({"other", "own"}, ["c.toml"])


def test_a_file_is_switched_off_by_its_name(world: Begin) -> None:
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", KPI, enabled=True)
        with pytest.raises(WrongUsage, match=r"No file .x\.toml.") as wrong:
            switch_off(state, "x.toml")
        assert "own.toml" in wrong.value.do
        switch_off(state, "own.toml")
        assert switched_on(state) == ({}, {})


def test_a_kpi_that_serves_itself_in_the_end_is_refused() -> None:
    first = KPI.replace('"up"', '"up"\nparent = "other"')
    second = KPI.replace('"own"', '"other"').replace('"up"', '"up"\nparent = "own"')
    with pytest.raises(WrongUsage, match=r"line 10, column 1: it serves itself.*other -> own"):
        parse(first + second)


def test_a_field_that_is_pulled_no_longer_stops_its_file_and_nothing_else(world: Begin) -> None:
    asked = f'{KPI}filters = [{{field = "custom.region", value = "東"}}]\n'
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", asked, enabled=True)
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url=""))
        found, broken = switched_on(state)
    assert (found, list(broken)) == ({}, ["own.toml"])
    setting = read_setting(world, ORGANISATION, SUNDAY)
    (told,) = broken_files(setting)
    assert (told.person, told.driver) == ("", "own.toml")


def a_value(kpi: str, **known: Any) -> KpiValue:
    base: dict[str, Any] = {
        "person": ANNA, "kpi": kpi, "period_start": JUNE.start, "period_end": JUNE.end,
        "as_of": SUNDAY, "value": 4.0, "numerator": 4.0, "denominator": None, "n": 4,
        "value_status": ValueStatus.OK, "progress": ProgressStatus.AT_RISK, "p_attain": 0.31,
        "projection": (7.4, 9.6, 13.5),
    }  # fmt: skip
    return KpiValue(**(base | known))


def line(value: KpiValue, profile: str, language: str = "ja") -> list[str]:
    reader = Reader(language=language, currency="JPY", profile=profile, word=says(language).word)
    return list(screens.row(value, catalogue()[value.kpi], reader).values())


def test_a_small_profile_shows_whole_numbers_and_no_chance() -> None:
    cells = line(a_value("meetings_held", expected_to_date=5.3), "starter")
    assert cells[2:6] == ["4", "–", "5", "7〜14"]
    assert "やや遅れ" in cells
    assert not any("%" in one for one in cells)
    assert "31%" in line(a_value("meetings_held"), "full")


def test_a_share_of_few_cases_is_told_in_cases() -> None:
    value = a_value("win_rate", value=0.25, numerator=2.0, denominator=8.0, n=8)
    assert line(value, "standard")[2] == "8件のうち2件"
    assert line(value, "standard", "en")[2] == "2 of 8"


def test_nobody_stands_anywhere_on_half_of_the_records() -> None:
    value = a_value("meetings_held", reference=True)
    assert "参考" in line(value, "standard")
    assert "やや遅れ" not in line(value, "standard")


def an_action(status: ActionStatus) -> Action:
    return Action(
        id=status, who=ANNA, manager=None, week="2026-W24", origin=Origin.REP, text="x",
        due=date(2026, 6, 9), created_at=NOON, verify=VerifyRule(kind=Verify.CLOSED_TASK),
        connection=CRM, key=status, kpi="calls", status=status,
    )  # fmt: skip


def loop_figure(kpi: str, **frames: Any) -> tuple[float | None, int]:
    world = Frames(table([], DEAL_FACTS), table([], ACTIVITY_FACTS), table([], TASKS), **frames)
    row = only(MEASURES[kpi](world, JUNE, SUNDAY), [ANNA])[ANNA]
    figure = figure_of(kpi, row)
    return figure.value, figure.n


def test_what_runs_or_was_put_aside_is_in_no_completion_rate() -> None:
    steps = table((step_row(an_action(one), "Asia/Tokyo") for one in ActionStatus), STEPS)
    # Done and late against partial and missed.
    assert loop_figure("action_completion_rate", steps=steps) == (0.5, 4)
    assert loop_figure("action_link_rate", steps=steps) == (1.0, len(ActionStatus))


def sessions(*told: str | None) -> Any:
    """1on1s of one rep, a week apart; None: nobody said what became of it."""
    rows = [
        {
            "connection": CRM, "id": f"s{n}", "person": ANNA, "on": date(2026, 6, 1 + n),
            "eligible": True, "recorded": one is not None, "held": one == "held", "ready": n == 0,
        }
        for n, one in enumerate(told)
    ]  # fmt: skip
    return table(rows, SESSIONS)


def test_silence_is_in_no_ratio_and_too_much_of_it_says_nothing() -> None:
    known = sessions("held", "not", None)
    assert loop_figure("one_on_one_adherence", sessions=known) == (0.5, 2)
    assert loop_figure("agenda_prep_rate", sessions=known) == (1.0, 1)
    silent = sessions("held", None, None)
    assert loop_figure("one_on_one_adherence", sessions=silent) == (None, 0)


@pytest.mark.parametrize("kpi", ["cause_confirmed_rate", "rep_talk_ratio", "support_completion"])
def test_what_nobody_has_said_yet_is_no_data(kpi: str) -> None:
    assert loop_figure(kpi, sessions=sessions("held")) == (None, 0)


def test_a_week_with_three_days_of_leave_asks_for_no_1on1() -> None:
    anna = Member(
        person=ANNA, name=ANNA, family_name=ANNA, role=Role.AE, manager=None, language="ja",
        country="JP", time_zone="Asia/Tokyo", accounts={},
    )  # fmt: skip
    away = replace(anna, leave=((date(2026, 6, 8), date(2026, 6, 10)),))
    assert eligible("2026-W24", [anna], BusinessCalendar)
    assert not eligible("2026-W24", [anna, away], BusinessCalendar)
    assert not eligible("2026-W19", [anna], BusinessCalendar)  # Golden Week
