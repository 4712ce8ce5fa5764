"""HubSpot's rows in our words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.records import ActivityKind, ActivityStatus, Deal, DealField, Quota, Stage
from crm_loop_hubspot.translate import activities, deals, kinds, people, tasks
from crm_loop_hubspot.translate.kinds import Linked, Reading

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 6, 15, tzinfo=UTC)
WON = Stage(pipeline="p", id="9", label="受注", order=5, is_closed=True, is_won=True)
READING = Reading(zone=TOKYO, currency="JPY", now=NOW, stages={("p", "9"): WON})
ODD = st.none() | st.text() | st.integers().map(str) | st.booleans()


def linked(**props: Any) -> Linked:
    return Linked({"id": "101", "properties": props, "createdAt": "2026-06-01T00:00:00Z"})


def read_deal(**props: Any) -> Deal:
    return deals.deal(linked(**props), READING)


def test_a_close_date_is_the_local_day() -> None:
    assert read_deal(closedate="2026-06-30T15:30:00Z").close_date == date(2026, 7, 1)


def test_an_emptied_close_date_is_none() -> None:
    assert read_deal(closedate="").close_date is None


def test_an_amount_keeps_its_digits_and_the_portals_currency() -> None:
    deal = read_deal(amount="1500.10")
    assert (deal.amount, deal.currency) == (Decimal("1500.10"), "JPY")


def test_the_stage_and_not_the_late_flag_says_whether_a_deal_is_won() -> None:
    deal = read_deal(pipeline="p", dealstage="9", hs_is_closed_won="false")
    assert (deal.is_closed, deal.is_won) == (True, True)


def test_an_unknown_stage_leaves_it_to_the_flags() -> None:
    deal = read_deal(dealstage="gone", hs_is_closed="true", hs_is_closed_won="false")
    assert (deal.is_closed, deal.is_won) == (True, False)


def test_the_past_is_told_by_property_and_local_day() -> None:
    past = {
        "closedate": [{"value": "1782833400000", "timestamp": "2026-06-02T00:00:00Z"}],
        "amount": [{"value": "", "timestamp": "2026-06-03T00:00:00.000Z"}],
    }
    read = list(deals.changes(Linked({"id": "7", "propertiesWithHistory": past}), READING))
    assert [(change.field, change.value) for change in read] == [
        (DealField.CLOSE_DATE, "2026-07-01"),
        (DealField.AMOUNT, None),
    ]


def test_of_two_versions_in_one_millisecond_the_newer_counts() -> None:
    at = "2026-06-03T00:00:00.000Z"
    past = {"amount": [{"value": "2", "timestamp": at}, {"value": "1", "timestamp": at}]}
    (change,) = deals.changes(Linked({"id": "7", "propertiesWithHistory": past}), READING)
    assert change.value == "2"


@pytest.mark.parametrize(
    ("outcome", "start", "status"),
    [
        ("COMPLETED", "2026-06-20T00:00:00Z", ActivityStatus.HELD),
        ("NO_SHOW", "2026-06-01T00:00:00Z", ActivityStatus.NO_SHOW),
        ("CANCELED", "2026-06-01T00:00:00Z", ActivityStatus.CANCELED),
        ("RESCHEDULED", "2026-06-01T00:00:00Z", ActivityStatus.CANCELED),
        ("SCHEDULED", "2026-06-01T00:00:00Z", ActivityStatus.UNCONFIRMED),
        ("SCHEDULED", "2026-06-20T00:00:00Z", ActivityStatus.SCHEDULED),
        (None, "2026-06-01T00:00:00Z", ActivityStatus.UNCONFIRMED),
        ("SOMETHING_NEW", "2026-06-01T00:00:00Z", ActivityStatus.UNCONFIRMED),
    ],
)
def test_a_meeting_counts_as_what_became_of_it(
    outcome: str | None, start: str, status: ActivityStatus
) -> None:
    row = linked(hs_meeting_start_time=start, hs_meeting_outcome=outcome)
    meeting = activities.meeting(row, READING)
    assert meeting is not None
    assert meeting.status is status


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("f240bbac-87c9-4f6e-bf70-924b57d47db7", "Connected"),
        ("73A0D17F-1163-4015-BDD5-EC830791DA20", "No answer"),
        ("0f1e2d3c-own", "0f1e2d3c-own"),
        ("", None),
    ],
)
def test_how_a_call_ended_is_told_in_words_that_rules_can_name(told: str, said: str | None) -> None:
    call = activities.call(linked(hs_timestamp="1781487000000", hs_call_disposition=told), READING)
    assert call is not None
    assert call.disposition == said


def test_a_call_tells_direction_and_seconds() -> None:
    call = activities.call(
        linked(
            hs_timestamp="2026-06-01T01:00:00Z",
            hs_call_direction="OUTBOUND",
            hs_call_status="COMPLETED",
            hs_call_duration="61000",
        ),
        READING,
    )
    assert call is not None
    assert (call.outbound, call.duration_seconds) == (True, 61)
    assert call.status is ActivityStatus.HELD


@pytest.mark.parametrize(
    ("direction", "expected"), [("EMAIL", True), ("INCOMING_EMAIL", False), ("FORWARDED", None)]
)
def test_an_email_is_outbound_when_the_rep_sent_it(direction: str, expected: object) -> None:
    row = linked(hs_timestamp="2026-06-01T01:00:00Z", hs_email_direction=direction)
    email = activities.email(row, READING)
    assert email is not None
    assert (email.kind, email.outbound) == (ActivityKind.EMAIL, expected)


def test_an_activity_without_a_date_is_left_out() -> None:
    assert activities.call(linked(), READING) is None


def goal(**props: Any) -> Quota | None:
    revenue = {
        "hs_kpi_property_name": "amount_in_home_currency",
        "hubspot_owner_id": "5",
        "hs_target_amount": "1000000",
        "hs_start_datetime": "2026-04-01T00:00:00Z",
        "hs_end_datetime": "2026-04-30T23:59:59.999Z",
    }
    return people.quota(linked(**{**revenue, **props}), READING)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-04-01T00:00:00Z", "2026-04-30T23:59:59.999Z"),
        ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"),
        ("2026-03-31T15:00:00Z", "2026-04-30T15:00:00Z"),
        ("2026-03-31T15:00:00Z", "2026-04-30T14:59:59.999Z"),
    ],
)
def test_a_goal_covers_the_same_month_however_its_ends_are_written(start: str, end: str) -> None:
    quota = goal(hs_start_datetime=start, hs_end_datetime=end)
    assert quota is not None
    assert (quota.period_start, quota.period_end) == (date(2026, 4, 1), date(2026, 4, 30))


@pytest.mark.parametrize(
    "other", [{"hs_kpi_property_name": "hs_call_duration"}, {"hubspot_owner_id": None}]
)
def test_goals_of_teams_and_of_other_kinds_are_no_quota(other: dict[str, Any]) -> None:
    assert goal(**other) is None


def test_a_closed_and_lost_stage_is_not_won() -> None:
    pipeline = {
        "id": "p",
        "stages": [
            {"id": "8", "metadata": {"isClosed": "true", "probability": "0.0"}},
            {"id": "9", "metadata": {"isClosed": "true", "probability": "1.0"}},
        ],
    }
    lost, won = people.stages(pipeline)
    assert (lost.is_closed, lost.is_won) == (True, False)
    assert (won.is_closed, won.is_won) == (True, True)


@pytest.mark.parametrize(
    ("given", "family", "name"), [("花子", "佐藤", "佐藤 花子"), ("Ann", "Lee", "Ann Lee")]
)
def test_a_name_is_written_in_the_order_of_its_script(given: str, family: str, name: str) -> None:
    row = {"id": "1", "firstName": given, "lastName": family, "email": "h@x.jp"}
    person = people.person(row, READING)
    assert (person.name, person.family_name) == (name, family)


def test_a_task_of_somebody_else_has_no_key() -> None:
    assert tasks.task(linked(hs_task_body="<p>private</p>"), READING).key is None


READERS = [
    (kinds.DEALS, deals.deal),
    (kinds.COMPANIES, deals.account),
    (kinds.CALLS, activities.call),
    (kinds.MEETINGS, activities.meeting),
    (kinds.EMAILS, activities.email),
    (kinds.MARKED_TASKS, tasks.task),
    (kinds.GOALS, people.quota),
]


@given(st.sampled_from(READERS), st.data())
def test_no_row_is_too_odd_to_be_read(reader: Any, data: st.DataObject) -> None:
    kind, translate = reader
    odd = data.draw(st.dictionaries(st.sampled_from(kind.properties), ODD))
    translate(linked(**odd), READING)


@given(st.sampled_from(READERS))
def test_a_row_without_any_property_can_be_read(reader: Any) -> None:
    _, translate = reader
    translate(Linked({"id": "1"}), READING)


@given(st.lists(st.fixed_dictionaries({"value": ODD, "timestamp": ODD})))
def test_no_past_is_too_odd_to_be_read(versions: list[dict[str, Any]]) -> None:
    past = {"closedate": versions, "amount": versions}
    list(deals.changes(Linked({"id": "7", "propertiesWithHistory": past}), READING))
