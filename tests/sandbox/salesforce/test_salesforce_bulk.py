"""Bulk API 2.0: jobs, pages, and what becomes of each row."""

import csv
import io
import time
from typing import Any

import pytest


def job(api: Any, query: str, **given: Any) -> Any:
    body = {"operation": "query", "query": query, **given}
    return api.call("POST", "jobs/query", json=body)


def cells(answer: Any, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode(), newline=""), delimiter=delimiter))


def results(api: Any, job_id: str, **params: Any) -> Any:
    return api.call("GET", f"jobs/query/{job_id}/results", params=params)


def test_a_job_is_shown_as_it_was_made(api: Any) -> None:
    made = job(api, "SELECT Id FROM Task").json()
    assert (made["state"], made["object"], made["apiVersion"]) == ("UploadComplete", "Task", 67.0)
    shown = api.get(f"jobs/query/{made['id']}")
    assert (shown["state"], shown["jobType"]) == ("JobComplete", "V2Query")
    count = api.get("query", q="SELECT COUNT() FROM Task")["totalSize"]
    assert shown["numberRecordsProcessed"] == count


def test_cells_are_quoted_and_null_is_empty(api: Any) -> None:
    text = 'a "b",\nc\u2028d'
    task = api.make("Task", Subject=text, ActivityDate="2026-07-01")
    query = f"SELECT Subject, IsClosed, WhatId, Owner.Name FROM Task WHERE Id = '{task}'"  # noqa: S608 - ours
    answer = results(api, job(api, query).json()["id"])
    assert cells(answer) == [["Subject", "IsClosed", "WhatId", "Owner.Name"],
                             [text, "false", "", "Integration User"]]  # fmt: skip
    assert answer.content.startswith(b'"Subject","IsClosed","WhatId","Owner.Name"\n"a ""b"",\nc')
    assert answer.headers["Content-Type"] == "text/csv"


def test_moments_end_in_z(api: Any) -> None:
    task = api.make("Task")
    query = f"SELECT SystemModstamp FROM Task WHERE Id = '{task}'"  # noqa: S608 - ours
    assert cells(results(api, job(api, query).json()["id"]))[1][0].endswith(".000Z")


def test_pages_are_found_by_their_locators(api: Any) -> None:
    made = job(api, "SELECT Id FROM Task").json()["id"]
    pages, locator = [], None
    while locator != "null":
        answer = results(api, made, maxRecords=50, locator=locator)
        pages.append(cells(answer))
        assert answer.headers["Sforce-NumberOfRecords"] == str(len(pages[-1]) - 1)
        locator = answer.headers["Sforce-Locator"]
    assert all(page[0] == ["Id"] for page in pages)
    ids = [row[0] for page in pages for row in page[1:]]
    assert len(ids) == len(set(ids)) == api.get("query", q="SELECT COUNT() FROM Task")["totalSize"]


def test_pages_can_be_read_beside_each_other(api: Any) -> None:
    made = job(api, "SELECT Id FROM Task").json()["id"]
    shown = api.get(f"jobs/query/{made}/resultPages", maxRecords=10)
    assert (len(shown["resultPages"]), shown["done"]) == (5, False)
    urls = [page["resultUrl"] for page in shown["resultPages"]]
    rows = [row[0] for url in urls
            for row in cells(api.http.get(api.server.url + url, timeout=20))[1:]]  # fmt: skip
    assert len(set(rows)) == 50


def test_result_pages_came_with_version_58(api: Any) -> None:
    old = api.base.replace("67.0", "57.0")
    body = {"operation": "query", "query": "SELECT Id FROM User"}
    made = api.http.post(f"{old}/jobs/query", json=body, timeout=20).json()["id"]
    pages = api.http.get(f"{old}/jobs/query/{made}/resultPages", timeout=20)
    assert pages.status_code == 404


