"""SOQL as connectors, taps and the official command line write it."""

from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def tasks(shared_api: Any) -> dict[str, str]:
    """Tasks about a deal and a company, some closed, one in other capitals."""
    account = shared_api.make("Account", Name="Q Corp", Type="Customer")
    deal = shared_api.deal(Name="Q deal", AccountId=account, Amount=500, StageName="Closed Won")
    shared_api.make("Task", Subject="q 1", WhatId=deal, ActivityDate="2026-06-08")
    shared_api.make("Task", Subject="Q 2", WhatId=account, Status="Completed",
                    ActivityDate="2026-05-20", Priority="High")  # fmt: skip
    shared_api.make("Task", Subject="q_3")
    return {"account": account, "deal": deal}


def subjects(api: Any, condition: str, rest: str = "ORDER BY Subject") -> list[str]:
    query = f"SELECT Subject FROM Task WHERE Subject LIKE 'q%' AND ({condition}) {rest}"  # noqa: S608 - ours
    return [row["Subject"] for row in api.rows(query)]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Subject = 'Q 1'", ["q 1"]),
        ("Subject != 'q 1'", ["Q 2", "q_3"]),
        ("Subject IN ('q 1', 'Q 2')", ["q 1", "Q 2"]),
        ("Subject NOT IN ('q 1', 'Q 2')", ["q_3"]),
        (r"Subject LIKE 'q\_%'", ["q_3"]),
        ("NOT Subject LIKE '%1'", ["Q 2", "q_3"]),
        ("WhatId = null", ["q_3"]),
        ("IsClosed = true OR WhatId = NULL", ["Q 2", "q_3"]),
        ("ActivityDate = TODAY", ["q 1"]),
        ("ActivityDate < 2026-06-01", ["Q 2"]),
        ("ActivityDate = LAST_MONTH", ["Q 2"]),
        ("ActivityDate = LAST_N_MONTHS:1", ["Q 2"]),
        ("ActivityDate = N_DAYS_AGO:19", ["Q 2"]),
        ("ActivityDate = THIS_FISCAL_QUARTER", ["q 1", "Q 2"]),
        ("ActivityDate > LAST_WEEK", ["q 1"]),
        ("CreatedDate = TODAY AND Priority = 'High'", ["Q 2"]),
        ("CreatedDate >= 2026-06-07T15:00:00Z", ["q 1", "Q 2", "q_3"]),
        ("CreatedDate > 2026-06-07T15:00:00.000+0000", []),
        ("CALENDAR_MONTH(ActivityDate) = 5", ["Q 2"]),
        ("What.Name = 'Q deal'", ["q 1"]),
        ("What.Type = 'Account'", ["Q 2"]),
        ("WhatId IN (SELECT Id FROM Opportunity WHERE Name = 'Q deal')", ["q 1"]),
        ("Owner.Username LIKE 'integration%' AND Subject LIKE '%2'", ["Q 2"]),
        ("(Status = 'Completed' AND Priority = 'High') OR Subject = 'q_3'", ["Q 2", "q_3"]),
    ],
)  # fmt: skip
def test_a_condition_finds(api: Any, condition: str, found: list[str]) -> None:
    assert subjects(api, condition) == found


def test_order_limit_and_offset_cut_a_part_out(api: Any) -> None:
    rest = "ORDER BY ActivityDate DESC NULLS LAST, Id LIMIT 1 OFFSET 1"
    assert subjects(api, "Id != null", rest) == ["Q 2"]


def test_a_kind_of_target_shows_its_own_fields(api: Any) -> None:
    query = (
        "SELECT TYPEOF What WHEN Opportunity THEN StageName WHEN Account THEN Type END FROM Task "
        "WHERE Subject LIKE 'q%' AND WhatId != null ORDER BY Subject"
    )
    shown = [row["What"] for row in api.rows(query)]
    assert [row["attributes"]["type"] for row in shown] == ["Opportunity", "Account"]
    assert shown[0]["StageName"] == "Closed Won"
    assert shown[1]["Type"] == "Customer"


