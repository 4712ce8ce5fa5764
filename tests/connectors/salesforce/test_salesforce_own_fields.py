"""Fields of the org's own on every kind of record: asked for, kept, and missed where hidden."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scripted_org import Scripted, account

from crm_loop.records import Subject
from crm_loop_salesforce.translate import names
from crm_loop_salesforce.translate.sources import CHANGING, Reading

STAMP = "2026-06-10T01:00:00.000+0000"
MADE = {"Id": "x", "CreatedDate": STAMP, "SystemModstamp": STAMP}
READING = Reading(now=datetime(2026, 6, 15, tzinfo=UTC), zone=ZoneInfo("Asia/Tokyo"))
OWN = {"region": "Region__c"}
TASK = {**MADE, "IsClosed": True, "ActivityDate": None, "TaskSubtype": "Call"}
EMAIL = {**MADE, "MessageDate": STAMP, "Incoming": False, "Status": "3", "CreatedById": "u"}


@pytest.mark.parametrize(
    ("setting", "subject", "source", "row"),
    [
        ("account_fields", Subject.ACCOUNTS, 0, {"Id": "x", "Name": "A"}),
        ("lead_fields", Subject.LEADS, 0, MADE),
        ("task_fields", Subject.TASKS, 0, TASK),
        ("activity_fields", Subject.ACTIVITIES, 0, {**MADE, "StartDateTime": STAMP}),
        ("activity_fields", Subject.ACTIVITIES, 1, TASK),
        ("activity_fields", Subject.ACTIVITIES, 2, EMAIL),
    ],
)
def test_a_field_that_an_admin_named_is_asked_for_and_kept_as_text(
    setting: str, subject: Subject, source: int, row: Mapping[str, Any]
) -> None:
    of = CHANGING[subject][source]
    named: dict[str, Any] = {setting: OWN}
    reading = replace(READING, **named)
    assert "Region__c" in of.fields(reading)
    (record,) = of.make({**row, "Region__c": 7}, reading)
    assert getattr(record, "custom", None) == {"region": "7"}
    (plain,) = of.make(row, READING)
    assert getattr(plain, "custom", None) == {}
    # What nobody named is read as before: by the column, where that can be done.
    assert "Region__c" not in of.fields(READING)
    assert of.by_columns(reading) is None


def test_a_pull_asks_for_the_field_and_fills_it(scripted: Scripted) -> None:
    scripted.has("Account")
    scripted.shows("Account", *names.ACCOUNTS.fields, "Region__c")
    scripted.answers(account(1, Region__c="東"))
    connector = scripted.connector(account_fields=OWN)
    rows = [row for batch in connector.pull(Subject.ACCOUNTS, None) for row in batch.rows]
    assert "Region__c" in scripted.asked()[0]
    assert [getattr(row, "custom", None) for row in rows] == [{"region": "東"}]


def test_a_field_that_the_org_does_not_show_is_told(scripted: Scripted) -> None:
    scripted.has("Account", "Event", "Task")
    for table, fields in (
        ("Account", names.ACCOUNTS.fields), ("Event", names.EVENTS.fields),
        ("Task", [*names.CALLS.fields, "Mood__c"]),
    ):  # fmt: skip
        scripted.shows(table, *fields)
    able = scripted.connector(
        account_fields=OWN, activity_fields={"mood": "Mood__c", "gone": "Gone__c"}, deal_fields=OWN
    ).capabilities()
    # One object of an activity's is enough.
    assert able.unknown_fields == ["account.region", "activity.gone", "deal.region"]
    assert able.assumed_meetings == "00U"
