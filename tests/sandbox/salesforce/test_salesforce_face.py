"""The Salesforce face, seen through the client that Salesforce's own users take."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

KEY = "cl1t" + "0a" * 20


class PlainHttp(HTTPAdapter):
    """The client insists on https; the sandbox speaks plain http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **options)


@pytest.fixture(scope="module")
def server(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=4, weeks=6, rate_limits="off")


@pytest.fixture
def client(server: Any) -> Iterator[Any]:
    server.post("/__reset")
    user = server.get("/__access")["salesforce"]["username"]
    access = server.get(f"/__access?user={user}")["salesforce"]
    with requests.Session() as session:
        session.mount("https://127.0.0.1", PlainHttp())
        yield Salesforce(
            session_id=access["access_token"],
            instance_url=access["instance_url"],
            version="67.0",
            session=session,
        )


def rows(client: Any, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in client.query_all_iter(query)]


def count(client: Any, table: str, where: str = "Id != null") -> int:
    query = f"SELECT COUNT() FROM {table} WHERE {where}"  # noqa: S608 - a query of ours
    return int(client.query(query)["totalSize"])


def code_of(act: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(SalesforceError) as raised:
        act()
    content: Any = raised.value.content
    return raised.value.status, content[0]["errorCode"]


def new_task(client: Any, **fields: Any) -> str:
    made = client.Task.create({"Subject": "確認", "ActivityDate": "2026-06-20", **fields})
    return str(made["id"])


def new_tasks(client: Any, subjects: list[str]) -> None:
    records = [{"attributes": {"type": "Task"}, "Subject": subject} for subject in subjects]
    body = {"allOrNone": False, "records": records}
    answer = client.restful("composite/sobjects", method="POST", json=body)
    assert all(one["success"] for one in answer)


def test_a_long_list_comes_in_pages(client: Any) -> None:
    for number in range(3):
        new_tasks(client, [f"page {number}-{row}" for row in range(200)])
    client.headers["Sforce-Query-Options"] = "batchSize=200"
    query = "SELECT Id FROM Task WHERE Subject LIKE 'page %'"
    first = client.query(query)
    assert (len(first["records"]), first["done"], first["totalSize"]) == (200, False, 600)
    assert len({row["Id"] for row in rows(client, query)}) == 600


def test_a_field_of_a_parent_is_read_over_the_relationship(client: Any) -> None:
    owners = {row["Id"]: row["Name"] for row in rows(client, "SELECT Id, Name FROM User")}
    found = rows(client, "SELECT OwnerId, Owner.Name FROM Opportunity")
    assert found
    assert all(row["Owner"]["Name"] == owners[row["OwnerId"]] for row in found)


def test_children_come_inside_their_parent(client: Any) -> None:
    query = "SELECT Id, (SELECT Id, AccountId FROM Opportunities) FROM Account"
    parents = [row for row in rows(client, query) if row["Opportunities"]]
    children = [(p["Id"], c) for p in parents for c in p["Opportunities"]["records"]]
    assert len(children) == count(client, "Opportunity", "AccountId != null")
    assert all(child["AccountId"] == parent for parent, child in children)


def test_aggregates_agree_with_the_rows_in_the_orgs_own_currency(client: Any) -> None:
    deals = rows(client, "SELECT StageName, Amount, CurrencyIsoCode FROM Opportunity")
    found = rows(client, "SELECT IsoCode, ConversionRate FROM CurrencyType")
    rates = {row["IsoCode"]: row["ConversionRate"] for row in found}
    query = "SELECT StageName, COUNT(Id) n, SUM(Amount) s FROM Opportunity GROUP BY StageName"
    for group in client.query(query)["records"]:
        of_stage = [deal for deal in deals if deal["StageName"] == group["StageName"]]
        assert group["n"] == len(of_stage)
        amounts = [(d["Amount"] or 0) / rates[d["CurrencyIsoCode"]] for d in of_stage]
        assert group["s"] == pytest.approx(sum(amounts))


def test_date_literals_follow_the_business_clock(client: Any, server: Any) -> None:
    now = datetime.fromisoformat(server.get("/__clock")["now"])
    zone = ZoneInfo(server.get("/__truth")["time_zone"])
    new_task(client, ActivityDate=now.astimezone(zone).date().isoformat())
    assert count(client, "Task", "ActivityDate = TODAY AND Subject = '確認'") == 1
    server.post("/__clock", {"advance_days": 1})
    assert count(client, "Task", "ActivityDate = TODAY AND Subject = '確認'") == 0
    assert count(client, "Task", "ActivityDate = LAST_N_DAYS:3 AND Subject = '確認'") == 1


def test_like_knows_both_wildcards_and_no_capitals(client: Any) -> None:
    for subject in ("Alpha one", "alpha two", "beta"):
        new_task(client, Subject=subject)
    assert count(client, "Task", "Subject LIKE 'ALPHA%'") == 2
    assert count(client, "Task", "Subject LIKE '_eta'") == 1


def test_not_turns_a_condition_round(client: Any) -> None:
    new_tasks(client, ["odd", "even", "odd"])
    some, all_ = count(client, "Task", "Subject = 'odd'"), count(client, "Task")
    assert some == 2
    assert count(client, "Task", "NOT (Subject = 'odd')") == all_ - some


@pytest.mark.parametrize(("nulls", "place"), [("FIRST", 0), ("LAST", -1)])
def test_nulls_stand_where_the_order_says(client: Any, nulls: str, place: int) -> None:
    new_task(client, Subject="with a day")
    without = new_task(client, Subject="with no day", ActivityDate=None)
    order = f"ORDER BY ActivityDate NULLS {nulls}"
    query = f"SELECT Id FROM Task WHERE Subject LIKE 'with %' {order}"  # noqa: S608 - ours
    assert [row["Id"] for row in rows(client, query)][place] == without


def test_a_list_of_ids_may_be_a_query(client: Any) -> None:
    inner = "SELECT AccountId FROM Opportunity WHERE Amount > 0"
    held = {row["AccountId"] for row in rows(client, inner)}
    found = rows(client, f"SELECT Id FROM Account WHERE Id IN ({inner})")  # noqa: S608 - a query of ours
    assert held - {None}
    assert {row["Id"] for row in found} == held - {None}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Nothing FROM Task", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id FROM Task WHERE", "MALFORMED_QUERY"),
        ("SELECT FROM Task", "MALFORMED_QUERY"),
    ],
)
def test_a_wrong_query_is_refused_by_name(client: Any, query: str, code: str) -> None:
    assert code_of(lambda: client.query(query)) == (400, code)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Nothing__c": 1}, "INVALID_FIELD"),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG"),
        ({"OwnerId": "nobody"}, "MALFORMED_ID"),
        ({"OwnerId": "005000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"ActivityDate": "soon"}, "JSON_PARSER_ERROR"),
        ({"CreatedDate": "2026-06-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_wrong_task_is_refused_by_name(client: Any, fields: Any, code: str) -> None:
    assert code_of(lambda: new_task(client, **fields)) == (400, code)


def test_a_second_task_with_one_key_is_a_duplicate(client: Any) -> None:
    new_task(client, CrmLoop_Key__c=KEY)
    assert code_of(lambda: new_task(client, CrmLoop_Key__c=KEY)) == (400, "DUPLICATE_VALUE")


def test_an_unknown_record_is_a_404(client: Any) -> None:
    assert code_of(lambda: client.Task.get("00T000000000001AAA")) == (404, "NOT_FOUND")


def test_a_deleted_record_cannot_be_changed(client: Any) -> None:
    task = new_task(client)
    client.Task.delete(task)
    status, code = code_of(lambda: client.Task.update(task, {"Subject": "x"}))
    assert (status, code) == (404, "ENTITY_IS_DELETED")


def test_an_upsert_makes_one_record_and_then_changes_it(client: Any) -> None:
    place = f"CrmLoop_Key__c/{KEY}"
    statuses = [client.Task.upsert(place, {"Subject": subject}) for subject in ("one", "two")]
    found = rows(client, f"SELECT Subject FROM Task WHERE CrmLoop_Key__c = '{KEY}'")  # noqa: S608 - a query of ours
    assert statuses == [201, 200]
    assert [row["Subject"] for row in found] == ["two"]


def test_deleted_ids_are_listed(client: Any, server: Any) -> None:
    task = new_task(client)
    client.Task.delete(task)
    today = server.get("/__clock")["now"][:10]
    day = {"start": f"{today}T00:00:00Z", "end": f"{today}T23:59:59Z"}
    found = client.restful("sobjects/Task/deleted", params=day)
    assert task in [one["id"] for one in found["deletedRecords"]]


def test_one_failing_part_of_a_composite_leaves_the_others(client: Any) -> None:
    url = "/services/data/v67.0/sobjects/Task"
    parts = [
        {"method": "POST", "url": url, "referenceId": "a", "body": {"Subject": "fine"}},
        {"method": "POST", "url": url, "referenceId": "b", "body": {"Nothing__c": 1}},
    ]
    answer = client.restful("composite", method="POST", json={"compositeRequest": parts})
    inner = answer["compositeResponse"]
    assert [one["httpStatusCode"] for one in inner] == [201, 400]
    assert [one["referenceId"] for one in inner] == ["a", "b"]
    assert count(client, "Task", "Subject = 'fine'") == 1


def test_every_row_of_a_collection_has_its_own_outcome(client: Any) -> None:
    records = [
        {"attributes": {"type": "Task"}, "Subject": "good"},
        {"attributes": {"type": "Task"}, "Nothing__c": 1},
    ]
    body = {"allOrNone": False, "records": records}
    answer = client.restful("composite/sobjects", method="POST", json=body)
    assert [one["success"] for one in answer] == [True, False]
    assert answer[1]["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_every_answer_says_how_many_calls_were_used(client: Any) -> None:
    used = []
    for _ in range(2):
        client.query("SELECT Id FROM Organization")
        used.append(client.api_usage["api-usage"].used)
    assert used[1] == used[0] + 1


def test_a_wrong_token_is_a_401(client: Any) -> None:
    client.headers["Authorization"] = "Bearer nothing"
    refused = code_of(lambda: client.query("SELECT Id FROM Task"))
    assert refused == (401, "INVALID_SESSION_ID")