def test_a_polymorphic_parent_is_shown_as_a_name(api: Any, tasks: dict[str, str]) -> None:
    row = api.rows("SELECT What.Name, What.Type FROM Task WHERE Subject = 'q 1'")[0]["What"]
    url = f"/services/data/v67.0/sobjects/Opportunity/{tasks['deal']}"
    assert row == {
        "attributes": {"type": "Name", "url": url}, "Name": "Q deal", "Type": "Opportunity"
    }  # fmt: skip


def test_groups_have_aliases_conditions_and_an_order(api: Any) -> None:
    query = (
        "SELECT Priority p, COUNT(Id) n, MAX(ActivityDate) FROM Task WHERE Subject LIKE 'q%' "
        "GROUP BY Priority HAVING COUNT(Id) > 0 ORDER BY COUNT(Id) DESC"
    )
    shown = [{k: v for k, v in row.items() if k != "attributes"} for row in api.rows(query)]
    assert shown == [
        {"p": "Normal", "n": 2, "expr0": "2026-06-08"},
        {"p": "High", "n": 1, "expr0": "2026-05-20"},
    ]


def test_children_are_limited_for_each_parent(api: Any, tasks: dict[str, str]) -> None:
    query = "SELECT (SELECT StageName FROM OpportunityHistories LIMIT 1), (SELECT Id FROM Quotes)"
    row = api.rows(f"{query} FROM Opportunity WHERE Id = '{tasks['deal']}'")[0]
    assert row["OpportunityHistories"]["totalSize"] == 1
    assert row["Quotes"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM Task WHERE Subject = 'a' AND WhoId = null OR WhatId = null",
         "MALFORMED_QUERY"),
        ("SELECT Id FROM Task WHERE Description = 'a'", "INVALID_FIELD"),
        ("SELECT Id FROM Task WHERE CreatedDate > 2026-06-01", "INVALID_FIELD"),
        ("SELECT Id FROM Task WHERE IsClosed = 'true'", "INVALID_FIELD"),
        ("SELECT Id FROM Task WHERE Id = 'nothing'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Task WHERE ActivityDate LIKE '2026%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Task ORDER BY Nothing", "INVALID_FIELD"),
        ("SELECT Nobody.Name FROM Task", "INVALID_FIELD"),
        ("SELECT (SELECT Id FROM Nothings) FROM Task", "INVALID_TYPE"),
        ("SELECT Subject, COUNT(Id) FROM Task", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Task", "MALFORMED_QUERY"),
        ("SELECT Id FROM Task OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Id, COUNT(Name) FROM Period GROUP BY Id, Name", "INVALID_FIELD"),
        ("", "MALFORMED_QUERY"),
        ("SELECT Id FROM Task WHERE Subject = '" + "x" * 4001 + "'", "MALFORMED_QUERY"),
    ],
)  # fmt: skip
def test_a_query_is_refused(api: Any, query: str, code: str) -> None:
    assert api.refusal(query) == code


def test_a_refusal_quotes_the_query_with_a_mark(api: Any) -> None:
    message = api.get("query", q="SELECT Id, Nothing__c FROM Task")[0]["message"]
    assert message.startswith(
        "\nSELECT Id, Nothing__c FROM Task\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Nothing__c' on entity 'Task'."
    )


def test_columns_are_told_without_running_the_query(api: Any) -> None:
    shown = api.get("query", q="SELECT Id, Owner.Name, COUNT(Id) FROM Task", columns="true")
    names = [column["columnName"] for column in shown["columnMetadata"]]
    assert names == ["Id", "Owner", "expr0"]
    assert shown["columnMetadata"][1]["joinColumns"][0]["columnName"] == "Name"
    assert (shown["entityName"], shown["keyPrefix"]) == ("Task", "00T")


def test_an_address_that_is_too_long_is_refused_by_the_front(api: Any) -> None:
    answer = api.call("GET", "query", params={"q": "x" * 17_000})
    assert (answer.status_code, answer.text[:4]) == (414, "<h1>")


def test_two_slashes_lead_nowhere(api: Any) -> None:
    assert api.call("GET", "/query/").status_code == 404
