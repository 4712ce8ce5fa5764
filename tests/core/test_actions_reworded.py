"""A step whose to-do somebody words anew in the CRM, and to-dos that people make by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.actions.by_hand import Made, Whose, action_of, whose
from crm_loop.actions.rewording import Eyes, reworded
from crm_loop.calendars import BusinessCalendar
from crm_loop.connector.marked import MarkedTask
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Member,
    Origin,
    RecordRef,
    Role,
    Verify,
    VerifyRule,
)

JP = BusinessCalendar("JP")
REP, BOSS = "rep@example.com", "boss@example.com"
AT = datetime(2026, 6, 16, 2, tzinfo=UTC)
AOBA = RecordRef(connection="crm", object="deal", id="006A")
KITA = RecordRef(connection="crm", object="deal", id="006B")
EYES = Eyes(customers={AOBA: "青葉精機", KITA: "北川工業"}, today=date(2026, 6, 17), calendar=JP)
MEETINGS = VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="meeting")


def an_action(**known: Any) -> Action:
    base: dict[str, Any] = {
        "id": "a1", "key": "a1", "who": REP, "manager": BOSS, "week": "2026-W25",
        "origin": Origin.SUGGESTED, "text": "6/19（金）までに、お客様との面談を3件行う",
        "due": date(2026, 6, 19), "created_at": AT, "verify": MEETINGS, "connection": "crm",
        "kpi": "new_meetings", "on_time": 1,
    }  # fmt: skip
    return Action(**(base | known))


def test_other_words_for_the_same_thing_change_only_the_words() -> None:
    before = an_action()
    after = reworded(before, "6/19（金）までに、面談3件（既存のお客様）", EYES)
    assert after == replace(
        before, text="6/19（金）までに、面談3件（既存のお客様）", former=before.text
    )


@pytest.mark.parametrize(
    ("subject", "rule", "kpi"),
    [
        ("6/19（金）までに、面談を2件行う", replace(MEETINGS, target=2), "meetings_held"),
        ("6/19（金）までに、5社へ電話する", replace(MEETINGS, target=5, activity="call"), "calls"),
        ("6/19（金）までに、提案書の型を見直す", VerifyRule(kind=Verify.CLOSED_TASK), None),
        (
            "青葉精機と北川工業の次回日程を決める",
            VerifyRule(kind=Verify.NEXT_STEP, target=2, deals=(AOBA, KITA)),
            None,
        ),
    ],
)
def test_words_that_name_something_else_change_what_is_looked_for(
    subject: str, rule: VerifyRule, kpi: str | None
) -> None:
    after = reworded(an_action(), subject, EYES)
    assert (after.text, after.verify, after.kpi) == (subject, rule, kpi)
    assert (after.on_time, after.due) == (0, date(2026, 6, 19))


@pytest.mark.parametrize(
    ("subject", "due"),
    [
        ("6/26（金）までに、お客様との面談を3件行う", date(2026, 6, 26)),
        ("8/28（金）までに、お客様との面談を3件行う", date(2026, 6, 19)),
        ("お客様との面談を3件行う", date(2026, 6, 19)),
    ],
)
def test_another_near_day_in_the_words_is_the_day_it_is_for(subject: str, due: date) -> None:
    after = reworded(an_action(status=ActionStatus.MISSED), subject, EYES)
    assert (after.due, after.verify) == (due, MEETINGS)


def test_a_subject_that_a_crm_has_cut_or_only_marked_is_not_another_one() -> None:
    long = an_action(text="面談を3件行う。" * 40)
    assert reworded(long, long.text[:255], EYES) is long
    marked = an_action()
    assert reworded(marked, f"[1on1] {marked.text}", EYES) is marked


@pytest.mark.parametrize(
    ("status", "text"),
    [(ActionStatus.DONE, "面談を9件行う"), (ActionStatus.DROPPED, an_action().text)],
)
def test_what_is_done_or_put_down_is_measured_no_more(status: ActionStatus, text: str) -> None:
    after = reworded(an_action(status=status), "面談を9件行う", EYES)
    assert (after.text, after.verify, after.status) == (text, MEETINGS, status)


def test_the_first_words_are_taken_again_when_somebody_writes_them_again() -> None:
    first = an_action()
    after = reworded(reworded(first, "面談を2件行う", EYES), first.text, EYES)
    assert (after.text, after.verify.target) == (first.text, 3)
    assert after.wordings == (first.text, "面談を2件行う")


# --- by hand ----------------------------------------------------------------------------------


def a_member(person: str, name: str, manager: str | None, user: str) -> Member:
    return Member(person=person, name=name, family_name=name[:2], role=Role.AE,
                  manager=manager, language="ja", country="JP", time_zone="Asia/Tokyo",
                  accounts={"crm": user})  # fmt: skip


MEMBERS = {
    REP: a_member(REP, "田中 一郎", BOSS, "005R"),
    "two@example.com": a_member("two@example.com", "鈴木 花", BOSS, "005S"),
    BOSS: a_member(BOSS, "佐藤 進", None, "005B"),
}


def a_to_do(**known: Any) -> MarkedTask:
    base: dict[str, Any] = {
        "id": "00T1", "owner_id": "005R", "made_by": "005R", "due": None,
        "subject": "[1on1] 青葉精機に2件電話する", "created_at": AT, "modified_at": AT,
    }  # fmt: skip
    return MarkedTask(**(base | known))


def made(task: MarkedTask, **known: Any) -> Made:
    own = whose(task, "crm", MEMBERS, None)
    assert own is not None
    base: dict[str, Any] = {
        "organisation": "acme", "connection": "crm", "task": task, "whose": own,
        "customers": EYES.customers, "calendar": JP,
    }  # fmt: skip
    return Made(**(base | known))


def test_a_to_do_made_by_hand_is_a_step_in_its_own_words() -> None:
    step = action_of(made(a_to_do()))
    assert (step.who, step.origin, step.text) == (REP, Origin.REP, "青葉精機に2件電話する")
    assert step.verify == VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="call")
    assert (step.deal, step.crm_id, step.due) == (AOBA, "00T1", date(2026, 6, 22))


def test_its_own_day_and_deal_go_before_those_in_its_words() -> None:
    step = action_of(made(a_to_do(
        subject="[1on1] 6/19までに次回の日程を決める", due=date(2026, 6, 24), deal_id="006B"
    )))  # fmt: skip
    assert (step.due, step.deal) == (date(2026, 6, 24), KITA)
    assert step.verify == VerifyRule(kind=Verify.NEXT_STEP, target=1, deals=(KITA,))


def test_a_to_do_that_the_manager_made_for_a_rep_is_the_managers_idea() -> None:
    assert action_of(made(a_to_do(made_by="005B"))).origin is Origin.MANAGER


def test_a_to_do_in_the_managers_own_list_is_a_promise_to_the_rep_it_names() -> None:
    task = a_to_do(owner_id="005B", made_by="005B", subject="[1on1] 田中さんに事例集を送る")
    step = action_of(made(task))
    assert (step.who, step.asked_by, step.origin) == (BOSS, REP, Origin.MANAGER)


@pytest.mark.parametrize(
    ("owner", "subject", "linked", "found"),
    [
        ("005B", "[1on1] 準備", None, None),
        ("005B", "[1on1] 田中さんと鈴木さんに送る", None, None),
        ("005B", "事例集を送る", REP, Whose(owner=MEMBERS[BOSS], asked_by=REP)),
        ("005R", "事例集を読む", REP, Whose(owner=MEMBERS[REP])),
        ("005S", "事例集を読む", REP, None),
        ("005X", "[1on1] 準備", None, None),
    ],
)
def test_whose_step_a_to_do_is(
    owner: str, subject: str, linked: str | None, found: Whose | None
) -> None:
    task = a_to_do(owner_id=owner, subject=subject)
    assert whose(task, "crm", MEMBERS, linked) == found


def test_whoever_takes_no_part_is_left_alone() -> None:
    members = MEMBERS | {REP: replace(MEMBERS[REP], pilot=False)}
    assert whose(a_to_do(), "crm", members, None) is None
    promise = a_to_do(owner_id="005B", subject="[1on1] 田中さんに送る")
    assert whose(promise, "crm", members, None) is None


@pytest.mark.parametrize(
    ("starts", "week"), [(15, "2026-W25"), (17, "2026-W24"), (None, "2026-W24")]
)
def test_it_belongs_to_the_last_1on1_that_had_begun(starts: int | None, week: str) -> None:
    talks = [] if starts is None else [("2026-W25", datetime(2026, 6, starts, 1, tzinfo=UTC))]
    assert action_of(made(a_to_do(), talks=talks)).week == week
