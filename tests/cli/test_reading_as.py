"""`--as`: what a person may not read is not printed, in no form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.bootstrap import build
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Block,
    By,
    CycleRecord,
    CycleState,
    EffectPath,
    Form,
    Insight,
    KpiValue,
    MissingLink,
    ProgressStatus,
    Suggestion,
    SuggestionState,
    TalkView,
    Topic,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.settings import load_settings

ATTENTION = 3
WEEK, TALK = "2026-W25", datetime(2026, 6, 16, 1, tzinfo=UTC)
CLOSED, LAST_DAY = "2026-05", date(2026, 5, 31)
READERS = ("rep", "mate", "boss", "chief", "nobody")


def team_of(connected: Any, *command: str) -> dict[str, str]:
    """A rep, a mate, their manager and the manager above, once a command has run."""
    connected(*command)
    house = build(load_settings())
    with house.begin("default") as state:
        members = {one.person: one for one in state.people.members()}
    house.close()
    led = [one for one in members.values() if one.manager and one.role.value == "AE"]
    rep = next(one for one in led if members[str(one.manager)].manager)
    mate = next(one for one in led if one.manager == rep.manager and one.person != rep.person)
    boss = str(rep.manager)
    return {"rep": rep.person, "mate": mate.person, "boss": boss,
            "chief": str(members[boss].manager)}  # fmt: skip


@pytest.fixture
def planted(connected: Any) -> dict[str, str]:
    """The rep's 1on1 with one item of each row of the matrix, each with a word of its own."""
    team = team_of(connected, "pull")
    house = build(load_settings())
    with house.begin("default") as state:
        state.agendas.put([an_agenda(team["rep"], team["boss"])])
        state.agendas.put_suggestions([an_idea(team["rep"])])
        silent = {MissingLink.NOT_RECORDED: TALK}
        state.cycles.put([CycleRecord(rep=team["rep"], week=WEEK, state=CycleState.OPENED,
                                      links={}, missing=silent)])  # fmt: skip
        state.figures.keep(LAST_DAY, [a_value(team["rep"]), a_value(team["mate"])])
        state.insights.keep(LAST_DAY, [a_hypothesis(team["rep"]), a_flag(team["rep"])])
        for author in ("rep", "boss"):
            place = (team[author], team["rep"], WEEK)
            state.notes.put(place, f"kanaria-note-{author}", at=TALK)
        state.views.put([TalkView(rep=team["rep"], week=WEEK, by=By.REP, rating=1, safe=1)])
    house.close()
    return team | {"nobody": "nobody@example.com"}


def an_agenda(rep: str, boss: str) -> Agenda:
    topic = Topic(code="T02", key="T02:x", score=50, components={}, fact="kanaria-theme", reason="",
                  rule="driver:meetings", numbers={"n": 4711})  # fmt: skip
    reserve = Topic(code="T03", key="T03:x", score=40, components={}, fact="kanaria-reserve",
                    reason="", rule="kanaria-rule")  # fmt: skip
    return Agenda(
        rep=rep, manager=boss, week=WEEK, starts_at=TALK, publish_at=TALK, minutes=15,
        language="ja", connection="salesforce", key="cl1akanaria", subject="1on1メモ",
        text="kanaria-theme", manager_text="kanaria-theme kanaria-copy", reserve=reserve,
        blocks=(Block(code="theme", minutes=6, topics=(topic,)),), state=AgendaState.READY,
    )  # fmt: skip


def an_idea(rep: str) -> Suggestion:
    return Suggestion(rep=rep, week=WEEK, slot="x", text="kanaria-idea", due=TALK.date(),
                      verify=VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="meeting",
                                        new_account=True), connection="salesforce",
                      path=EffectPath(level="first_meetings", n=3, at_stake=425_250.0,
                                      money=425_250.0, units={"wins": 0.28}),
                      state=SuggestionState.OFFERED)  # fmt: skip


def a_value(rep: str) -> KpiValue:
    return KpiValue(person=rep, kpi="meetings_held", period_start=date(2026, 5, 1),
                    period_end=LAST_DAY, as_of=LAST_DAY, value=7.0, target=9.0, numerator=None,
                    denominator=None, n=7, value_status=ValueStatus.OK,
                    progress=ProgressStatus.ON_TRACK)  # fmt: skip


def a_hypothesis(rep: str) -> Insight:
    return Insight(person=rep, as_of=LAST_DAY, rule="driver", driver="proposal_win",
                   form=Form.ASKED, contribution=-1e6, p=0.9, facts={})  # fmt: skip


def a_flag(rep: str) -> Insight:
    return Insight(person=rep, as_of=LAST_DAY, rule="hollow_kpi", driver="kanaria-flag",
                   form=Form.ASKED, facts={})  # fmt: skip


