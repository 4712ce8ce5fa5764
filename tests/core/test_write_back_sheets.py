"""Memos as sheets: the ledger's steps on a CRM that has objects of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.connector.contract import (
    Change,
    Found,
    Op,
    Outcome,
    Result,
    Sought,
    TaskFields,
)
from crm_loop.connector.publishing import Figure, Sheet, Written
from crm_loop.loop_records import (
    Agenda,
    Block,
    KeyKind,
    RecordRef,
    Suggestion,
    SuggestionState,
    Topic,
    Verify,
    VerifyRule,
)
from crm_loop.write_back.sheets import WithSheets, sheet_of

NOW = datetime(2026, 6, 16, 1, tzinfo=UTC)
MEMO, TASK = f"cl1a{1:040x}", f"cl1t{2:040x}"
SHEET = Sheet(key=MEMO, name="1on1メモ", rep_id="r", manager_id="m", starts_at=NOW, summary="本文")


@dataclass
class Shelf:
    """An account that keeps sheets and tasks by key."""

    sheets: dict[str, Written] = field(default_factory=dict)
    tasks: dict[str, Change] = field(default_factory=dict)

    def publish_sheets(self, sheets: Sequence[Sheet]) -> Sequence[Outcome]:
        return [self._publish(one) for one in sheets]

    def _publish(self, sheet: Sheet) -> Outcome:
        there = self.sheets.get(sheet.key)
        if sheet.crm_id and there is None:
            return Outcome(key=sheet.key, result=Result.GONE)
        if there is not None and there.touched:
            return Outcome(key=sheet.key, result=Result.ALREADY_THERE, crm_id=there.crm_id)
        crm_id = f"s{len(self.sheets)}"
        self.sheets[sheet.key] = Written(
            key=sheet.key, crm_id=crm_id, touched=False, modified_at=NOW, summary=sheet.summary
        )
        return Outcome(key=sheet.key, result=Result.DONE, crm_id=crm_id)

    def read_sheets(self, keys: Sequence[str]) -> Mapping[str, Written]:
        return {key: self.sheets[key] for key in keys if key in self.sheets}

    def withdraw_sheets(self, crm_ids: Sequence[str]) -> Sequence[Outcome]:
        self.sheets = {k: one for k, one in self.sheets.items() if one.crm_id not in crm_ids}
        return [Outcome(key=one, result=Result.DONE) for one in crm_ids]

    def publish_figures(self, figures: Sequence[Figure]) -> Sequence[Outcome]:
        return [Outcome(key=one.key, result=Result.DONE) for one in figures]

    def share_sheets(self, managers: Mapping[str, str]) -> int:
        return len(managers)

    def is_open_above(self, crm_ids: Sequence[str]) -> bool | None:
        return None if not crm_ids else False

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        return {
            one.key: Found(key=one.key, crm_id="t", fields=self.tasks[one.key].fields)
            for one in sought
            if one.key in self.tasks
        }

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        self.tasks |= {one.key: one for one in changes}
        return [Outcome(key=one.key, result=Result.DONE, crm_id="t") for one in changes]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def desk(shelf: Shelf) -> WithSheets:
    account: Any = shelf
    return WithSheets(
        account,
        shelf,
        memos=lambda keys: {key: SHEET for key in keys if key == MEMO},
        shown=lambda written: f"{written.summary}{written.rep_topic or ''}",
    )


def a_change(key: str, op: Op = Op.CREATE, body: str = "本文", crm_id: str | None = None) -> Change:
    fields = TaskFields(owner_id="r", subject="件名", body=body, due=date(2026, 6, 16))
    return Change(key=key, op=op, fields=fields, crm_id=crm_id)


def test_memos_become_sheets_and_the_rest_tasks(shelf: Shelf, desk: WithSheets) -> None:
    outcomes = desk.apply([a_change(TASK), a_change(MEMO)])
    assert [(one.key, one.result) for one in outcomes] == [(TASK, Result.DONE), (MEMO, Result.DONE)]
    assert (set(shelf.sheets), set(shelf.tasks)) == ({MEMO}, {TASK})


def test_a_memo_that_is_a_task_already_stays_one(shelf: Shelf, desk: WithSheets) -> None:
    shelf.apply([a_change(MEMO)])
    desk.apply([a_change(MEMO, Op.UPDATE, "新しい本文", "t")])
    assert shelf.sheets == {}
    assert desk.look_up([Sought(key=MEMO)])[MEMO].crm_id == "t"


def test_what_people_typed_is_part_of_what_is_seen(shelf: Shelf, desk: WithSheets) -> None:
    desk.apply([a_change(MEMO)])
    shelf.sheets[MEMO] = replace(shelf.sheets[MEMO], touched=True, rep_topic="値引き")
    found = desk.look_up([Sought(key=MEMO)])[MEMO]
    assert found.fields is not None
    assert found.fields.body == "本文値引き"
    (outcome,) = desk.apply([a_change(MEMO, Op.UPDATE, "上書き", "s0")])
    assert outcome.result is Result.ALREADY_THERE


def test_a_memo_in_the_bin_is_a_deleted_one(shelf: Shelf, desk: WithSheets) -> None:
    desk.apply([a_change(MEMO)])
    shelf.sheets[MEMO] = replace(shelf.sheets[MEMO], deleted=True)
    assert desk.look_up([Sought(key=MEMO)])[MEMO].deleted


def test_an_undone_memo_is_taken_away(shelf: Shelf, desk: WithSheets) -> None:
    (made,) = desk.apply([a_change(MEMO)])
    (outcome,) = desk.apply([a_change(MEMO, Op.DELETE, crm_id=made.crm_id)])
    assert (outcome.key, outcome.result, shelf.sheets) == (MEMO, Result.DONE, {})


def test_closing_a_memo_leaves_a_sheet_as_it_is(shelf: Shelf, desk: WithSheets) -> None:
    (made,) = desk.apply([a_change(MEMO)])
    (outcome,) = desk.apply([a_change(MEMO, Op.CLOSE, "別の本文", made.crm_id)])
    assert (outcome.result, shelf.sheets[MEMO].summary) == (Result.DONE, "本文")


def test_a_sheet_holds_the_theme_and_the_steps_that_were_let_through() -> None:
    deal = RecordRef(connection="salesforce", object="deal", id="006")
    topic = Topic(code="T05", key="T05:1", score=1, components={}, fact="3件", reason="理由",
                  records=[deal])  # fmt: skip
    agenda = Agenda(
        rep="a@example.com", manager="b@example.com", week="2026-W25", starts_at=NOW,
        publish_at=NOW, minutes=15, language="ja", connection="salesforce", key=MEMO,
        subject="1on1メモ", text="本文", manager_text="",
        blocks=[Block(code="theme", minutes=6, topics=[topic])],
    )  # fmt: skip
    base = Suggestion(rep=agenda.rep, week=agenda.week, slot="1", text="電話する",
                      due=date(2026, 6, 19), connection="salesforce",
                      verify=VerifyRule(kind=Verify.CLOSED_TASK))  # fmt: skip
    steps = [base, replace(base, slot="2", text="訪問する", state=SuggestionState.LET_THROUGH)]
    sheet = sheet_of(agenda, steps, rep="r", manager="m", organisation="acme",
                     time_zone="Asia/Tokyo")  # fmt: skip
    assert sheet.day == date(2026, 6, 16)
    assert [(one.title, one.deal_id) for one in sheet.items] == [("3件", "006"), ("訪問する", None)]
    assert len({one.key for one in sheet.items}) == 2
    assert {one.key[3] for one in sheet.items} == {KeyKind.ITEM.value}
