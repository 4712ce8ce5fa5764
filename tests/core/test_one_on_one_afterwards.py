"""After 1on1s: looking back at a period, how both saw it, and texts in other words."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date

import memo_world
import pytest
import samples

from crm_loop.calendars import Period
from crm_loop.loop_records import AgendaState, By, Felt, Form, Insight, Talk, TalkView
from crm_loop.one_on_one.composing import write_again
from crm_loop.one_on_one.looking_back import closed_periods
from crm_loop.one_on_one.retrospective import DONE, Closed, draft_of, to_review
from crm_loop.one_on_one.rewriting import rewritten, says_the_same
from crm_loop.one_on_one.team_look_back import Team, team_draft_of, team_line_of, teams_of
from crm_loop.one_on_one.views import seen
from crm_loop.one_on_one.why import why_lines
from crm_loop.setup.doctor import examine_data
from crm_loop.store import State
from crm_loop.wording import words
from crm_loop.wording.linter import Kind, lint
from crm_loop.wording.names import called

Begin = Callable[[str], AbstractContextManager[State]]
MAY = Period(date(2026, 5, 1), date(2026, 5, 31), "month")


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_a_look_back_names_aims_what_was_tried_and_what_the_rep_says(
    begin: Begin, language: str
) -> None:
    world = memo_world.build(begin, reps=2, languages=(language,), seed=5)
    for week in memo_world.weeks(3):
        memo_world.find(world, week)
        memo_world.prepared(world, week)
    with begin(memo_world.ORGANISATION) as state:
        closed = closed_periods(state, MAY)
    drafts = [draft_of(one, words(language)) for one in closed.values()]
    assert drafts
    for lines in drafts:
        assert lines[0] == words(language).say("retro.title", first=MAY.start, last=MAY.end)
        assert lines[-3:] == [words(language).say(f"retro.{n}") for n in ("keep", "change", "try")]
        assert not [found for line in lines for found in lint(line, language)]
    for one, lines in zip(closed.values(), drafts, strict=True):
        told = [line for line in lines if " → " in line or " -> " in line]
        assert len(told) == min(len(one.actions), 4 if len(one.actions) <= 4 else 3)
        done = words(language).say("last.done")
        assert sum(line.endswith(done) for line in told) == min(
            len(told), sum(step.status in DONE for step in one.actions)
        )


def test_what_had_become_more_than_usual_stands_in_the_look_back() -> None:
    facts = {"now": 6.0, "usual": 3.0, "index": 2.0}
    more = Insight(person="rep", as_of=MAY.end, rule="improvement", driver="proposals",
                   form=Form.ASKED, facts=facts)  # fmt: skip
    one = Closed(period=MAY, currency="JPY", values={}, insights=[more], actions=(), talks=())
    said = "ふだんより多くなったところ：提案"
    assert said in draft_of(one, words("ja"))
    assert said not in draft_of(replace(one, insights=[]), words("ja"))


def test_a_period_that_nobody_was_measured_in_has_no_look_back(begin: Begin) -> None:
    memo_world.build(begin, reps=1)
    with begin(memo_world.ORGANISATION) as state:
        assert closed_periods(state, Period(date(2020, 1, 1), date(2020, 1, 31))) == {}


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_the_first_memo_after_a_month_is_final_says_how_it_went_once(
    begin: Begin, language: str
) -> None:
    world = memo_world.build(begin, reps=1, languages=(language,), seed=5)
    found = {}
    for week in memo_world.weeks(6):
        memo_world.find(world, week)
        (one,) = memo_world.prepared(world, week)
        month = words(language).say("months.m5")
        found[week] = [line for line in one.text.splitlines() if line.strip().startswith(month)]
        assert not lint(one.text, language, Kind.MEMO)
    # May is final on Friday, 5 June; the next 1on1 is on Tuesday, 9 June.
    assert {week for week, lines in found.items() if lines} == {"2026-W24"}
    (line,) = found["2026-W24"]
    with begin(memo_world.ORGANISATION) as state:
        closed = closed_periods(state, MAY)["rep00000@example.com"]
    assert str(round(closed.values["meetings_held"].target or 0)) in line
    assert not lint(line.strip(), language)


class Pen:
    """Says what it is told to say instead of our words; with nothing to say it breaks."""

    def __init__(self, old: str = "", new: str = "") -> None:
        self.old, self.new = old, new

    def rewrite(self, text: str, language: str) -> str:
        del language
        if not self.old:
            raise OSError
        return text.replace(self.old, self.new)


@pytest.mark.parametrize(
    ("part", "new", "taken"),
    [
        ("question", "最近の手応えはどうですか？", True),
        ("question", "3つの手応えはどうですか？", False),
        ("question", "最近のノルマはどうですか？", False),
        ("heading", "3. 本日の話題（6分）", False),
        ("customer", "別の会社", False),
        ("", "", False),
    ],
)
def test_other_words_reach_the_memo_where_they_say_the_same(
    begin: Begin, part: str, new: str, *, taken: bool
) -> None:
    world = memo_world.build(begin, reps=1, languages=("ja",), seed=5)
    week = memo_world.FIRST_WEEK
    memo_world.find(world, week)
    (own,) = memo_world.prepared(world, week)
    question = own.blocks[0].prompts[0].text
    heading = next(line for line in own.text.splitlines() if line.startswith("3. "))
    customer = next((c for c in memo_world.CUSTOMERS["ja"] if c in own.text), "田中")
    old = {"question": question, "heading": heading, "customer": customer, "": ""}[part]
    with begin(memo_world.ORGANISATION) as state:
        (agenda,) = state.agendas.of_week(week)
        (said,) = write_again(state, [agenda], now=memo_world.published(week), week=week,
                              private=memo_world.PRIVATE, rewriter=Pen(old, new))  # fmt: skip
    assert (said.text != own.text) is taken
    if taken:
        assert said.text == own.text.replace(question, new)
        assert new in said.manager_text


def talks(driver: str, *answers: Felt) -> list[Talk]:
    return [
        Talk(rep="r", manager="m", week=f"2026-W{n:02d}", state=AgendaState.HELD, driver=driver,
             felt=felt) for n, felt in enumerate(answers, 1)
    ]  # fmt: skip


def test_a_factor_that_is_denied_more_often_than_not_is_reviewed() -> None:
    denied = talks("meetings", *[Felt.NO] * 6, *[Felt.FITS] * 4)
    even = talks("meeting_opp", *[Felt.NO] * 5, *[Felt.FITS] * 5)
    few = talks("proposal_win", *[Felt.NO] * 9)
    assert to_review([*denied, *even, *few]) == ["meetings"]


def views(people: int, by: By = By.REP, rating: int = 4) -> list[TalkView]:
    return [
        TalkView(rep=f"r{n}", week="2026-W25", by=by, rating=rating, safe=5, thoughts=4)
        for n in range(people)
    ]


def test_means_need_five_people_and_the_gap_five_pairs() -> None:
    assert seen(views(4)).rating is None
    found = seen(views(5))
    assert (found.rating, found.pulse, found.gap) == (4, 4.5, None)
    both = seen([*views(5), *views(5, By.MANAGER, rating=5)])
    assert both.gap == 1
    assert seen([*views(5), *views(4, By.MANAGER, rating=5)]).gap is None


def test_five_answers_of_one_person_are_not_five_people() -> None:
    one = [TalkView(rep="r", week=f"2026-W{n}", by=By.REP, rating=1) for n in range(20, 30)]
    assert seen(one).rating is None


def test_the_newest_word_on_a_1on1_counts(begin: Begin) -> None:
    memo_world.build(begin, reps=1)
    with begin(memo_world.ORGANISATION) as state:
        for rating in (2, 4):
            state.views.put([TalkView(rep="r", week="2026-W25", by=By.REP, rating=rating)])
        assert [one.rating for one in state.views.own("r", By.REP)] == [4]
        assert state.views.own("r", By.MANAGER) == []


MEMO = (
    "次の予定がまだ決まっていない商談が3件あります（A社、B社）。\n▼決めたこと（日付とひとこと）："
)


@dataclass(frozen=True)
class Says:
    """A rewriter that always answers the same."""

    text: str

    def rewrite(self, text: str, language: str) -> str:
        del text, language
        return self.text


def test_without_a_rewriter_a_text_stays_as_it_is() -> None:
    assert rewritten(MEMO, "ja", None) == MEMO


def test_other_words_with_the_same_numbers_are_taken() -> None:
    other = MEMO.replace("まだ決まっていない", "これからの")
    assert rewritten(MEMO, "ja", Says(other), kept=("A社",)) == other


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("3件", "4件"),
        ("3件", "3件、つまり30%"),
        ("3件", "数件"),
        ("A社", "C社"),
        ("▼決めたこと（日付とひとこと）：", ""),
        ("あります", "あります。なぜ連絡しなかったのですか"),
    ],
)
def test_other_words_that_say_something_else_are_not(was: str, becomes: str) -> None:
    other = MEMO.replace(was, becomes)
    assert other != MEMO
    assert rewritten(MEMO, "ja", Says(other), kept=("A社", "B社")) == MEMO


def test_a_number_in_words_is_a_number_too() -> None:
    assert not says_the_same("Three deals wait.", "Four deals wait.", "en")
    assert says_the_same("Three deals wait.", "There are three deals waiting.", "en")


def test_why_a_topic_is_there_comes_with_rule_numbers_and_records(begin: Begin) -> None:
    world = memo_world.build(begin, reps=4, languages=("en",))
    memo_world.find(world, memo_world.FIRST_WEEK)
    for one in memo_world.prepared(world, memo_world.FIRST_WEEK):
        assert one.theme is not None
        brief = why_lines(one.theme, words("en"), parts=False)
        whole = why_lines(one.theme, words("en"), parts=True)
        assert brief[0] == one.theme.fact
        assert one.theme.rule in brief[1]
        # Who has not asked for it reads no chance.
        assert [line for line in brief if line not in whole] == [
            line for line in brief if line.startswith("From these numbers") and line not in whole
        ]
        assert "effect" in whole[-1]


def test_records_that_bear_no_judging_are_told_to_the_admin_and_to_no_rep() -> None:
    insight = Insight(person="", as_of=MAY.end, rule="missing_data", driver="data_trust",
                      form=Form.TEAM, facts={"trust": 41.6, "enough": False})  # fmt: skip
    (found,) = examine_data([insight])
    assert (found.code, found.facts) == ("data.little_trust", {"trust": "42"})
    assert examine_data([replace(insight, facts={"trust": 80.0, "enough": True})]) == []


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_a_team_looks_back_in_sums_and_names_nobody(begin: Begin, language: str) -> None:
    world = memo_world.build(begin, reps=4, languages=(language,), seed=5)
    for week in memo_world.weeks(3):
        memo_world.find(world, week)
        memo_world.prepared(world, week)
    with begin(memo_world.ORGANISATION) as state:
        closed, members = closed_periods(state, MAY), state.people.members()
    own = words(language)
    for manager, team in teams_of(closed, members).items():
        lines = team_draft_of(team, own)
        text = "\n".join([*lines, team_line_of(team, own)])
        led = [one for one in members if one.manager == manager and one.person in closed]
        meetings = [closed[one.person].values["meetings_held"] for one in led]
        assert str(round(sum(one.target or 0 for one in meetings))) in text
        assert not [one for one in members if called(one, language) in text or one.name in text]
        assert not [found for line in text.splitlines() for found in lint(line, language)]
        assert lines[-3:] == [own.say(f"retro.{name}") for name in ("keep", "change", "try")]
    assert teams_of(closed, members)


def test_one_person_is_no_team_and_what_is_different_for_one_is_not_the_teams(
    begin: Begin,
) -> None:
    world = memo_world.build(begin, reps=4, seed=5)
    for week in memo_world.weeks(3):
        memo_world.find(world, week)
        memo_world.prepared(world, week)
    with begin(memo_world.ORGANISATION) as state:
        closed, members = closed_periods(state, MAY), state.people.members()
    first = min(closed)
    assert teams_of({first: closed[first]}, members) == {}
    slow = Insight(person="", as_of=MAY.end, rule="driver", driver="proposal_win",
                   form=Form.ASKED, contribution=-1.0)  # fmt: skip
    people = [replace(one, insights=()) for one in closed.values()]
    factor = words("ja").say("factors.proposal_win")

    def told(count: int) -> bool:
        some = [replace(one, insights=(slow,)) for one in people[:count]]
        team = Team(period=MAY, people=[*some, *people[count:]])
        return any(factor in line for line in team_draft_of(team, words("ja")))

    assert [told(count) for count in (1, 2, 4)] == [False, True, True]


def test_a_managers_first_list_after_a_month_is_final_says_how_the_team_did_once(
    begin: Begin,
) -> None:
    world = memo_world.build(begin, reps=4, languages=("ja",), seed=5)
    found = {}
    for week in memo_world.weeks(6):
        memo_world.find(world, week)
        memo_world.prepared(world, week)
        with begin(memo_world.ORGANISATION) as state:
            texts = [one.text for one in state.agendas.overviews(week)]
        found[week] = [text for text in texts if "5月のチーム" in text]
    assert {week for week, lines in found.items() if lines} == {"2026-W24"}