def test_a_result_does_not_change_any_more(api: Any) -> None:
    task = api.make("Task", Subject="then")
    made = job(api, f"SELECT Subject FROM Task WHERE Id = '{task}'").json()["id"]  # noqa: S608 - ours
    api.call("PATCH", f"sobjects/Task/{task}", json={"Subject": "now"})
    assert cells(results(api, made))[1] == ["then"]


def test_deleted_rows_come_with_query_all(api: Any) -> None:
    task = api.make("Task")
    api.call("DELETE", f"sobjects/Task/{task}")
    query = f"SELECT IsDeleted FROM Task WHERE Id = '{task}'"  # noqa: S608 - ours
    assert cells(results(api, job(api, query).json()["id"])) == [["IsDeleted"]]
    made = job(api, query, operation="queryAll").json()["id"]
    assert cells(results(api, made))[1] == ["true"]


def test_other_delimiters_and_line_endings_are_known(api: Any) -> None:
    query = "SELECT Id, Name FROM Organization"
    made = job(api, query, columnDelimiter="PIPE", lineEnding="CRLF").json()["id"]
    answer = results(api, made)
    assert cells(answer, "|")[0] == ["Id", "Name"]
    assert answer.content.count(b"\r\n") == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM TaskStatus", "INVALIDENTITY"),
        ("SELECT BillingAddress FROM Account", "INVALID_FIELD"),
        ("SELECT COUNT(Id) FROM Task", "FEATURENOTENABLED"),
        ("SELECT StageName FROM Opportunity GROUP BY StageName", "FEATURENOTENABLED"),
        ("SELECT (SELECT Id FROM Tasks) FROM Opportunity", "FEATURENOTENABLED"),
        ("SELECT TYPEOF What WHEN Account THEN Name END FROM Task", "FEATURENOTENABLED"),
        ("SELECT Id FROM Task OFFSET 5", "FEATURENOTENABLED"),
        ("SELECT Nothing FROM Task", "INVALID_FIELD"),
    ],
)
def test_a_job_is_refused(api: Any, query: str, code: str) -> None:
    refused = job(api, query)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)


def test_all_calls_of_a_job_are_of_one_version(api: Any) -> None:
    made = job(api, "SELECT Id FROM User").json()["id"]
    other = api.http.get(f"{api.base.replace('67.0', '60.0')}/jobs/query/{made}", timeout=20)
    assert other.status_code == 409


def test_a_finished_job_can_be_deleted_but_not_aborted(api: Any) -> None:
    made = job(api, "SELECT Id FROM User").json()["id"]
    assert api.call("PATCH", f"jobs/query/{made}", json={"state": "Aborted"}).status_code == 400
    assert api.call("DELETE", f"jobs/query/{made}").status_code == 204
    assert api.call("GET", f"jobs/query/{made}").status_code == 404


def test_a_failed_job_says_why(api: Any) -> None:
    api.arm("partial_batch", path="/services/data/v67.0/jobs/query")
    made = job(api, "SELECT Id FROM User").json()["id"]
    shown = api.get(f"jobs/query/{made}")
    assert shown["state"] == "Failed"
    assert "QUERY_TIMEOUT" in shown["errorMessage"]


def ingest(api: Any, operation: str, text: str, table: str = "Task", **given: Any) -> str:
    body = {"operation": operation, "object": table, "contentType": "CSV", **given}
    made = api.call("POST", "jobs/ingest", json=body).json()
    assert made["state"] == "Open"
    data, headers = text.encode(), {"Content-Type": "text/csv"}
    put = api.http.put(f"{api.server.url}/{made['contentUrl']}", data, headers=headers, timeout=20)
    assert put.status_code == 201
    api.call("PATCH", f"jobs/ingest/{made['id']}", json={"state": "UploadComplete"})
    return str(made["id"])


def told(api: Any, job_id: str, what: str) -> list[list[str]]:
    return cells(api.call("GET", f"jobs/ingest/{job_id}/{what}"))


