"""A figure that a rep says is wrong: kept, shown with its records, counted again, resting."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta

import memo_world
import pytest

from crm_loop.loop_records import Agenda, AgendaState, Felt, FigureFlag, FlagState, SeenTask
from crm_loop.one_on_one.flag_service import recount
from crm_loop.one_on_one.flagging import meant
from crm_loop.one_on_one.progress import progress_line
from crm_loop.one_on_one.reading import read
from crm_loop.one_on_one.service import refresh, settle
from crm_loop.store import State
from crm_loop.wording import words

ORGANISATION = memo_world.ORGANISATION
FIRST, SECOND = memo_world.weeks(2)
REP = "rep00000@example.com"
DAY = date(2026, 6, 16)

Begin = Callable[[str], AbstractContextManager[State]]


@pytest.fixture
def world(begin: Begin) -> memo_world.World:
    """A Japanese rep with figures, whose first memo is written."""
    found = memo_world.build(begin, reps=1, languages=("ja",), seed=3)
    memo_world.find(found, FIRST)
    return found


@pytest.fixture
def memo(world: memo_world.World) -> Agenda:
    (one,) = memo_world.prepared(world, FIRST)
    return one


def typed(memo: Agenda, label: str, text: str) -> str:
    assert label in memo.text
    return memo.text.replace(label, f"{label}{text}", 1)


def settled(world: memo_world.World, memo: Agenda, body: str) -> Agenda:
    after = memo.starts_at + timedelta(hours=1)
    task = SeenTask(
        key=memo.key, body=body, is_closed=False, deleted=False, owner_id=REP, seen_at=after
    )
    settle(world.begin, ORGANISATION, now=after, week=FIRST, seen={memo.key: task})
    with world.begin(ORGANISATION) as state:
        (agenda,) = state.agendas.of_week(FIRST)
    return agenda


def flags(world: memo_world.World) -> list[FigureFlag]:
    with world.begin(ORGANISATION) as state:
        return state.flags.by_rep([REP])[REP]


def a_flag(**fields: object) -> FigureFlag:
    base: dict[str, object] = {
        "rep": REP, "kpi": "meetings_held", "flagged_on": DAY, "week": "2026-W25",
        "as_of": date(2026, 6, 14), "value": 4.0, "numerator": None, "denominator": None,
    }  # fmt: skip
    return FigureFlag(**(base | fields))  # type: ignore[arg-type] - a builder of any field


@pytest.mark.parametrize("label", ["話したいこと：", "▼決めたこと（日付とひとこと）："])
def test_a_typed_line_flags_the_figure_it_names(
    world: memo_world.World, memo: Agenda, label: str
) -> None:
    after = settled(world, memo, typed(memo, label, "面談の数字が違う"))
    (flag,) = flags(world)
    with world.begin(ORGANISATION) as state:
        (value,) = state.figures.of(REP, "meetings_held")
    assert (flag.kpi, flag.value, flag.as_of) == ("meetings_held", value.value, value.as_of)
    assert (after.next_steps, after.rep_topic) == ((), "")


def test_reading_a_memo_twice_flags_once(world: memo_world.World, memo: Agenda) -> None:
    body = typed(memo, "話したいこと：", "データが違う")
    settled(world, memo, body)
    settled(world, memo, body)
    assert len(flags(world)) == 1


def test_without_a_name_the_theme_s_figure_is_meant_else_the_one_at_the_end(
    world: memo_world.World, memo: Agenda
) -> None:
    with world.begin(ORGANISATION) as state:
        values = {v.kpi: v for v in state.figures.values(world.sunday(FIRST))}
    assert memo.theme is not None
    expected = memo.theme.kpi if memo.theme.kpi in values else "meetings_held"
    assert meant("数字が違う", memo, values) == expected
    assert meant("数字が違う", replace(memo, blocks=()), values) == "meetings_held"
    assert meant("the number is wrong for customer meetings", memo, values) == "meetings_held"


def test_the_next_memo_says_thanks_shows_the_records_and_rests_the_figure(
    world: memo_world.World, memo: Agenda
) -> None:
    settled(world, memo, typed(memo, "話したいこと：", "面談の数字が違う"))
    memo_world.find(world, SECOND)
    (after,) = memo_world.prepared(world, SECOND)
    lines = [line.strip() for line in after.text.splitlines()]
    assert words("ja").say("flag.thanks") in lines
    assert "面談の対象：3件" in lines
    assert not any(line.startswith("今月の面談") for line in lines)
    assert all(t.kpi != "meetings_held" for block in after.blocks for t in block.topics)
    block = next(one for one in after.blocks if one.code == "last_actions")
    assert len(block.records) == 3


def test_a_figure_rests_for_two_weeks_and_comes_back_marked(world: memo_world.World) -> None:
    with world.begin(ORGANISATION) as state:
        values = {v.kpi: v for v in state.figures.values(world.sunday(FIRST))}
    flag = a_flag(flagged_on=world.sunday(FIRST))
    said = [
        progress_line(values, words("ja"), "other", met_on=flag.flagged_on + after, flags=[flag])
        for after in (timedelta(days=13), timedelta(days=14))
    ]
    assert not said[0].startswith("今月の面談")
    assert said[1].startswith("今月の面談")
    assert said[1].endswith("（確認中）")


def test_a_figure_that_is_counted_anew_and_differs_is_settled(begin: Begin) -> None:
    memo_world.build(begin, reps=1)
    with begin(ORGANISATION) as state:
        state.flags.add([a_flag()])
    (value,) = [
        v for v in memo_world._values(  # noqa: SLF001 - a figure like any other
            memo_world.World(begin=begin, seed=7, language={}, crm={}), REP, date(2026, 6, 14)
        ) if v.kpi == "meetings_held"
    ]  # fmt: skip
    same = replace(value, value=4.0, numerator=None, denominator=None)
    assert recount(begin, ORGANISATION, [a_flag()], [same], as_of=DAY) == []
    other = replace(same, value=5.0)
    (changed,) = recount(begin, ORGANISATION, [a_flag()], [other], as_of=DAY)
    assert (changed.state, changed.recounted) == (FlagState.CHANGED, 5.0)
    assert not changed.rests(DAY)


@pytest.mark.parametrize(
    ("typed_text", "felt", "reason"),
    [
        ("少し違う 予算の時期", Felt.PARTLY, "予算の時期"),
        ("違う（単価の話です）", Felt.NO, "単価の話です"),
        ("だいたい合っている", Felt.FITS, ""),
        ("", None, ""),
    ],
)
def test_what_the_rep_says_to_the_figures_is_read(
    typed_text: str, felt: Felt | None, reason: str
) -> None:
    label = words("ja").say("memo.felt")
    wrote = f"▼田中さんから\n 話したいこと：\n {label}\n▼決めたこと（日付とひとこと）："
    found = read(wrote, wrote.replace(label, label + typed_text), words("ja"))
    assert (found.felt, found.felt_reason) == (felt, reason)


def test_the_only_answer_left_in_the_label_is_the_answer() -> None:
    wrote = f" {words('en').say('memo.felt')}\n> Agreed (date and a few words):"
    now = wrote.replace("about right / partly / not so", "not so")
    assert read(wrote, now, words("en")).felt is Felt.NO


def test_a_1on1_that_does_not_take_place_is_skipped_and_not_unrecorded(
    world: memo_world.World, memo: Agenda
) -> None:
    after = settled(world, memo, typed(memo, "話したいこと：", "今週は休み"))
    assert after.state is AgendaState.SKIPPED


def test_what_is_put_off_is_remembered_and_no_topic(world: memo_world.World, memo: Agenda) -> None:
    after = settled(world, memo, typed(memo, "話したいこと：", "次回にまわす"))
    assert (after.put_off, after.rep_topic) == (True, "")


def on_the_morning(memo: Agenda) -> timedelta:
    return timedelta(hours=-3)


def test_on_the_morning_figures_are_renewed_and_topics_stay(
    world: memo_world.World, memo: Agenda
) -> None:
    monday = world.sunday(FIRST) + timedelta(days=1)
    with world.begin(ORGANISATION) as state:
        values = state.figures.values(world.sunday(FIRST))
        moved = [replace(v, as_of=monday, value=(v.value or 0) + 1) for v in values]
        state.figures.keep(monday, moved)
    now = memo.starts_at + on_the_morning(memo)
    (after,) = refresh(world.begin, ORGANISATION, now=now, week=FIRST, private=memo_world.PRIVATE)
    assert "5/11（月）時点" in after.text
    assert [p.id for b in after.blocks for p in b.prompts] == [
        p.id for b in memo.blocks for p in b.prompts
    ]
    assert [t.key for b in after.blocks for t in b.topics] == [
        t.key for b in memo.blocks for t in b.topics
    ]
    again = refresh(world.begin, ORGANISATION, now=now, week=FIRST, private=memo_world.PRIVATE)
    assert again == []


def test_a_memo_of_another_day_is_left_alone(world: memo_world.World, memo: Agenda) -> None:
    early = memo.starts_at - timedelta(days=1)
    assert refresh(world.begin, ORGANISATION, now=early, week=FIRST, private={}) == []
