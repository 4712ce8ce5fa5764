"""Rows of Salesforce as our records, and our tasks as its rows."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.connector.contract import Change, Op, TaskFields
from crm_loop.records import ActivityKind, ActivityStatus, DealField
from crm_loop_salesforce.translate import activities, deals, people, tasks

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)
STAMP = "2026-06-10T01:00:00.000+0000"
KEY = "cl1t" + "0a" * 20
ACTIVITY = {"Id": "00U1", "OwnerId": "0051", "CreatedDate": STAMP, "SystemModstamp": STAMP}


def history(**changed: Any) -> dict[str, Any]:
    plain = {"Id": "0081", "OpportunityId": "0061", "StageName": "提案", "CreatedDate": STAMP}
    moved = {"Amount": 5.0, "CloseDate": "2026-06-30"}
    return plain | moved | {"PrevAmount": 5.0, "PrevCloseDate": "2026-06-30"} | changed


def said(row: dict[str, Any]) -> dict[DealField, str | None]:
    return {change.field: change.value for change in deals.changes(row)}


def test_a_history_row_always_says_the_stage() -> None:
    assert said(history()) == {DealField.STAGE: "提案"}


def test_the_first_history_row_says_everything() -> None:
    assert said(history(PrevAmount=None, PrevCloseDate=None)) == {
        DealField.STAGE: "提案",
        DealField.AMOUNT: "5.0",
        DealField.CLOSE_DATE: "2026-06-30",
    }


def test_an_amount_that_was_emptied_is_said() -> None:
    assert said(history(Amount=None))[DealField.AMOUNT] is None


def test_a_hidden_amount_was_not_emptied() -> None:
    row = history()
    del row["Amount"]
    assert DealField.AMOUNT not in said(row)


def test_changes_of_one_row_have_ids_of_their_own() -> None:
    row = history(PrevCloseDate=None)
    ids = [change.id for change in deals.changes(row)]
    assert ids == deals.change_ids(row) == ["0081:stage", "0081:amount", "0081:close_date"]


@pytest.mark.parametrize(("value", "count"), [("0051", 1), ("山田 太郎", 0), (None, 0)])
def test_an_owners_change_is_told_once_by_its_id(value: str | None, count: int) -> None:
    row = {"Id": "0171", "OpportunityId": "0061", "NewValue": value, "CreatedDate": STAMP}
    assert len(list(deals.owner_changes(row))) == count


def handed(id_: str, day: int, before: str, after: str) -> dict[str, Any]:
    made = {"CreatedDate": "2026-06-01T00:00:00.000+0000"}
    return {"Id": id_, "OpportunityId": "0061", "OldValue": before, "NewValue": after,
            "CreatedDate": f"2026-06-{day:02d}T00:00:00.000+0000", "Opportunity": made}  # fmt: skip


def test_the_first_owner_of_a_deal_is_known_from_its_first_change() -> None:
    rows = [handed("0172", 12, "0052", "0053"), handed("0173", 9, "0051", "0052")]
    told = [one for row in rows for one in deals.owner_changes(row)]
    in_order = sorted(told, key=lambda one: (one.at, one.id))
    # Of both that are dated back to the making of the deal the last one counts.
    assert [one.value for one in in_order[1:]] == ["0051", "0052", "0053"]
    assert in_order[1].at.day == 1


def test_a_row_of_the_owners_history_takes_all_that_it_told_with_it() -> None:
    row = handed("0172", 12, "0052", "0053")
    assert deals.owner_change_ids(row) == [one.id for one in deals.owner_changes(row)]


def test_who_owned_a_deal_of_unknown_age_before_is_not_dated() -> None:
    row = handed("0172", 12, "0052", "0053") | {"Opportunity": None}
    assert [one.value for one in deals.owner_changes(row)] == ["0053"]


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("2026-06-15T02:00:00.000+0000", ActivityStatus.HELD),
        ("2026-06-15T04:00:00.000+0000", ActivityStatus.SCHEDULED),
    ],
)
def test_a_meeting_that_has_begun_counts_as_held(start: str, status: ActivityStatus) -> None:
    row = ACTIVITY | {"StartDateTime": start, "DurationInMinutes": 30}
    meeting = activities.meeting(row, NOW, TOKYO)
    assert (meeting.kind, meeting.status) == (ActivityKind.MEETING, status)
    assert meeting.duration_seconds == 1800


def test_a_meeting_of_a_whole_day_lies_in_that_day() -> None:
    times = {"StartDateTime": "2026-06-12T00:00:00.000+0000", "ActivityDate": "2026-06-12"}
    row = ACTIVITY | times | {"IsAllDayEvent": True}
    pacific = ZoneInfo("America/Los_Angeles")
    assert activities.meeting(row, NOW, pacific).start.astimezone(pacific).date() == date(
        2026, 6, 12
    )


def call(**changed: Any) -> dict[str, Any]:
    plain = {"TaskSubtype": "Call", "IsClosed": True, "ActivityDate": "2026-06-10"}
    return ACTIVITY | plain | {"CompletedDateTime": STAMP} | changed


def test_a_call_logged_on_its_day_has_that_moment() -> None:
    assert activities.logged(call(), TOKYO).start == datetime(2026, 6, 10, 1, tzinfo=UTC)


def test_a_call_logged_late_lies_on_its_own_day() -> None:
    start = activities.logged(call(ActivityDate="2026-06-08"), TOKYO).start
    assert start == datetime(2026, 6, 8, 3, tzinfo=UTC)


@pytest.mark.parametrize(("given_type", "outbound"), [("Inbound", False), (None, True)])
def test_a_call_says_who_called(given_type: str | None, outbound: bool) -> None:  # noqa: FBT001 - a case
    assert activities.logged(call(CallType=given_type), TOKYO).outbound is outbound


@pytest.mark.parametrize(("locale", "language"), [("ja", "ja"), ("en_US", "en"), (None, None)])
def test_a_person_reads_japanese_or_english(locale: str | None, language: str | None) -> None:
    row = {"Id": "0051", "Email": "a@example.com", "Name": "青木 美咲", "IsActive": True}
    team = {"LastName": "青木", "UserRole": {"Name": "東京"}, "LanguageLocaleKey": locale}
    person = people.person(row | team)
    assert (person.language, person.team, person.family_name) == (language, "東京", "青木")


def test_a_quota_without_a_period_lasts_a_month() -> None:
    row = {"Id": "0J91", "QuotaOwnerId": "0051", "QuotaAmount": 1000.0, "StartDate": "2026-12-01"}
    quota = people.quota(row)
    assert (quota.period_end, quota.amount) == (date(2026, 12, 31), Decimal(1000))


@pytest.mark.parametrize(("what", "deal"), [("006x", "006x"), ("001x", None), (None, None)])
def test_only_an_opportunity_is_a_deal(what: str | None, deal: str | None) -> None:
    assert activities.deal_of({"WhatId": what}) == deal


def change(op: Op = Op.CREATE, body: str = "本文") -> Change:
    fields = TaskFields(owner_id="0051", subject="件" * 300, body=body, due=date(2026, 6, 19))
    return Change(key=KEY, op=op, fields=fields, crm_id="00T1")


def test_a_long_subject_is_cut_where_salesforce_would_refuse_it() -> None:
    row = tasks.row_of(change(), tasks.Form(key_field=True, status=None))
    assert len(row["Subject"]) == 255
    assert "WhatId" not in row
    assert "Status" not in row


def test_an_update_holds_the_text_and_nothing_else() -> None:
    row = tasks.row_of(change(Op.UPDATE), tasks.Form(key_field=True, status="未着手"))
    assert row == {"attributes": {"type": "Task"}, "Id": "00T1", "Description": "本文"}


def written(body: str, *, key_field: bool, **changed: Any) -> dict[str, Any]:
    """The row as Salesforce holds it after we wrote it; it ends lines its own way."""
    row = dict(tasks.row_of(change(body=body), tasks.Form(key_field=key_field, status=None)))
    row["Description"] = row["Description"].replace("\n", "\r\n")
    state = {"IsClosed": False, "IsDeleted": False, "SystemModstamp": STAMP}
    return row | {"Id": "00T000000000001AAA"} | state | changed


BODIES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))))


@given(lines=BODIES, key_field=st.booleans())
def test_a_text_comes_back_as_it_was_written(lines: list[str], key_field: bool) -> None:  # noqa: FBT001 - a case
    body = "\n".join(lines)
    row = written(body, key_field=key_field)
    assert tasks.key_of(row) == KEY
    found = tasks.found(KEY, [row])
    assert found.fields is not None
    assert found.fields.body == body


def test_a_living_copy_beats_a_newer_deleted_one() -> None:
    old = written("a", key_field=True)
    deleted = written("b", key_field=True, IsDeleted=True, SystemModstamp=STAMP.replace("1", "2"))
    found = tasks.found(KEY, [deleted, old])
    assert (found.deleted, found.copies) == (False, 1)


def test_the_newest_of_several_copies_wins_and_all_are_counted() -> None:
    old = written("a", key_field=True)
    new = written("b", key_field=True, SystemModstamp="2026-06-11T01:00:00.000+0000")
    found = tasks.found(KEY, [new, old])
    assert found.fields is not None
    assert (found.fields.body, found.copies) == ("b", 2)


def test_a_task_whose_due_date_was_taken_away_is_still_there() -> None:
    found = tasks.found(KEY, [written("a", key_field=True, ActivityDate=None)])
    assert found.fields == replace(
        change(body="a").fields, subject="件" * 255, due=date(2026, 6, 10)
    )


def test_a_text_that_only_ends_like_ours_is_nobodys() -> None:
    assert tasks.key_of({"Description": "電話\ncl2t0"}) is None