#: What asks for things, and what of the planted each reader finds in the answer.
ASKED: Mapping[tuple[str, ...], Mapping[str, set[str]]] = {
    ("agenda", "--week", WEEK): {"rep": {"theme"}, "boss": {"theme"}},
    ("agenda", "--week", WEEK, "--copy", "manager", "--why"): {
        "boss": {"theme", "copy"},
    },
    ("cycle", "--week", WEEK): {"boss": {"not_recorded"}},
    ("retrospective", "--period", CLOSED): {"boss": {"factor"}},
    ("retrospective", "--period", CLOSED, "--team"): {"boss": {"factor"}},
}  # fmt: skip
WORDS = {
    **{one: f"kanaria-{one}" for one in ("theme", "copy", "idea", "flag", "note")},
    "not_recorded": "not_recorded", "factor": "受注",
}  # fmt: skip


def test_nothing_is_printed_for_anybody_whose_it_is_not(
    connected: Any, planted: dict[str, str]
) -> None:
    """Each item of the matrix is there, and its readers do get it."""
    each_reader_gets_its_own(connected, planted)
    a_look_back_is_for_the_two_it_is_about(connected, planted)
    no_note_and_no_single_answer_is_printed(connected, planted)


def each_reader_gets_its_own(connected: Any, planted: dict[str, str]) -> None:
    for command, wanted in ASKED.items():
        for reader in READERS:
            said = connected(*command, "--as", planted[reader], "--lang", "ja", "--json")
            found = {name for name, word in WORDS.items() if word in said.out}
            assert found == wanted.get(reader, set()), (command, reader, said.out)


def a_look_back_is_for_the_two_it_is_about(connected: Any, planted: dict[str, str]) -> None:
    asked = ("retrospective", "--period", CLOSED, "--json")
    drafts = {who: people(connected(*asked, "--as", planted[who]), "drafts") for who in READERS}
    both = {planted["rep"], planted["mate"]}
    assert drafts == {"rep": {planted["rep"]}, "mate": {planted["mate"]}, "boss": both,
                      "chief": set(), "nobody": set()}  # fmt: skip
    teams = {who: connected(*asked, "--as", planted[who]).data["teams"] for who in READERS}
    assert [who for who, found in teams.items() if found] == ["boss"]
    assert [one["manager"] for one in teams["boss"]] == [planted["boss"]]


def no_note_and_no_single_answer_is_printed(connected: Any, planted: dict[str, str]) -> None:
    """Not for an operator either, who may read everything else."""
    asked = [("agenda", "--week", WEEK, "--copy", "manager"), ("cycle", "--week", WEEK),
             ("retrospective", "--period", CLOSED), ("learn",), ("stage",)]  # fmt: skip
    for command in asked:
        said = connected(*command, "--json")
        assert "kanaria-note" not in said.out, command
        assert '"safe": 1' not in said.out, command
    assert "kanaria-copy" in connected(*asked[0], "--json").out
    house = build(load_settings())
    with house.begin("default") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
    house.close()
    the_effect_of_an_idea_is_told_to_who_has_it_before_them(connected, planted)
    told = connected("pulse", "--week", WEEK, "--json")
    assert told.code == 0, told.err
    assert planted["rep"] not in told.out
    assert {told.data["rating"], told.data["pulse"], told.data["gap"]} == {None}


def people(said: Any, part: str) -> set[str]:
    return {one["rep"] for one in said.data[part]}


def the_effect_of_an_idea_is_told_to_who_has_it_before_them(
    connected: Any, planted: dict[str, str]
) -> None:
    """On request, where everything is switched on: in money, and in units as data."""
    asked = ("agenda", "--week", WEEK, "--why", "--copy", "manager")
    money = "約43万円分の種まきです。"
    told = {who: connected(*asked, "--as", planted[who]).out for who in ("rep", "boss")}
    assert [money in "".join(told[who].split()) for who in ("rep", "boss")] == [False, True]
    (one,) = connected(*asked, "--as", planted["boss"], "--json").data["agendas"]
    (effect,) = one["effects"]
    assert (effect["text"], effect["path"]["money"]) == ("kanaria-idea", 425_250.0)
    assert effect["path"]["units"]["wins"] == 0.28


@pytest.mark.long(20)
def test_each_command_prints_what_its_reader_may_read(connected: Any) -> None:
    team = team_of(connected, "cycle", "--turn")
    rep, boss = team["rep"], team["boss"]
    for command, part in (("measure", "values"), ("cycle", "cycles"), ("agenda", "agendas")):
        seen = {
            who: people(connected(command, "--as", person, "--json"), part)
            for who, person in (*team.items(), ("nobody", "nobody@example.com"))
        }
        everybody = people(connected(command, "--json"), part)
        assert seen["rep"] <= {rep}, command
        assert seen["chief"] & {rep, team["mate"]} == set(), command
        assert seen["nobody"] == set(), command
        assert seen["boss"] <= everybody, command
    measured = people(connected("measure", "--as", boss, "--json"), "values")
    assert {rep, team["mate"]} <= measured
    # A number is opened to its records for two people only.
    asked = ("explain", "meetings_held", "--rep", team["rep"], "--json")
    for who, code in (("rep", 0), ("boss", 0), ("mate", ATTENTION), ("chief", ATTENTION)):
        said = connected(*asked, "--as", team[who])
        assert said.code == code, who
    assert said.json["error"]["code"] == "access.figures"

    # A rep never gets the manager's copy.
    said = connected("agenda", "--copy", "manager", "--as", rep, "--json")
    assert all(one["text"] == "" for one in said.data["agendas"])
