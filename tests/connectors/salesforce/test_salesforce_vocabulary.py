"""Rows of the objects around deals, people and activities, as our records."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.records import ActivityKind, Forecast, Rate
from crm_loop_salesforce.translate import activities, deals, leads, people
from crm_loop_salesforce.translate.hierarchy import Hierarchy

TOKYO = ZoneInfo("Asia/Tokyo")
STAMP = "2026-06-10T01:00:00.000+0000"
MADE = {"CreatedDate": STAMP, "SystemModstamp": STAMP}


def user(name: str, role: str | None = None, manager: str | None = None, **more: Any) -> Any:
    plain = {"Id": name, "Name": name, "Email": "", "IsActive": True}
    return plain | {"UserRoleId": role, "ManagerId": manager} | more


ROLES = [
    {"Id": "ceo", "ParentRoleId": None},
    {"Id": "lead", "ParentRoleId": "ceo"},
    {"Id": "rep", "ParentRoleId": "lead"},
]


def test_a_named_manager_is_the_manager() -> None:
    hierarchy = Hierarchy([user("a", "rep", "b"), user("b"), user("c", "lead")], ROLES)
    assert hierarchy.manager("a") == "b"


@pytest.mark.parametrize(
    "named",
    [None, "gone", "left"],
    ids=["nobody", "somebody unknown", "somebody who left"],
)
def test_without_a_usable_manager_the_only_one_in_the_role_above_leads(named: str | None) -> None:
    left = user("left", IsActive=False)
    hierarchy = Hierarchy([user("a", "rep", named), user("c", "lead"), left], ROLES)
    assert hierarchy.manager("a") == "c"


def test_a_role_above_with_several_people_is_passed_over() -> None:
    users = [user("a", "rep"), user("c", "lead"), user("d", "lead"), user("e", "ceo")]
    assert Hierarchy(users, ROLES).manager("a") == "e"


def test_managers_in_a_circle_are_no_managers() -> None:
    circle = [user("a", "rep", "b"), user("b", "rep", "a"), user("c", "lead")]
    hierarchy = Hierarchy(circle, ROLES)
    assert (hierarchy.manager("a"), hierarchy.manager("b")) == ("c", "c")


def test_everybody_in_roles_above_may_open_a_persons_records() -> None:
    users = [user("a", "rep"), user("c", "lead"), user("d", "lead"), user("e", "ceo")]
    assert Hierarchy(users, ROLES).above("a") == ("c", "d", "e")
    assert Hierarchy(users, ROLES).above("e") == ()


NAMES = st.sampled_from("abcdef")


@given(
    managers=st.dictionaries(NAMES, NAMES),
    roles=st.dictionaries(NAMES, st.one_of(st.none(), NAMES)),
    held=st.dictionaries(NAMES, NAMES),
)
def test_no_hierarchy_is_too_twisted_to_be_read(
    managers: dict[str, str], roles: dict[str, str | None], held: dict[str, str]
) -> None:
    users = [user(one, held.get(one), managers.get(one)) for one in "abcdef"]
    tree = [{"Id": one, "ParentRoleId": above} for one, above in roles.items()]
    hierarchy = Hierarchy(users, tree)
    for one in "abcdef":
        assert hierarchy.manager(one) in {None, *"abcdef"}
        assert len(hierarchy.above(one)) == len(set(hierarchy.above(one)))


def test_commit_is_called_forecast_in_salesforce() -> None:
    row = {"ApiName": "s", "MasterLabel": "s", "SortOrder": 1, "IsClosed": False, "IsWon": False}
    stage = people.stage(row | {"ForecastCategory": "Forecast", "IsActive": False})
    assert (stage.forecast, stage.active) == (Forecast.COMMIT, False)


def test_a_dated_rate_ends_before_the_next_one() -> None:
    row = {"Id": "1", "IsoCode": "USD", "ConversionRate": 0.00671, "StartDate": "2026-04-01"}
    (rate,) = people.dated_rate(row | {"NextStartDate": "2026-07-01"})
    assert rate == Rate(
        id="1",
        currency="USD",
        per_home=Decimal("0.00671"),
        start=date(2026, 4, 1),
        end=date(2026, 6, 30),
    )


def test_a_rate_of_nothing_is_no_rate() -> None:
    assert people.rate({"Id": "1", "IsoCode": "USD", "ConversionRate": 0.0}) == []


def test_a_fiscal_quarter_has_its_days_and_number() -> None:
    row = {"Id": "1", "Type": "Quarter", "StartDate": "2026-04-01", "EndDate": "2026-06-30"}
    (period,) = people.period(row | {"Number": 1, "FullyQualifiedLabel": "2026年度 Q1"})
    assert (period.kind, period.number, period.end) == ("quarter", 1, date(2026, 6, 30))


def test_a_split_is_a_share_of_the_revenue_unless_it_is_an_overlay() -> None:
    row = {"Id": "1", "OpportunityId": "0061", "SplitOwnerId": "0051", "SplitPercentage": 40.0}
    assert (deals.split(row).share, deals.split(row).revenue) == (0.4, True)
    assert not deals.split(row | {"SplitType": {"IsTotalValidated": False}}).revenue


@pytest.mark.parametrize(("status", "sent"), [("Draft", False), ("Presented", True), (None, False)])
def test_a_quote_is_sent_by_what_its_state_says(status: str | None, sent: bool) -> None:  # noqa: FBT001 - a case
    row = MADE | {"Id": "0Q01", "OpportunityId": "0061", "Status": status, "TotalPrice": 5.0}
    assert deals.quote(row).sent is sent
    assert deals.quote(row, ("Draft",)).sent is (status == "Draft")


def test_a_deal_shows_the_fields_that_an_admin_chose() -> None:
    row = MADE | {
        "Id": "0061", "Name": "A", "OwnerId": "0051", "StageName": "提案", "IsClosed": False,
        "IsWon": False, "Amount": None, "CloseDate": "2026-06-30", "Probability": 60.0,
        "Plan__c": "gold", "Seats__c": 5.0,
    }  # fmt: skip
    deal = deals.deal(row, {"plan": "Plan__c", "seats": "Seats__c", "hidden": "Other__c"})
    assert deal.custom == {"plan": "gold", "seats": "5.0", "hidden": None}
    assert deal.probability == 0.6


@pytest.mark.parametrize(
    ("record_type", "pipeline"),
    [({"DeveloperName": "Renewal"}, "renewals"), ({"DeveloperName": "New"}, "default"),
     (None, "default")],
)  # fmt: skip
def test_a_record_type_is_the_pipeline_that_an_admin_says(record_type: Any, pipeline: str) -> None:
    row = MADE | {
        "Id": "0061", "Name": "A", "OwnerId": "0051", "StageName": "提案", "IsClosed": False,
        "IsWon": False, "Amount": None, "CloseDate": "2026-06-30", "RecordType": record_type,
    }  # fmt: skip
    assert deals.deal(row, pipelines={"Renewal": "renewals"}).pipeline == pipeline


def test_who_wrote_a_logged_email_is_not_known() -> None:
    row = MADE | {"Id": "00T1", "TaskSubtype": "Email", "IsClosed": True}
    assert activities.logged(row, TOKYO).outbound is None


def test_a_lead_names_what_it_became() -> None:
    row = MADE | {"Id": "00Q1", "OwnerId": "00G1", "ConvertedDate": "2026-06-11"}
    lead = leads.lead(row | {"ConvertedOpportunityId": "0061", "ConvertedContactId": "0031"})
    assert (lead.converted_on, lead.deal_id, lead.contact_id) == (date(2026, 6, 11), "0061", "0031")


@pytest.mark.parametrize(
    ("value", "count"), [("0051", 1), ("00G1", 1), ("東京キュー", 0), (None, 0)]
)
def test_a_leads_change_of_hands_is_told_once_by_id(value: str | None, count: int) -> None:
    row = {"Id": "1", "LeadId": "00Q1", "NewValue": value, "CreatedDate": STAMP}
    assert len(list(leads.lead_changes(row))) == count


def message(**changed: Any) -> dict[str, Any]:
    plain = {"Id": "02s1", "MessageDate": STAMP, "Incoming": False, "Status": "3"}
    return MADE | plain | {"CreatedById": "0051", "RelatedToId": "0061"} | changed


def test_an_email_message_names_the_to_do_under_which_it_was_logged() -> None:
    email = activities.email(message(ActivityId="00T1", MessageIdentifier="<a@b>"))
    assert email is not None
    assert (email.same_as, email.message_id, email.outbound) == ("00T1", "<a@b>", True)


def test_a_draft_is_no_email() -> None:
    assert activities.email(message(Status="5")) is None
    assert activities.email(message(MessageDate=None)) is None


@pytest.mark.parametrize(
    ("invited", "found"),
    [
        ("0031", ("0031", None, None)),
        ("00Q1", (None, "00Q1", None)),
        ("0051", (None, None, "0051")),
    ],
)
def test_an_invitation_is_of_a_contact_a_lead_or_a_colleague(invited: str, found: Any) -> None:
    row = {"Id": "1", "EventId": "00U1", "RelationId": invited, "Status": "Declined"}
    one = activities.participant(row)
    assert one is not None
    assert (one.contact_id, one.lead_id, one.person_id) == found
    assert one.declined


def test_a_meeting_room_takes_no_part() -> None:
    row = {"Id": "1", "EventId": "00U1", "RelationId": "0231"}
    assert activities.participant(row) is None


def test_days_off_last_from_the_first_to_the_last() -> None:
    row = {"Id": "00U1", "OwnerId": "0051", "ActivityDate": "2026-06-08"}
    absence = activities.absence(row | {"EndDateTime": "2026-06-10T00:00:00.000+0000"})
    assert absence is not None
    assert (absence.start, absence.end) == (date(2026, 6, 8), date(2026, 6, 10))


NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "outsiders"),
    [({"WhoId": "0031"}, 1), ({"WhatId": "0061"}, None), ({"AccountId": "0011"}, None), ({}, 0)],
)
def test_an_event_that_belongs_to_no_customer_is_internal(named: Any, outsiders: Any) -> None:
    row = MADE | {"Id": "00U1", "StartDateTime": STAMP} | named
    assert activities.meeting(row, NOW, TOKYO).external_attendees == outsiders


def logged(**changed: Any) -> Any:
    plain = {"Id": "00T1", "TaskSubtype": "Task", "IsClosed": True, "WhoId": "00Q1"}
    return activities.logged(MADE | plain | changed, TOKYO, {"訪問": "meeting"})


def test_a_task_of_the_orgs_own_type_is_the_activity_that_an_admin_says() -> None:
    assert logged(Type="訪問").kind is ActivityKind.MEETING
    assert logged(TaskSubtype="Call").kind is ActivityKind.CALL


def test_a_list_email_is_bulk_and_a_plain_one_is_not() -> None:
    assert [logged(TaskSubtype=one).bulk for one in ("ListEmail", "Email", "Call")] == [
        True,
        False,
        None,
    ]


def test_a_call_on_a_lead_names_the_lead() -> None:
    assert (logged().lead_id, logged().contact_ids) == ("00Q1", ())
    assert logged(WhoId="0031").contact_ids == ("0031",)
