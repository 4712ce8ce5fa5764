"""What somebody typed in a CRM is looked at for its writer alone, and nothing of it is kept."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm_loop.calendars import monday_of
from crm_loop.connector.marked import MarkedTask
from crm_loop.loop_records import (
    Action,
    Agenda,
    Intent,
    Member,
    Origin,
    Role,
    SeenTask,
    Verify,
    VerifyRule,
    WriteKind,
)
from crm_loop.one_on_one.advising import advice
from crm_loop.store import Begin
from crm_loop.wording.minding import Mind

AT, WEEK = datetime(2026, 6, 16, 2, tzinfo=UTC), "2026-W25"
REP, BOSS, OTHER = "rep@example.com", "boss@example.com", "other@example.com"
MEMO = """1on1メモ 田中さん・佐藤さん
▼田中さんから（ひとことでも、空欄でも大丈夫です）
 よかったこと：
 話したいこと：
5. 次の一歩（2分）
▼決めたこと（日付とひとこと）：
自動作成 #a7f3"""


def a_member(person: str, name: str, user: str) -> Member:
    return Member(person=person, name=name, family_name=name[:2], role=Role.AE, manager=BOSS,
                  language="ja", country="JP", time_zone="Asia/Tokyo",
                  accounts={"crm": user})  # fmt: skip


MEMBERS = {
    REP: a_member(REP, "田中 一郎", "005R"),
    BOSS: a_member(BOSS, "佐藤 進", "005B"),
    OTHER: a_member(OTHER, "鈴木 花", "005S"),
}
AGENDA = Agenda(rep=REP, manager=BOSS, week=WEEK, starts_at=AT, publish_at=AT, minutes=15,
                language="ja", connection="crm", key="cl1a1", subject="1on1メモ", text=MEMO,
                manager_text="")  # fmt: skip


def told(begin: Begin, body: str, by: str | None, *steps: Action) -> dict[str, Mind | None]:
    """What each of the two is told when the memo stands so and this user wrote last."""
    intent = Intent(key=AGENDA.key, connection="crm", kind=WriteKind.MEMO, person=REP,
                    owner_id="005R", subject="", body=MEMO, due=monday_of(WEEK), reason="",
                    not_before=AT, week=WEEK)  # fmt: skip
    seen = SeenTask(key=AGENDA.key, body=body, is_closed=False, deleted=False, owner_id="005R",
                    seen_at=AT, modified_by=by)  # fmt: skip
    with begin("acme") as state:
        state.writes.plan([intent], run="r")
        state.writes.see([seen])
        state.actions.put(steps)
        return {one: advice(state, AGENDA, one, MEMBERS) for one in (REP, BOSS, OTHER)}


def typed(line: str, text: str) -> str:
    return MEMO.replace(line, f"{line}{text}")


NOBODY: dict[str, Mind | None] = dict.fromkeys((REP, BOSS, OTHER))


@pytest.mark.parametrize("by", ["005R", "005B", None])
def test_what_stands_in_the_reps_own_part_is_told_to_the_rep_alone(
    begin: Begin, by: str | None
) -> None:
    body = typed("話したいこと：", "通院のため早退したい")
    assert told(begin, body, by) == NOBODY | {REP: Mind.PRIVATE}


@pytest.mark.parametrize(("by", "who"), [("005R", REP), ("005B", BOSS), ("005X", None)])
def test_what_either_may_have_typed_is_told_to_who_wrote_last(
    begin: Begin, by: str, who: str | None
) -> None:
    body = typed("▼決めたこと（日付とひとこと）：", "\n言い訳をやめて鈴木さん並みに電話する")
    expected = {} if who is None else {who: Mind.COMPARED}
    assert told(begin, body, by) == NOBODY | expected


def test_work_that_is_typed_brings_no_line(begin: Begin) -> None:
    assert told(begin, typed("話したいこと：", "値引きの相談"), "005R") == NOBODY


def a_step(**known: Any) -> Action:
    base: dict[str, Any] = {
        "id": "cl1t1", "key": "cl1t1", "who": REP, "manager": BOSS, "week": WEEK,
        "origin": Origin.REP, "text": "それは言い訳だ", "due": monday_of(WEEK), "created_at": AT,
        "verify": VerifyRule(kind=Verify.CLOSED_TASK), "connection": "crm",
    }  # fmt: skip
    return Action(**(base | known))


def test_words_of_a_to_do_are_told_to_who_gave_them(begin: Begin) -> None:
    intent = Intent(key="cl1t1", connection="crm", kind=WriteKind.ACTION, person=REP,
                    owner_id="005R", subject="電話する", body="", due=monday_of(WEEK), reason="",
                    not_before=AT, week=WEEK)  # fmt: skip
    seen = SeenTask(key="cl1t1", body="", is_closed=False, deleted=False, owner_id="005R",
                    seen_at=AT, subject="それは言い訳だ", modified_by="005B")  # fmt: skip
    with begin("acme") as state:
        state.writes.plan([intent], run="r")
        state.writes.see([seen])
    assert told(begin, MEMO, None, a_step(former="電話する")) == NOBODY | {BOSS: Mind.TONE}
    assert told(begin, MEMO, None, a_step(former="")) == NOBODY


def test_words_of_a_to_do_made_by_hand_are_told_to_its_maker(begin: Begin) -> None:
    made = MarkedTask(id="00T1", owner_id="005R", made_by="005B", subject="", due=None,
                      created_at=AT, modified_at=AT)  # fmt: skip
    with begin("acme") as state:
        state.hand_tasks.put("crm", [made])
    step = replace(a_step(), crm_id="00T1")
    assert told(begin, MEMO, None, step) == NOBODY | {BOSS: Mind.TONE}
    # In other words than the maker's it is nobody's for sure.
    assert told(begin, MEMO, None, replace(step, former="電話する")) == NOBODY
