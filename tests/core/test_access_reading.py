"""The privacy matrix, reader by reader and item by item, where people read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_loop.access.privacy import MATRIX, Item, Reader, Shown, may_be_told, shown, stands
from crm_loop.access.reading import Desk, read_as
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    CycleRecord,
    CycleState,
    Form,
    Insight,
    KpiValue,
    MissingLink,
    Suggestion,
    SuggestionState,
    Topic,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.records import Person, Subject
from crm_loop.store import Begin, State
from crm_loop.store.connections import ConnectionRow

ROOT = Path(__file__).parents[2]
ORGANISATION, WEEK, DAY = "acme", "2026-W25", date(2026, 6, 14)
REP, MATE, BOSS, CHIEF = (f"{name}@example.com" for name in ("rep", "mate", "boss", "chief"))
READERS = {REP: Reader.REP, BOSS: Reader.MANAGER, CHIEF: Reader.ABOVE, MATE: Reader.OTHER,
           "stranger@example.com": Reader.OTHER}  # fmt: skip
#: As agreed with those whom it is about: who gets how much.
ALL, TOGETHER, ASKED, NEVER = Shown.ALL, Shown.TOGETHER, Shown.ASKED, Shown.NEVER
PART, NOTICED = Shown.PART, Shown.NOTICED
AGREED = {
    #                       rep    manager    above      other   CRM    report
    Item.FIGURES:          (ALL,   ALL,       TOGETHER,  NEVER,  NEVER, TOGETHER),
    Item.SHARED_AGENDA:    (ALL,   ALL,       NEVER,     NEVER,  ALL,   TOGETHER),
    Item.MANAGER_COPY:     (NEVER, ALL,       NEVER,     NEVER,  NEVER, NEVER),
    Item.REP_NOTES:        (ALL,   NEVER,     NEVER,     NEVER,  NEVER, NEVER),
    Item.MANAGER_NOTES:    (NEVER, ALL,       NEVER,     NEVER,  NEVER, NEVER),
    Item.FLAGS:            (NEVER, ALL,       NEVER,     NEVER,  NEVER, NEVER),
    Item.HYPOTHESES:       (ASKED, ALL,       NEVER,     NEVER,  NEVER, NEVER),
    Item.PULSE:            (ALL,   TOGETHER,  TOGETHER,  NEVER,  NEVER, TOGETHER),
    Item.RHYTHM:           (PART,  ALL,       NEVER,     NEVER,  NEVER, NEVER),
    Item.OWN_QUALITY:      (ALL,   NEVER,     NEVER,     NEVER,  NEVER, NEVER),
    Item.COMMITMENT:       (ALL,   NOTICED,   NEVER,     NEVER,  NEVER, NEVER),
    Item.PRIVATE_MATTERS:  (NEVER, NEVER,     NEVER,     NEVER,  NEVER, NEVER),
}  # fmt: skip


@pytest.mark.parametrize("item", list(Item))
def test_the_matrix_is_the_one_that_was_agreed(item: Item) -> None:
    assert tuple(shown(item, reader) for reader in Reader) == AGREED[item]
    assert item in MATRIX


@pytest.fixture
def house(begin: Begin) -> Begin:
    with begin(ORGANISATION) as state:
        url = "https://127.0.0.1"
        state.connections.put(ConnectionRow(name="crm", kind="salesforce", url=url))
        users = [_user("0", CHIEF, None), _user("1", BOSS, "0"), _user("2", REP, "1"),
                 _user("3", MATE, "1")]  # fmt: skip
        state.crm.remember("crm", Subject.PEOPLE, users)
        state.agendas.put([an_agenda()])
        state.agendas.put_suggestions([an_idea("a", SuggestionState.OFFERED),
                                       an_idea("b", SuggestionState.LET_THROUGH)])  # fmt: skip
        state.insights.keep(DAY, [a_conclusion("hollow_kpi", Form.STATED),
                                  a_conclusion("driver", Form.ASKED)])  # fmt: skip
    return begin


def _user(id_: str, email: str, manager: str | None) -> Person:
    return Person(id=id_, email=email, name=email, family_name=email, language="ja",
                  manager_id=manager)  # fmt: skip


def an_agenda() -> Agenda:
    at = datetime(2026, 6, 16, 1, tzinfo=UTC)
    held_back = Topic(code="T04", key="k", score=1.0, components={}, fact="控えの話題", reason="")
    return Agenda(rep=REP, manager=BOSS, week=WEEK, starts_at=at, publish_at=at, minutes=15,
                  language="ja", connection="crm", key="cl1a", subject="s", text="共有メモ",
                  manager_text="上司だけの控え", reserve=held_back,
                  state=AgendaState.READY)  # fmt: skip


def an_idea(slot: str, state: SuggestionState) -> Suggestion:
    return Suggestion(rep=REP, week=WEEK, slot=slot, text=f"idea {slot}", due=DAY, connection="crm",
                      verify=VerifyRule(kind=Verify.CLOSED_TASK), state=state)  # fmt: skip


def a_conclusion(rule: str, form: Form, person: str = REP) -> Insight:
    return Insight(person=person, as_of=DAY, rule=rule, driver="meetings_held", form=form)


def a_value(person: str) -> KpiValue:
    return KpiValue(person=person, kpi="calls", period_start=DAY, period_end=DAY, as_of=DAY,
                    value=1.0, numerator=1.0, denominator=None, n=1,
                    value_status=ValueStatus.OK)  # fmt: skip


def desk(state: State, person: str) -> Any:
    found = read_as(state, person)
    assert isinstance(found, Desk)
    return found


@pytest.mark.parametrize("person", list(READERS))
def test_each_reader_gets_the_agenda_in_the_own_copy_or_not_at_all(
    house: Begin, person: str
) -> None:
    with house(ORGANISATION) as state:
        found = desk(state, person).agendas(WEEK)
    wanted = {REP: ["共有メモ"], BOSS: ["共有メモ"]}.get(person, [])
    assert [one.text for one in found] == wanted
    private = [one for one in found if one.manager_text or one.reserve]
    assert bool(private) is (person == BOSS)


@pytest.mark.parametrize("person", list(READERS))
def test_figures_are_for_the_person_and_the_manager(house: Begin, person: str) -> None:
    with house(ORGANISATION) as state:
        found = desk(state, person).figures([a_value(REP), a_value(MATE)])
    wanted = {REP: [REP], BOSS: [REP, MATE], MATE: [MATE]}.get(person, [])
    assert [one.person for one in found] == wanted


@pytest.mark.parametrize("person", list(READERS))
def test_an_idea_reaches_the_rep_only_through_the_memo(house: Begin, person: str) -> None:
    with house(ORGANISATION) as state:
        found = [one.slot for one in desk(state, person).suggestions(WEEK)]
    assert found == {REP: ["b"], BOSS: ["a", "b"]}.get(person, [])


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("person", list(READERS))
def test_a_hypothesis_is_a_question_after_the_agenda_was_opened_and_a_flag_never(
    house: Begin, person: str, *, opened: bool
) -> None:
    with house(ORGANISATION) as state:
        found = {one.rule for one in desk(state, person).insights(DAY, opened=opened)}
    asked = {"driver"} if opened else set()
    assert found == {REP: asked, BOSS: {"driver", "hollow_kpi"}}.get(person, set())


@pytest.mark.parametrize("person", list(READERS))
def test_one_agenda_its_ideas_and_notes_are_for_the_two_of_it(house: Begin, person: str) -> None:
    at = datetime(2026, 6, 16, tzinfo=UTC)
    with house(ORGANISATION) as state:
        for author in READERS:
            state.notes.put((author, REP, WEEK), f"sealed by {author}", at=at)
        found = desk(state, person)
        agenda = found.agenda(REP, WEEK)
        assert (agenda is not None) is (person in (REP, BOSS))
        ideas = [one.slot for one in found.suggestions_of(an_agenda())]
        assert ideas == {REP: ["b"], BOSS: ["a", "b"]}.get(person, [])
        own = f"sealed by {person}" if person in (REP, BOSS) else None
        assert found.note(an_agenda()) == own
        assert len(found.agendas_of([REP], [WEEK])) == (agenda is not None)


@pytest.mark.parametrize("person", list(READERS))
def test_figures_their_course_and_their_records_go_with_them(house: Begin, person: str) -> None:
    with house(ORGANISATION) as state:
        state.figures.keep(DAY, [a_value(REP), a_value(MATE)])
        found = desk(state, person)
        wanted = {REP: [REP], BOSS: [MATE, REP], MATE: [MATE]}.get(person, [])
        assert [one.person for one in found.values_of(DAY, [REP, MATE])] == wanted
        assert bool(found.history(REP, "calls")) is (person in (REP, BOSS))
        # Sums of two people would be about each of them.
        assert found.values_together(DAY, [REP, MATE]) == []


@pytest.mark.parametrize("person", list(READERS))
def test_what_is_counted_of_deals_is_no_hypothesis(house: Begin, person: str) -> None:
    with house(ORGANISATION) as state:
        state.insights.keep(DAY, [a_conclusion("deal_risk", Form.STATED)])
        found = desk(state, person).latest_insights(REP, DAY, opened=False)
    assert [one.rule for one in found] == {REP: ["deal_risk"], BOSS: ["deal_risk"]}.get(person, [])


@pytest.mark.parametrize("person", list(READERS))
@pytest.mark.parametrize("rule", ["trend", "quadrant", "process", "share_target"])
def test_what_figures_say_of_a_person_is_told_to_both_or_to_nobody(
    house: Begin, person: str, rule: str
) -> None:
    with house(ORGANISATION) as state:
        state.insights.keep(DAY, [a_conclusion(rule, Form.STATED)])
        found = desk(state, person).latest_insights(REP, DAY, opened=False)
    assert [one.rule for one in found] == {REP: [rule], BOSS: [rule]}.get(person, [])


@pytest.mark.parametrize("person", list(READERS))
def test_a_conclusion_about_a_team_is_for_who_leads_it(house: Begin, person: str) -> None:
    with house(ORGANISATION) as state:
        of_team = replace(a_conclusion("team_targets", Form.TEAM), person=BOSS)
        of_all = replace(a_conclusion("hollow_kpi", Form.TEAM), person="")
        state.insights.keep(DAY, [of_team, of_all, a_conclusion("trend", Form.STATED)])
        found = [one.rule for one in desk(state, person).team_insights(DAY)]
    wanted = {BOSS: ["team_targets", "hollow_kpi"], CHIEF: ["hollow_kpi"]}
    assert found == wanted.get(person, [])


@pytest.mark.parametrize("person", list(READERS))
def test_what_a_manager_puts_in_is_for_that_manager_alone(house: Begin, person: str) -> None:
    rules = ["manager_part", "manager_process"]
    with house(ORGANISATION) as state:
        own = [replace(a_conclusion(rule, Form.TEAM), person=BOSS) for rule in rules]
        state.insights.keep(DAY, own)
        reader = desk(state, person)
        found = [
            reader.team_insights(DAY), reader.insights(DAY, opened=True),
            reader.latest_insights(BOSS, DAY, opened=True),
        ]  # fmt: skip
    told = [sorted(one.rule for one in each) for each in found]
    assert told[:2] == [rules if person == BOSS else []] * 2
    # The page of a person's own figures tells nothing of a team.
    assert told[2] == []


def test_that_nothing_was_recorded_is_told_to_the_manager_only(house: Begin) -> None:
    missing = {MissingLink.NOT_RECORDED: datetime(2026, 6, 16, tzinfo=UTC)}
    record = CycleRecord(rep=REP, week=WEEK, state=CycleState.OPENED, missing=missing)
    with house(ORGANISATION) as state:
        told = {who: desk(state, who).cycles([record]) for who in READERS}
    assert [dict(one.missing) for one in told[BOSS]] == [missing]
    assert [dict(one.missing) for one in told[REP]] == [{}]
    assert told[CHIEF] == told[MATE] == []


def test_a_new_manager_does_not_read_what_was_said_with_the_one_before(house: Begin) -> None:
    with house(ORGANISATION) as state:
        state.agendas.put([replace(an_agenda(), manager=CHIEF)])
        assert desk(state, BOSS).agendas(WEEK) == []
        assert len(desk(state, CHIEF).agendas(WEEK)) == 1


def test_a_teams_conclusion_names_nobody_and_is_for_those_who_lead() -> None:
    team = a_conclusion("common_cause", Form.TEAM, person="")
    told = [reader for reader in Reader if may_be_told(team, reader, opened=True)]
    assert told == [Reader.MANAGER, Reader.ABOVE, Reader.REPORT]


def test_a_circle_of_managers_ends(house: Begin) -> None:
    with house(ORGANISATION) as state:
        members = {one.person: one for one in state.people.members()}
    members[CHIEF] = replace(members[CHIEF], manager=REP)
    assert stands(MATE, REP, members) is Reader.OTHER


#: Gives a person everything that is held about that person; the own notes are in it.
OWN_EXPORT = ROOT / "src" / "crm_loop" / "cli" / "privacy.py"


def reading_modules() -> Iterator[Path]:
    for name in ("cli", "console"):
        files = (ROOT / "src" / "crm_loop" / name).rglob("*.py")
        yield from (file for file in files if file != OWN_EXPORT)


def test_every_command_and_page_reads_what_is_about_people_through_one_place() -> None:
    # What is about nobody, such as the trust in records, is the admin's to see.
    about_nobody = r"(?![^)]*person=\"\")"
    direct = re.compile(
        rf"\.(agendas\.(of|get|before|suggestions|overviews)|insights\.(of|latest_of)"
        rf"\({about_nobody}|notes\.get|figures\.(values|of|records)\b)"
    )
    found = [file.name for file in reading_modules() if direct.search(file.read_text("utf-8"))]
    assert found == []
