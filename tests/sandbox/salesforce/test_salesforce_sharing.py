"""Who may open and change a record, asked with other people's tokens and by UserRecordAccess."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def people(shared_api: Any) -> dict[str, str]:
    """Two reps of one team, and who leads them."""
    query = (
        "SELECT Id, Username, ManagerId FROM User WHERE Title = 'AE' AND IsActive = true "
        "ORDER BY ManagerId, Id"
    )
    rep, mate = shared_api.rows(query)[:2]
    assert rep["ManagerId"] == mate["ManagerId"]
    return {"rep": rep["Id"], "mate": mate["Id"], "manager": rep["ManagerId"]}


@pytest.fixture
def as_(api: Any, people: dict[str, str]) -> Callable[..., Any]:
    """A call with the token of one of them."""

    def call(name: str, method: str, path: str, body: Any = None, **params: str) -> Any:
        user = api.one("User", people[name])["Username"]
        token = api.server.get(f"/__access?user={user}")["salesforce"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return api.call(method, path, headers=headers, json=body, params=params)

    return call


def can_open(api: Any, people: dict[str, str], record_id: str) -> set[str]:
    """Names of those who may read a record."""
    found = set()
    for name, user in people.items():
        query = f"SELECT HasReadAccess FROM UserRecordAccess WHERE UserId = '{user}'"  # noqa: S608 - ours
        row = api.rows(f"{query} AND RecordId = '{record_id}'")[0]
        found |= {name} if row["HasReadAccess"] else set()
    return found


def test_a_task_is_open_to_its_owner_and_those_above(api: Any, people: dict[str, str]) -> None:
    task = api.make("Task", OwnerId=people["rep"])
    assert can_open(api, people, task) == {"rep", "manager"}


def test_a_task_about_an_account_is_as_private(api: Any, people: dict[str, str]) -> None:
    task = api.make("Task", OwnerId=people["rep"], WhatId=api.make("Account", Name="Open"))
    assert can_open(api, people, task) == {"rep", "manager"}


def test_a_task_on_a_deal_is_open_to_whoever_sees_the_deal(
    api: Any, people: dict[str, str]
) -> None:
    task = api.make("Task", OwnerId=people["rep"], WhatId=api.deal(OwnerId=people["mate"]))
    assert can_open(api, people, task) == {"rep", "mate", "manager"}


def test_a_session_is_open_to_its_owner_alone_until_it_is_shared(
    api: Any, people: dict[str, str]
) -> None:
    session = api.make("CrmLoop_Session__c", Name="s", OwnerId=people["rep"])
    item = api.make("CrmLoop_Agenda_Item__c", Title__c="t", Session__c=session)
    assert can_open(api, people, session) == can_open(api, people, item) == {"rep"}
    api.make("CrmLoop_Session__Share", ParentId=session, UserOrGroupId=people["manager"],
             AccessLevel="Read", RowCause="Manual")  # fmt: skip
    assert can_open(api, people, session) == can_open(api, people, item) == {"rep", "manager"}


def test_a_list_holds_what_one_may_open(api: Any, people: dict[str, str], as_: Any) -> None:
    deals = {name: api.deal(OwnerId=people[name], Name="shown") for name in ("rep", "mate")}
    query = "SELECT Id FROM Opportunity WHERE Name = 'shown'"
    found = {
        name: {row["Id"] for row in as_(name, "GET", "query", q=query).json()["records"]}
        for name in people
    }
    assert found == {"rep": {deals["rep"]}, "mate": {deals["mate"]}, "manager": {*deals.values()}}


def test_a_record_of_somebody_else_is_not_there(api: Any, people: dict[str, str], as_: Any) -> None:
    task = api.make("Task", OwnerId=people["rep"])
    assert as_("mate", "GET", f"sobjects/Task/{task}").status_code == 404
    assert as_("rep", "GET", f"sobjects/Task/{task}").status_code == 200


def test_a_record_of_somebody_else_cannot_be_changed(
    api: Any, people: dict[str, str], as_: Any
) -> None:
    task = api.make("Task", OwnerId=people["rep"], WhatId=api.deal(OwnerId=people["mate"]))
    refused = as_("mate", "PATCH", f"sobjects/Task/{task}", {"Subject": "x"})
    assert refused.status_code == 403
    assert refused.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert as_("manager", "PATCH", f"sobjects/Task/{task}", {"Subject": "x"}).status_code == 204