def test_an_import_says_which_rows_were_refused(api: Any) -> None:
    made = ingest(api, "insert", "Subject,ActivityDate\ngood,2026-07-01\nbad,soon\n")
    shown = api.get(f"jobs/ingest/{made}")
    assert (shown["state"], shown["numberRecordsProcessed"], shown["numberRecordsFailed"]) == (
        "JobComplete", 2, 1
    )  # fmt: skip
    done = told(api, made, "successfulResults")
    assert (done[0], done[1][1:]) == (
        ["sf__Id", "sf__Created", "Subject", "ActivityDate"], ["true", "good", "2026-07-01"]
    )  # fmt: skip
    assert told(api, made, "failedResults")[1][1].startswith("JSON_PARSER_ERROR:")
    assert told(api, made, "unprocessedrecords") == [["Subject", "ActivityDate"]]


def test_an_empty_cell_changes_nothing_and_na_clears(api: Any) -> None:
    task = api.make("Task", Subject="kept", ActivityDate="2026-07-01")
    ingest(api, "update", f"Id,Subject,ActivityDate\n{task},,#N/A\n")
    row = api.one("Task", task)
    assert (row["Subject"], row["ActivityDate"]) == ("kept", None)


def test_an_import_upserts_by_key_and_names_parents_by_theirs(api: Any) -> None:
    text = f"CrmLoop_Key__c,Name\ncl1a{'0e' * 20},1on1\n"
    for expected in ("true", "false"):
        made = ingest(api, "upsert", text, "CrmLoop_Session__c",
                      externalIdFieldName="CrmLoop_Key__c")  # fmt: skip
        assert told(api, made, "successfulResults")[1][1] == expected
    items = f"Title__c,Session__r.CrmLoop_Key__c\nt,cl1a{'0e' * 20}\n"
    made = ingest(api, "insert", items, "CrmLoop_Agenda_Item__c")
    assert len(told(api, made, "successfulResults")) == 2


def test_an_import_deletes(api: Any) -> None:
    task = api.make("Task")
    ingest(api, "delete", f"Id\n{task}\n")
    assert api.one("Task", task)["IsDeleted"] is True


def test_an_aborted_import_keeps_its_rows_unprocessed(api: Any) -> None:
    body = {"operation": "insert", "object": "Task"}
    made = api.call("POST", "jobs/ingest", json=body).json()["id"]
    api.call("PUT", f"jobs/ingest/{made}/batches", data=b"Subject\nx\n")
    api.call("PATCH", f"jobs/ingest/{made}", json={"state": "Aborted"})
    assert told(api, made, "unprocessedrecords") == [["Subject"], ["x"]]


@pytest.mark.parametrize(
    "body", [{"operation": "insert"}, {"operation": "upsert", "object": "Task"}, {"object": "Task"}]
)
def test_an_import_is_refused(api: Any, body: dict[str, str]) -> None:
    assert api.call("POST", "jobs/ingest", json=body).status_code in (400, 404)


def test_a_job_takes_the_time_that_was_asked_for(slow_api: Any) -> None:
    made = job(slow_api, "SELECT Id FROM User").json()["id"]
    seen = [slow_api.get(f"jobs/query/{made}")["state"]]
    refused = results(slow_api, made)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    while seen[-1] != "JobComplete":
        time.sleep(0.02)
        seen.append(slow_api.get(f"jobs/query/{made}")["state"])
    assert list(dict.fromkeys(seen)) == ["UploadComplete", "InProgress", "JobComplete"]


def test_a_waiting_job_can_be_aborted(slow_api: Any) -> None:
    made = job(slow_api, "SELECT Id FROM User").json()["id"]
    slow_api.call("PATCH", f"jobs/query/{made}", json={"state": "Aborted"})
    assert slow_api.get(f"jobs/query/{made}")["state"] == "Aborted"
