"""A role's own plan for its 1on1s: what has to stay, what may go, and the memo that comes of it."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import memo_world
import pytest
import samples

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Template
from crm_loop.one_on_one.boxes import LONG, SHORT, time_boxes
from crm_loop.one_on_one.template import (
    BLOCKS,
    boxes_for,
    checked,
    own_question,
    themes,
    usual,
    warnings,
)
from crm_loop.one_on_one.template_preview import preview
from crm_loop.wording import words
from crm_loop.wording.linter import MEMO_LINES, MEMO_SIZE, ours, size_of

DAY, WEEK = date(2026, 6, 16), "2026-W25"
NAMES = ("担当の方", "上長の方")
BOXES = {"last_actions": 4, "theme": 6, "obstacles_support": 2, "next_actions": 3}
ASKED = {"theme": {"ja": "いま何が一番の関心事ですか", "en": "What is on your mind most?"}}
BLAME = {"theme": {"ja": "なぜできなかったのですか", "en": "Why didn't you do it?"}}


def plan(
    boxes: Mapping[str, int] = BOXES,
    questions: Mapping[str, Any] | None = None,
    minutes: int = SHORT,
    role: str = "AE",
) -> Template:
    return checked(role, minutes, boxes, questions or {})


def memo(template: Template, language: str = "ja") -> str:
    return preview(template, words(language), day=DAY, names=NAMES)


def test_blocks_stand_in_the_order_of_a_talk_however_they_were_given() -> None:
    backwards = dict(reversed(BOXES.items()))
    assert list(plan(backwards).boxes) == [one for one in BLOCKS if one in BOXES]
    assert plan({**BOXES, "opening_win": 0}).boxes == BOXES


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"boxes": {**BOXES, "theme": 7}}, "16 minutes together"),
        ({"boxes": {**BOXES, "theme": 0, "next_actions": 9}}, "'theme' has to stay"),
        ({"boxes": {"opening_win": 5, "theme": 10}}, "'last_actions' has to stay"),
        ({"boxes": {**BOXES, "theme": 8, "next_actions": -1, "opening_win": 2}}, "minutes"),
        ({"boxes": {**BOXES, "gossip": 1}}, "'gossip'"),
        ({"minutes": 20}, "15 or for 30"),
        ({"role": "Manager"}, "'Manager'"),
        ({"questions": {"theme": {"ja": "どうですか", "en": ""}}}, "both languages"),
        ({"questions": {"theme": {"ja": "あ" * 31, "en": "What?"}}}, "30 characters"),
        ({"questions": {"theme": {"ja": "何？\n何？", "en": "What?"}}}, "30 characters"),
        ({"questions": {"gossip": {"ja": "何？", "en": "What?"}}}, "'gossip'"),
    ],
)
def test_a_plan_without_what_a_1on1_needs_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        plan(**changed)


@pytest.mark.parametrize("minutes", [15, 20, 25, 30, 45, 60])
def test_a_talk_of_any_length_is_divided_without_a_rest(minutes: int) -> None:
    long = {**BOXES, "opening_win": 3, "theme2_growth": 6, "theme": 12}
    for template in (plan(), plan(long, minutes=LONG), usual(SHORT), None):
        boxes = boxes_for(template, minutes)
        assert sum(boxes.values()) == minutes
        assert min(boxes.values()) >= 1
        assert ("theme2_growth" in boxes) <= (minutes >= LONG)
    assert boxes_for(None, minutes) == dict(time_boxes(minutes))


def test_a_plan_without_a_second_theme_looks_for_one_only() -> None:
    assert themes(None, LONG) == LONG
    assert themes(plan({**BOXES, "theme": 21}, minutes=LONG), LONG) == SHORT
    both = plan({**BOXES, "theme": 15, "theme2_growth": 6}, minutes=LONG)
    assert themes(both, LONG) == LONG


def test_the_memo_has_these_blocks_and_minutes_and_the_own_question_in_both_languages() -> None:
    text = memo(plan(questions=ASKED))
    headings = [line.partition("）")[0] for line in text.splitlines() if line[1:2] == "."]
    assert headings == [
        "1. 前回決めたこと（4分",
        "2. 今日のテーマ（6分",
        "3. 困りごとと手伝えること（2分",
        "4. 次の一歩（3分",
    ]
    assert "いま何が一番の関心事ですか" in text
    assert "What is on your mind most?" in memo(plan(questions=ASKED), "en")
    assert "いま何が一番の関心事ですか" not in memo(plan())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_question_a_block_and_the_memos_limits_hold_for_the_longest_plan(language: str) -> None:
    longest = {"ja": "いま" * 13 + "何ですか", "en": "What " + "is it that " * 6}
    asked = {code: {one: text[:75].strip() for one, text in longest.items()} for code in BLOCKS}
    boxes = dict(time_boxes(LONG))
    lines = ours(memo(plan(boxes, asked, LONG), language))
    assert len(lines) <= MEMO_LINES
    assert size_of(lines, language) <= MEMO_SIZE[language]
    for template in (plan(questions=ASKED), plan(boxes, asked, LONG)):
        text = memo(template, language)
        headings = [n for n, line in enumerate(text.splitlines()) if line[1:2] == "."]
        mark = words(language).say("memo.question", text="")[:2].strip()
        for first, last in pairwise(headings):
            part = text.splitlines()[first:last]
            assert sum(line.strip().startswith(mark) for line in part) <= 1


def test_what_blames_is_warned_of_and_asked_of_nobody() -> None:
    template = plan(questions=BLAME)
    assert warnings(template) == [("theme", "ja", "tone"), ("theme", "en", "tone")]
    assert own_question(template, "theme", "ja") == ""
    assert "なぜできなかった" not in memo(template)
    closed = plan(questions={"theme": {"ja": "順調です", "en": "Is it fine?"}})
    assert {rule for _, _, rule in warnings(closed)} == {"closed"}
    assert warnings(plan(questions=ASKED)) == []
    assert own_question(closed, "theme", "en") == "Is it fine?"


def test_a_role_s_talks_are_made_by_its_template_and_nobody_else_s() -> None:
    with samples.store() as begin:
        world = memo_world.build(begin, reps=4)
        memo_world.find(world, WEEK)
        with begin(memo_world.ORGANISATION) as state:
            roles = {one.person: one.role for one in state.people.members()}
            state.templates.put("AE", plan(questions=ASKED), at=memo_world.published(WEEK))
            state.templates.put("SDR", plan(), at=memo_world.published(WEEK))
        made = memo_world.prepared(world, WEEK)
    assert made
    assert {roles[one.rep] for one in made} == {"AE"}
    for one in made:
        assert {block.code: block.minutes for block in one.blocks} == BOXES
        assert one.opening is None
        assert ASKED["theme"][one.language] in one.text
        lines = ours(one.text)
        assert len(lines) <= MEMO_LINES
        assert size_of(lines, one.language) <= MEMO_SIZE[one.language]
