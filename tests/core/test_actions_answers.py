"""What people write in a memo of a step that is not done, and what becomes of the step."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import memo_world
import pytest

from crm_loop.actions.answering import answered, understood
from crm_loop.actions.review import RULE, review_actions
from crm_loop.actions.service import agree
from crm_loop.calendars import BusinessCalendar, monday_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    Intent,
    Origin,
    SeenTask,
    Verify,
    VerifyRule,
    Why,
    WriteKind,
)
from crm_loop.one_on_one.answers import answers, asked_about
from crm_loop.one_on_one.last import last_lines
from crm_loop.one_on_one.service import settle
from crm_loop.records import Person, Subject
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording import words

JP = BusinessCalendar("JP")
NOW, TODAY = datetime(2026, 6, 23, 2, tzinfo=UTC), date(2026, 6, 23)
WEEK = memo_world.FIRST_WEEK
REP = "rep00000@example.com"


def an_action(**known: Any) -> Action:
    base: dict[str, Any] = {
        "id": "a1", "key": "a1", "who": REP, "manager": None, "week": "2026-W18",
        "origin": Origin.REP, "text": "お客様との面談を4件行う", "due": date(2026, 6, 12),
        "created_at": datetime(2026, 4, 28, 2, tzinfo=UTC), "connection": "salesforce",
        "verify": VerifyRule(kind=Verify.ACTIVITIES, target=4, activity="meeting"),
        "status": ActionStatus.MISSED, "carry_count": 1,
    }  # fmt: skip
    return Action(**(base | known))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("先方の返事待ちです", Why.BLOCKED),
        ("時間が取れませんでした", Why.NO_TIME),
        ("忙しくて手が回らず", Why.NO_TIME),
        ("方針が変わったため", Why.WRONG),
        ("なんとなく", Why.OTHER),
        ("waiting for their approval", Why.BLOCKED),
        ("No time last week", Why.NO_TIME),
        ("It is no longer needed", Why.WRONG),
        ("we’ll see", Why.OTHER),
    ],
)
def test_a_reason_is_understood_in_both_languages(text: str, why: Why) -> None:
    found = understood(text)
    assert (found.why, found.drop, found.smaller) == (why, False, False)


@pytest.mark.parametrize(
    "text", ["下ろす", "これは下ろします。", "やめます", "let it go", "Drop it, please"]
)
def test_a_step_can_be_put_down(text: str) -> None:
    after = answered(an_action(), text, at=NOW, today=TODAY, calendar=JP)
    assert (after.status, after.settled_at) == (ActionStatus.DROPPED, NOW)


@pytest.mark.parametrize(
    "text",
    ["下ろすほどではない", "まだやめない", "下ろしたほうがよいですか？", "don't drop it",
     "I would not let it go", "小さくしません"],
)  # fmt: skip
def test_what_is_denied_or_asked_back_decides_nothing(text: str) -> None:
    after = answered(an_action(), text, at=NOW, today=TODAY, calendar=JP)
    assert after.status is ActionStatus.MISSED
    assert (after.verify.target, after.said) == (4, text)


@pytest.mark.parametrize(
    ("text", "target", "due"),
    [
        ("小さくする", 2, date(2026, 6, 29)),
        ("半分にします", 2, date(2026, 6, 29)),
        ("小さくする：まず1件、6/26まで", 1, date(2026, 6, 26)),
        ("make it smaller, one meeting by 25 June", 1, date(2026, 6, 25)),
        ("smaller: 3 meetings", 3, date(2026, 6, 29)),
        ("もっと小さく、6件", 4, date(2026, 6, 29)),
    ],
)
def test_a_step_can_be_made_smaller(text: str, target: int, due: date) -> None:
    after = answered(an_action(), text, at=NOW, today=TODAY, calendar=JP)
    assert (after.verify.target, after.due, after.status) == (target, due, ActionStatus.OPEN)
    assert after.first_target == (4 if target < 4 else None)
    assert answered(after, text, at=NOW, today=TODAY, calendar=JP) == after


def test_another_day_alone_is_a_new_promise() -> None:
    after = answered(an_action(), "6/30（火）までにやります", at=NOW, today=TODAY, calendar=JP)
    assert (after.due, after.status, after.verify.target) == (date(2026, 6, 30), "open", 4)


def test_what_is_over_is_not_changed_by_words() -> None:
    done = an_action(status=ActionStatus.DONE)
    assert answered(done, "下ろす", at=NOW, today=TODAY, calendar=JP) == done


def test_the_reason_is_asked_once_and_then_heard_in_the_next_memo() -> None:
    fresh, asked = an_action(carry_count=0), an_action()
    assert asked_about([fresh]) is None
    assert asked_about([fresh, asked]) == asked
    assert asked_about([an_action(carry_count=2)]) is None
    heard = replace(asked, said="先方の返事待ち", why=Why.BLOCKED)
    assert asked_about([heard]) is None
    assert last_lines([heard], words("ja")) == [
        "お客様との面談を4件行う → まだ途中（先方の返事待ち）"
    ]
    smaller = replace(
        asked, said="小さくする", first_target=4, status=ActionStatus.OPEN, due=date(2026, 6, 26),
        verify=replace(asked.verify, target=2),
    )  # fmt: skip
    assert last_lines([smaller], words("ja"))[0].endswith("→ まず2件に、6/26（金）まで")
    assert last_lines([smaller], words("en"))[0].endswith("-> two to begin with, by Fri 26 June")


@pytest.fixture(params=["ja", "en"])
def memo(request: pytest.FixtureRequest, begin: Begin) -> Agenda:
    """The first memo of a rep whose step was carried over once."""
    world = memo_world.build(begin, reps=1, languages=(request.param,), seed=3)
    memo_world.find(world, WEEK)
    with begin(memo_world.ORGANISATION) as state:
        others = state.actions.unsettled()
        state.actions.put(replace(one, status=ActionStatus.WITHDRAWN) for one in others)
        state.actions.put([an_action(due=monday_of(WEEK) - timedelta(days=9))])
    (found,) = memo_world.prepared(world, WEEK)
    return found


def step_line(memo: Agenda) -> str:
    return next(line for line in memo.text.splitlines() if "面談を4件" in line)


def edited(memo: Agenda, how: str, text: str) -> str:
    line = step_line(memo)
    question = memo.blocks[1].prompts[0].text
    new = {
        "behind": (line, f"{line} {text}"),
        "below": (line, f"{line}\n  {text}"),
        "instead": (line, f"{line.partition('→')[0]}→ {text}" if "→" in line
                    else f"{line.partition('->')[0]}-> {text}"),
        "question": (question, f"{question} {text}"),
        "below the question": (question, f"{question}\n・{text}"),
    }[how]  # fmt: skip
    return memo.text.replace(*new, 1)


@pytest.mark.parametrize("how", ["behind", "below", "instead", "question", "below the question"])
def test_an_answer_is_found_wherever_it_is_written(memo: Agenda, how: str) -> None:
    assert memo.blocks[1].prompts[0].id.startswith("last_reason.")
    found = answers(memo.text, edited(memo, how, "返事待ち"), words(memo.language), [an_action()])
    assert [(one.action, one.text) for one in found] == [("a1", "返事待ち")]


def test_an_untouched_memo_says_nothing_of_a_step(memo: Agenda) -> None:
    assert answers(memo.text, memo.text, words(memo.language), [an_action()]) == ()


@pytest.mark.parametrize(
    ("text", "status"), [("見送り", ActionStatus.DROPPED), ("小さくする", ActionStatus.OPEN)]
)
def test_what_is_written_in_the_memo_reaches_the_step_and_skips_no_1on1(
    begin: Begin, memo: Agenda, text: str, status: ActionStatus
) -> None:
    after = memo.starts_at + timedelta(hours=1)
    task = SeenTask(key=memo.key, body=edited(memo, "behind", text), is_closed=False,
                    deleted=False, owner_id=REP, seen_at=after)  # fmt: skip
    for _ in range(2):
        settle(begin, memo_world.ORGANISATION, now=after, week=WEEK, seen={memo.key: task})
        agree(begin, memo_world.ORGANISATION, week=WEEK, now=after, calendar_of=BusinessCalendar)
    with begin(memo_world.ORGANISATION) as state:
        (agenda,), (action,) = state.agendas.of_week(WEEK), state.actions.named(["a1"])
    assert agenda.state == "held"
    assert (action.status, action.said) == (status, text)


def test_two_answers_are_both_heard_once_whatever_the_order_they_are_read_in() -> None:
    step = an_action(verify=VerifyRule(kind=Verify.ACTIVITIES, target=8, activity="meeting"))
    for text in ("小さくする", "先方の返事待ち", "小さくする", "先方の返事待ち"):
        step = answered(step, text, at=NOW, today=TODAY, calendar=JP)
    assert (step.verify.target, step.said) == (4, "小さくする\n先方の返事待ち")
    assert step.why is Why.BLOCKED


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [("", ActionStatus.MISSED, None), ("忙しくて手が回らず", ActionStatus.MISSED, Why.NO_TIME),
     ("let it go", ActionStatus.DROPPED, None)],
)  # fmt: skip
def test_a_comment_on_the_to_do_in_the_crm_is_an_answer_too(
    begin: Begin, body: str, status: ActionStatus, why: Why | None
) -> None:
    step = an_action(key="cl1t1", who="rep@example.com")
    intent = Intent(key=step.key, connection="salesforce", kind=WriteKind.ACTION, person=step.who,
                    owner_id="005", subject=step.text, body="", due=step.due, reason="action.rep",
                    not_before=NOW)  # fmt: skip
    user = Person(id="005", email=step.who, name="田中 健", family_name="田中", language="ja")
    with begin("acme") as state:
        row = ConnectionRow(name="salesforce", kind="salesforce", url="https://127.0.0.1")
        state.connections.put(row)
        state.crm.remember("salesforce", Subject.PEOPLE, [user])
        state.actions.put([step])
        state.writes.plan([intent], run="r")
        state.writes.see([SeenTask(key=step.key, body=body, is_closed=False, deleted=False,
                                   owner_id="005", seen_at=NOW)])  # fmt: skip
    for _ in range(2):
        agree(begin, "acme", week="2026-W26", now=NOW, calendar_of=BusinessCalendar)
    with begin("acme") as state:
        (after,) = state.actions.named([step.id])
    assert (after.status, after.said, after.why) == (status, body, why)


def test_reasons_are_counted_of_all_together(begin: Begin) -> None:
    some = [
        an_action(id=f"a{n}", key=f"a{n}", who=f"rep{n}@example.com", why=why, said="x")
        for n, why in enumerate((Why.NO_TIME, Why.NO_TIME, Why.BLOCKED, None))
    ]
    with begin("acme") as state:
        state.actions.put(some)
    review_actions(begin, "acme", weeks=["2026-W18"], as_of=TODAY)
    with begin("acme") as state:
        (found,) = [one for one in state.insights.of(TODAY) if one.rule == RULE]
    assert found.person == ""
    assert found.facts["reasons"] == {"blocked": 1, "no_time": 2}


def the_review(begin: Begin, *actions: Action) -> Mapping[str, Any]:
    with begin("acme") as state:
        state.actions.put(actions)
    review_actions(begin, "acme", weeks=["2026-W18"], as_of=TODAY)
    with begin("acme") as state:
        (found,) = [one for one in state.insights.of(TODAY) if one.rule == RULE]
    return found.facts


def numbered(*some: Action) -> list[Action]:
    return [replace(one, id=f"a{n}", key=f"a{n}") for n, one in enumerate(some)]


def test_steps_that_are_carried_over_are_counted_by_what_is_offered_for_them(begin: Begin) -> None:
    late = [an_action(status=ActionStatus.MISSED, carry_count=n) for n in (0, 1, 1, 2)]
    late.append(an_action(status=ActionStatus.DONE, carry_count=1))
    facts = the_review(begin, *numbered(*late))
    assert facts["steps"] == {"resize_or_recommit": 2, "obstacle_topic_manager_support": 1}


def test_what_silence_puts_down_is_no_agreement_and_looks_like_none(begin: Begin) -> None:
    done = an_action(status=ActionStatus.DONE)
    agreed = an_action(status=ActionStatus.DROPPED, said="忙しくて\n下ろす")
    silent = an_action(status=ActionStatus.DROPPED, said="忙しくて")
    facts = the_review(begin, *numbered(done, agreed, silent))
    assert (facts["n"], facts["completion_rate"]) == (2, 0.5)
    assert facts["drop_rate"] == pytest.approx(1 / 3)


def test_an_answer_beside_the_words_that_the_memo_quotes_is_heard_whatever_they_are_by_now() -> (
    None
):
    step = an_action()
    own = words("ja")
    memo = "2. 前回決めたこと（3分）\n" + last_lines([step], own)[0] + "\n3. 今日のテーマ（6分）"
    worded = replace(step, text="お客様を4社訪問する", former=step.text)
    after = memo.replace("\n3.", " 先方の返事待ち\n3.")
    assert [one.text for one in answers(memo, after, own, [worded])] == ["先方の返事待ち"]
