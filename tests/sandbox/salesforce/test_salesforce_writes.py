"""Single records, collections and composites: outcomes, refusals, all or nothing."""

from typing import Any
from uuid import uuid4

import pytest


def key() -> str:
    return "cl1t" + (uuid4().hex + uuid4().hex)[:40]


def collection(api: Any, *records: dict[str, Any], **envelope: Any) -> Any:
    body = {"records": [{"attributes": {"type": "Task"}, **one} for one in records], **envelope}
    return api.call("POST", "composite/sobjects", json=body)


def count(api: Any, subject: str) -> int:
    return int(api.get("query", q=f"SELECT COUNT() FROM Task WHERE Subject = '{subject}'")[  # noqa: S608 - ours
        "totalSize"
    ])  # fmt: skip


def test_a_new_record_has_a_place(api: Any) -> None:
    made = api.call("POST", "sobjects/Task/", json={"Subject": "placed"})
    record_id = made.json()["id"]
    assert made.json() == {"id": record_id, "success": True, "errors": []}
    assert made.headers["Location"] == f"/services/data/v67.0/sobjects/Task/{record_id}"


def test_a_change_answers_nothing_and_counts_no_limit(api: Any) -> None:
    changed = api.call("PATCH", f"sobjects/Task/{api.make('Task')}", json={"Subject": "x"})
    assert (changed.status_code, changed.content) == (204, b"")
    assert "Sforce-Limit-Info" not in changed.headers


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"WhoId": "{lead}", "WhatId": "{deal}"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"WhatId": "{user}"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"IsReminderSet": "perhaps"}, "JSON_PARSER_ERROR"),
        ({"OwnerId": "{leaver}"}, "INACTIVE_OWNER_OR_USER"),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_task_is_refused(api: Any, fields: dict[str, Any], code: str) -> None:
    user = api.rows("SELECT Id FROM User WHERE IsActive = true LIMIT 1")[0]["Id"]
    leaver = api.make("User", Username="gone", Email="gone@x.example", LastName="Gone")
    named = {"lead": api.make("Lead", LastName="L", Company="C"), "deal": api.deal(),
             "user": user, "leaver": leaver}  # fmt: skip
    given = {n: v.format(**named) if isinstance(v, str) else v for n, v in fields.items()}
    refused = api.call("POST", "sobjects/Task", json=given)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    ("table", "fields", "code"),
    [
        ("Contact", {"FirstName": "x"}, "REQUIRED_FIELD_MISSING"),
        ("Contact", {"LastName": "x", "Email": "nowhere"}, "INVALID_EMAIL_ADDRESS"),
        ("CrmLoop_Session__c", {"Status__c": "lost"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("CrmLoop_Agenda_Item__c", {"Title__c": "x"}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_a_record_is_refused(api: Any, table: str, fields: dict[str, Any], code: str) -> None:
    refused = api.call("POST", f"sobjects/{table}", json=fields)
    assert refused.json()[0]["errorCode"] == code


def test_a_parent_may_be_named_by_its_key(api: Any) -> None:
    session = api.make("CrmLoop_Session__c", Name="s", CrmLoop_Key__c=key())
    named = api.one("CrmLoop_Session__c", session)["CrmLoop_Key__c"]
    item = api.make("CrmLoop_Agenda_Item__c", Title__c="t", Session__r={"CrmLoop_Key__c": named})
    assert api.one("CrmLoop_Agenda_Item__c", item)["Session__c"] == session


def test_an_upsert_tells_whether_it_made_the_record(api: Any) -> None:
    place = f"sobjects/CrmLoop_Session__c/CrmLoop_Key__c/{key()}"
    once, twice = (api.call("PATCH", place, json={"Name": name}) for name in "ab")
    assert (once.status_code, once.json()["created"]) == (201, True)
    assert (twice.status_code, twice.json()["created"]) == (200, False)


def test_before_version_46_an_updating_upsert_says_nothing(api: Any) -> None:
    place = f"sobjects/CrmLoop_Session__c/CrmLoop_Key__c/{key()}"
    api.call("PATCH", place, json={"Name": "a"})
    old = api.http.patch(f"{api.base.replace('67', '45')}/{place}", json={"Name": "b"}, timeout=20)
    assert (old.status_code, old.content) == (204, b"")


def test_an_upsert_that_may_only_update_finds_nothing(api: Any) -> None:
    place = f"sobjects/CrmLoop_Session__c/CrmLoop_Key__c/{key()}?updateOnly=true"
    assert api.call("PATCH", place, json={"Name": "a"}).status_code == 404


def test_a_field_that_is_no_key_finds_nothing(api: Any) -> None:
    refused = api.call("PATCH", "sobjects/Task/Subject/x", json={})
    assert refused.status_code == 404
    assert "external ID field does not exist" in refused.json()[0]["message"]


def test_one_key_is_unique_over_tasks_and_events(api: Any) -> None:
    taken = key()
    task = api.make("Task", CrmLoop_Key__c=taken)
    refused = api.call("POST", "sobjects/Event", json={
        "CrmLoop_Key__c": taken, "StartDateTime": "2026-06-09T01:00:00Z", "DurationInMinutes": 30
    })  # fmt: skip
    assert refused.json()[0]["message"] == (
        f"duplicate value found: CrmLoop_Key__c duplicates value on record with id: {task[:15]}"
    )


def test_the_key_of_a_deleted_record_may_be_used_again(api: Any) -> None:
    taken = key()
    gone = api.make("Task", CrmLoop_Key__c=taken)
    api.call("DELETE", f"sobjects/Task/{gone}")
    assert api.make("Task", CrmLoop_Key__c=taken) != gone


def test_a_key_that_was_changed_is_free(api: Any) -> None:
    taken = key()
    task = api.make("Task", CrmLoop_Key__c=taken)
    api.call("PATCH", f"sobjects/Task/{task}", json={"CrmLoop_Key__c": key()})
    assert api.make("Task", CrmLoop_Key__c=taken)


def test_rows_with_one_key_in_one_collection_all_fail(api: Any) -> None:
    same = key()
    outcomes = collection(api, {"CrmLoop_Key__c": same}, {"CrmLoop_Key__c": same}, {}).json()
    assert [one["success"] for one in outcomes] == [False, False, True]
    assert outcomes[0]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert "id" not in outcomes[0]


def test_all_or_none_leaves_nothing_behind(api: Any) -> None:
    entries = api.server.get("/__journal")["next"]
    answer = collection(api, {"Subject": "together"}, {"Nothing__c": 1}, allOrNone=True).json()
    assert [one["errors"][0]["statusCode"] for one in answer] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"
    ]  # fmt: skip
    assert count(api, "together") == 0
    assert api.server.get("/__journal")["next"] == entries


def test_all_or_none_puts_changed_records_back(api: Any) -> None:
    deal = api.deal(Amount=1)
    before = api.one("Opportunity", deal)
    records = [{"attributes": {"type": "Opportunity"}, "Id": deal, "Amount": 2},
               {"attributes": {"type": "Opportunity"}, "Id": deal, "Nothing__c": 2}]  # fmt: skip
    api.call("PATCH", "composite/sobjects", json={"allOrNone": True, "records": records})
    assert api.one("Opportunity", deal) == before
    history = f"SELECT Id FROM OpportunityHistory WHERE OpportunityId = '{deal}'"  # noqa: S608 - ours
    assert len(api.rows(history)) == 1


@pytest.mark.parametrize(
    ("records", "code"), [(0, "REQUIRED_FIELD_MISSING"), (201, "EXCEEDED_ID_LIMIT")]
)
def test_a_collection_holds_one_to_two_hundred_rows(api: Any, records: int, code: str) -> None:
    refused = collection(api, *[{}] * records)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)


def test_a_collection_upsert_shows_created_last(api: Any) -> None:
    body = {"records": [{"attributes": {"type": "Task"}, "CrmLoop_Key__c": key()}]}
    outcome = api.call("PATCH", "composite/sobjects/Task/CrmLoop_Key__c", json=body).json()[0]
    assert list(outcome) == ["id", "success", "errors", "created"]


def test_records_are_read_in_the_order_of_their_ids(api: Any) -> None:
    ids = [api.make("Task", Subject=text) for text in ("one", "two")]
    body = {"ids": [ids[1], "00T000000000000AAA", ids[0]], "fields": ["Subject"]}
    found = api.call("POST", "composite/sobjects/Task", json=body).json()
    assert [row and row["Subject"] for row in found] == ["two", None, "one"]


def test_a_collection_deletes_each_on_its_own(api: Any) -> None:
    task = api.make("Task")
    answer = api.call("DELETE", "composite/sobjects", params={"ids": f"{task},{task}"}).json()
    assert [one["success"] for one in answer] == [True, False]
    assert answer[1]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def composite(api: Any, *parts: tuple[str, str, Any], together: bool = False) -> list[Any]:
    requests = [
        {"method": method, "url": f"/services/data/v67.0/{path}", "referenceId": f"r{n}",
         **({} if body is None else {"body": body})}
        for n, (method, path, body) in enumerate(parts)
    ]  # fmt: skip
    body = {"allOrNone": together, "compositeRequest": requests}
    return list(api.call("POST", "composite", json=body).json()["compositeResponse"])


def test_a_part_may_use_the_answer_of_another(api: Any) -> None:
    made, read = composite(
        api, ("POST", "sobjects/Account", {"Name": "C"}), ("GET", "sobjects/Account/@{r0.id}", None)
    )
    assert made["httpHeaders"]["Location"].endswith(made["body"]["id"])
    assert read["body"]["Name"] == "C"


def test_parts_that_belong_together_are_taken_back(api: Any) -> None:
    made, failed = composite(
        api, ("POST", "sobjects/Task", {"Subject": "halted"}), ("POST", "sobjects/Task", {"No": 1}),
        together=True,
    )  # fmt: skip
    assert made["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert failed["body"][0]["errorCode"] == "INVALID_FIELD"
    assert count(api, "halted") == 0


def test_a_composite_counts_once_and_a_batch_for_each_part(api: Any) -> None:
    def used() -> int:
        shown = api.call("GET", "limits").headers["Sforce-Limit-Info"]
        return int(shown.removeprefix("api-usage=").split("/")[0])

    start = used()
    composite(api, *[("GET", "limits", None)] * 3)
    assert used() - start == 2
    parts = {"batchRequests": [{"method": "GET", "url": "v67.0/limits"}] * 3}
    assert api.call("POST", "composite/batch", json=parts).json()["hasErrors"] is False
    assert used() - start == 6


def test_a_batch_may_stop_at_the_first_error(api: Any) -> None:
    parts = [{"method": "GET", "url": f"v67.0/{path}"} for path in ("nothing", "limits")]
    body = {"haltOnError": True, "batchRequests": parts}
    results = api.call("POST", "composite/batch", json=body).json()["results"]
    assert [one["statusCode"] for one in results] == [404, 412]


@pytest.mark.parametrize("parts", [0, 26])
def test_a_composite_has_one_to_twenty_five_parts(api: Any, parts: int) -> None:
    one = {"method": "GET", "url": "/services/data/v67.0/limits"}
    body = {"compositeRequest": [{**one, "referenceId": f"r{n}"} for n in range(parts)]}
    assert api.call("POST", "composite", json=body).status_code == 400


def test_another_method_is_told_apart_from_no_path(api: Any) -> None:
    refused = api.call("PUT", "limits")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
