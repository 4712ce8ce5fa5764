"""How 1on1s are going, told to whom it is for, in both languages; nothing to anybody else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.access.reading import read_as
from crm_loop.access.rhythms import Going, going_of
from crm_loop.cycle.rhythms import Told, told
from crm_loop.learn.pair_phrases import (
    Achieved,
    card_lines,
    commitment_lines,
    own_lines,
    pair_lines,
)
from crm_loop.learn.phrases import Reader, compared_lines, texts, within_lines
from crm_loop.loop_records import (
    Commitment,
    Compared,
    PairRhythm,
    SessionQuality,
    StageRecord,
    WithinRep,
)
from crm_loop.records import Person, Subject
from crm_loop.setup.starting import By, Notice, keep_notice
from crm_loop.store import State
from crm_loop.wording.linter import lint

Begin = Callable[[str], AbstractContextManager[State]]

ORGANISATION, WEEK, TODAY = "acme", "2026-W24", date(2026, 6, 16)
CHIEF, BOSS, REP, MATE = (f"{one}@example.com" for one in ("chief", "boss", "rep", "mate"))
SINCE = "2026-W17"
SEEN = "association_seen_not_causal"
PARTS = {"adherence": 0.8, "promises_kept": 0.5, "agenda_ready": 1.0, "targets_reviewed": None}


def a_pair(rep: str = REP, **known: Any) -> PairRhythm:
    usual: dict[str, Any] = {"rep": rep, "manager": BOSS, "week": WEEK, "eligible": 8,
                             "recorded": 0.75, "adherence": 1.0, "streak": 4,
                             "max_gap_days": 14}  # fmt: skip
    return PairRhythm(**(usual | known))


def a_session(week: int, rep: str = REP) -> SessionQuality:
    return SessionQuality(rep=rep, manager=BOSS, week=f"2026-W{week}", quality=70.0, weight=90.0,
                          own=80.0, parts={"rep_talk": 0.4})  # fmt: skip


@pytest.fixture
def house(begin: Begin) -> Begin:
    """A chief, a manager, two reps; the 1on1s of one of them find less time."""
    people = [Person(id="0", email=CHIEF, name="中村 彩"),
              Person(id="1", email=BOSS, name="佐藤 健", manager_id="0"),
              Person(id="2", email=REP, name="田中 太郎", manager_id="1"),
              Person(id="3", email=MATE, name="鈴木 花子", manager_id="1")]  # fmt: skip
    stage = StageRecord(week=WEEK, stage="not_ready", symptoms=(), first_action=None,
                        largest_shortfall=None, weeks_in_a_row=0, indices={},
                        components={})  # fmt: skip
    with begin(ORGANISATION) as state:
        state.crm.remember("crm", Subject.PEOPLE, people)
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
        state.learnings.keep([a_pair(called_off=3, by_manager=2, lately=2), a_pair(MATE)])
        state.learnings.keep([a_session(week) for week in (20, 21, 22, 23)])
        state.learnings.keep([Commitment(manager=BOSS, week=WEEK, value=0.7, parts=PARTS)])
        state.learnings.keep([stage])
    return begin


def going(house: Begin, who: str | None, *, noticed: bool = False) -> Going:
    with house(ORGANISATION) as state:
        return going_of(read_as(state, who), SINCE, noticed=noticed)


def test_a_manager_reads_the_own_pairs_without_what_the_rep_answered(house: Begin) -> None:
    found = going(house, BOSS)
    assert {one.rep for one in found.led} == {REP, MATE}
    assert {one.own for one in found.sessions} == {None}
    assert [one.manager for one in found.commitments] == [BOSS]
    assert found.own is None


def test_a_rep_reads_the_own_1on1s_and_not_what_is_the_manager_s(house: Begin) -> None:
    found = going(house, REP)
    assert (list(found.led), list(found.commitments)) == ([], [])
    assert {one.own for one in found.sessions} == {80.0}
    assert found.own is not None
    assert (found.own.streak, found.own.called_off) == (4, 3)
    told_to = (found.own.recorded, found.own.adherence, found.own.by_manager, found.own.lately)
    assert told_to == (None, None, 0, 0)


@pytest.mark.parametrize("who", [MATE, "nobody@example.com"])
def test_nobody_reads_of_a_colleague_s_1on1s(house: Begin, who: str) -> None:
    found = going(house, who, noticed=True)
    assert (list(found.sessions), list(found.led), list(found.commitments)) == ([], [], [])
    assert found.own is None or found.own.rep == who


@pytest.mark.parametrize(("noticed", "managers"), [(False, []), (True, [BOSS])])
def test_a_managers_manager_reads_the_manager_s_part_once_everybody_was_told(
    house: Begin, *, noticed: bool, managers: list[str]
) -> None:
    found = going(house, CHIEF, noticed=noticed)
    assert [one.manager for one in found.commitments] == managers
    assert found.squeezed == managers
    assert (list(found.led), list(found.sessions)) == ([], [])


def test_whoever_runs_the_machine_prints_no_answer_of_a_rep(house: Begin) -> None:
    found = going(house, None)
    assert len(found.led) == 2
    assert {one.own for one in found.sessions} == {None}


def a_reader(language: str = "ja", profile: str = "full") -> Reader:
    return Reader(language, profile, {})


def read(house: Begin, who: str, language: str = "ja", profile: str = "full") -> Told:
    with house(ORGANISATION) as state:
        members = {one.person: one for one in state.people.members()}
        reader = read_as(state, who)
        return told(state, reader, a_reader(language, profile), members, TODAY)


def lines_of(found: Told) -> list[str]:
    below = [line for name, lines in found.below for line in (name, *lines)]
    return [*found.card, *(line for pair in found.pairs for line in pair), *found.own,
            *found.put_in, *below]  # fmt: skip


def test_the_manager_is_told_that_time_is_getting_short_and_with_whom(house: Begin) -> None:
    found = read(house, BOSS)
    assert list(found.card) == ["このところ、1on1の時間が取りにくくなっています",
                                "田中さん：この4週間で2回、予定が取り消されています。"]  # fmt: skip
    assert ["田中さん：記録のある6週のうち6週で実施（対象は8週）。",
            "続けて4回、間隔は長いときで14日です。",
            "取りやめは3回、うちご自身によるものは2回です。",
            "内容の目安は、100のうち70です（4回の平均）。"] in list(found.pairs)  # fmt: skip
    assert found.put_in[0] == "1on1の時間を空けておけた週は、10のうち8ほどです。"
    assert len(found.put_in) == 3


def test_the_rep_is_told_the_own_part_with_the_own_answers(house: Begin) -> None:
    found = read(house, REP)
    assert lines_of(found) == [
        "続けて4回、話せています。", "この8週間の取りやめは3回です。",
        "ご自身の答えを含めた内容の目安は、100のうち80です（4回の平均）。",
    ]  # fmt: skip


def test_the_chief_is_told_of_a_manager_from_the_day_of_the_notice_on_and_of_no_rep(
    house: Begin,
) -> None:
    assert lines_of(read(house, CHIEF)) == []
    for day, shown in ((date(2026, 6, 17), False), (TODAY, True)):
        with house(ORGANISATION) as state:
            at = datetime(2026, 6, 1, tzinfo=UTC)
            keep_notice(state, Notice(day, "鈴木"), By("admin", at))
        said = lines_of(read(house, CHIEF))
        assert ("佐藤さん" in said) is shown
        assert not any("田中" in line or "鈴木" in line for line in said)
    assert "このところ、1on1の時間が取りにくくなっています" in said


@pytest.mark.parametrize("profile", ["starter", "standard"])
@pytest.mark.parametrize("who", [CHIEF, BOSS, REP])
def test_nobody_is_told_anything_of_it_until_it_is_asked_for(
    house: Begin, who: str, profile: str
) -> None:
    found = read(house, who, profile=profile)
    assert (found.is_on, lines_of(found)) == (False, [])


def test_of_fewer_than_four_1on1s_no_mean_is_told() -> None:
    three = [a_session(week) for week in (21, 22, 23)]
    assert len(pair_lines("A", a_pair(), three, a_reader())) == 2
    assert own_lines(a_pair(streak=0), three, a_reader()) == [texts()["ja"]["pairs"]["nothing"]]


def test_a_pair_of_which_too_little_is_on_record_is_not_counted() -> None:
    silent = a_pair(recorded=0.25, adherence=None, max_gap_days=None, streak=0)
    assert pair_lines("田中さん", silent, [], a_reader()) == [
        "田中さん：記録が少ないため、回数は出していません（対象は8週）。"
    ]


def test_the_card_tells_what_steps_have_come_to_and_is_not_there_without_a_reason() -> None:
    shorter = [("A", a_pair(minutes="declining"))]
    assert card_lines([], Achieved(5, 4), [], a_reader()) == []
    # Nobody is told how little has come of it.
    assert len(card_lines(shorter, Achieved(5, 0), [], a_reader())) == 2
    lines = card_lines(shorter, Achieved(5, 4), [], a_reader("en"))
    assert lines[1:] == ["A: they are becoming shorter.",
                         "Steps agreed in these eight weeks: 5; done: 4."]  # fmt: skip


def a_comparison(**known: Any) -> Compared:
    usual: dict[str, Any] = {"week": WEEK, "step": "V1:call", "kpi": "k", "done": 8,
                             "done_reps": 3, "done_mean": 0.12, "missed": 5, "missed_reps": 3,
                             "missed_mean": -0.04}  # fmt: skip
    return Compared(**(usual | known))


def test_steps_done_and_not_done_are_told_side_by_side_and_never_as_a_cause() -> None:
    lines = compared_lines([a_comparison()], a_reader())
    assert lines == [
        "電話をかける → k：済んだあと、見込みとの差は平均+12%（8回、3人）。",
        "済まなかったあと、見込みとの差は平均-4%（5回、3人）。",
        "済む時と済まない時では事情も違います。因果とは限りません。",
    ]
    few = compared_lines([a_comparison(missed_reps=2)], a_reader())
    assert few == ["済んだ時と済まなかった時は、それぞれ3人以上になってから並べます。"]
    assert compared_lines([], a_reader()) == []


@pytest.mark.parametrize(
    ("label", "estimate", "said"),
    [(SEEN, 6.6, "7高めです（目安を100として、6人）。因果とは限りません。"),
     (SEEN, -3.0, "3低めです（目安を100として、6人）。因果とは限りません。"),
     ("not_clear", 1.0, "違いははっきりしません（6人）。"),
     ("too_few_reps", None, "5人について3週ずつの記録が必要です（いまは6人）。")],
)  # fmt: skip
def test_weeks_after_a_1on1_are_told_with_what_they_do_not_show(
    label: str, estimate: float | None, said: str
) -> None:
    found = WithinRep(week=WEEK, reps=6, estimate=estimate, low=None, high=None, label=label)
    (line,) = within_lines(found, a_reader())
    assert line.endswith(said)
    assert within_lines(found, a_reader(profile="standard")) == []
    assert within_lines(None, a_reader()) == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_all_of_it_keeps_the_tone_of_the_house(house: Begin, language: str) -> None:
    said = [line for who in (BOSS, REP) for line in lines_of(read(house, who, language))]
    commitment = Commitment(manager=BOSS, week=WEEK, value=1.0, parts=dict.fromkeys(PARTS, 0.7))
    said += commitment_lines(commitment, a_reader(language))
    said += card_lines([("A", a_pair(minutes="declining", lately=2))], Achieved(5, 4), [],
                       a_reader(language))  # fmt: skip
    assert len(said) > 15
    assert [line for line in said if lint(line, language)] == []
