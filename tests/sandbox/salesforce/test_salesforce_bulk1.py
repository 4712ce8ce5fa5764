"""Bulk API 1.0 in its three formats."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

SPACE = "{http://www.force.com/2009/06/asyncapi/dataload}"
SESSION = "X-SFDC-Session"


def tree(answer: Any) -> ET.Element:
    return ET.fromstring(answer.content)  # noqa: S314 - of our own sandbox


class Bulk1:
    """Speaks XML, or JSON where the job does."""

    def __init__(self, api: Any, content: str) -> None:
        self.api = api
        self.content = content
        self.base = f"{api.server.url}/services/async/62.0/job"
        self.json = content == "JSON"

    def send(self, method: str, path: str, body: Any = b"", **headers: str) -> Any:
        kind = "application/json" if self.json else "application/xml"
        used = {SESSION: self.api.token(), "Content-Type": kind, **headers}
        data = body.encode() if isinstance(body, str) else body
        with_session = self.api.http.request
        return with_session(method, self.base + path, data=data, headers=used, timeout=20)

    def job(self, operation: str, table: str, **headers: str) -> str:
        if self.json:
            body = f'{{"operation":"{operation}","object":"{table}","contentType":"JSON"}}'
        else:
            body = (
                f'<jobInfo xmlns="{SPACE[1:-1]}"><operation>{operation}</operation>'
                f"<object>{table}</object><contentType>{self.content}</contentType></jobInfo>"
            )
        return self.read(self.send("POST", "", body, **headers))["id"]

    def read(self, answer: Any) -> dict[str, str]:
        if self.json:
            return dict(answer.json())
        return {child.tag.removeprefix(SPACE): child.text or "" for child in tree(answer)}

    def results(self, job: str, batch: str) -> list[str]:
        answer = self.send("GET", f"/{job}/batch/{batch}/result")
        if self.json:
            return list(answer.json())
        return [one.text or "" for one in tree(answer)]


@pytest.fixture(params=["CSV", "JSON", "XML"])
def bulk(api: Any, request: pytest.FixtureRequest) -> Bulk1:
    return Bulk1(api, request.param)


ROWS = {
    "CSV": "Subject,ActivityDate\nbulk one,2026-07-01\nbulk two,soon\n",
    "JSON": '[{"Subject":"bulk one","ActivityDate":"2026-07-01"},'
    '{"Subject":"bulk two","ActivityDate":"soon"}]',
    "XML": f'<sObjects xmlns="{SPACE[1:-1]}"><sObject><Subject>bulk one</Subject></sObject>'
    "<sObject><ActivityDate>soon</ActivityDate></sObject></sObjects>",
}


def test_a_query_gives_its_rows(bulk: Bulk1) -> None:
    job = bulk.job("query", "Organization")
    batch = bulk.read(bulk.send("POST", f"/{job}/batch", "SELECT Id, Name FROM Organization"))["id"]
    assert bulk.read(bulk.send("GET", f"/{job}/batch/{batch}"))["state"] == "Completed"
    (result,) = bulk.results(job, batch)
    rows = bulk.send("GET", f"/{job}/batch/{batch}/result/{result}").text
    assert bulk.api.access["org_id"] in rows
    assert "青葉商事" in rows


def test_rows_are_written_and_told_one_by_one(bulk: Bulk1) -> None:
    job = bulk.job("insert", "Task")
    batch = bulk.read(bulk.send("POST", f"/{job}/batch", ROWS[bulk.content]))["id"]
    told = bulk.send("GET", f"/{job}/batch/{batch}/result").text
    assert told.lower().count("true") >= 2
    assert "JSON_PARSER_ERROR" in told
    info = bulk.read(bulk.send("POST", f"/{job}", _closed(bulk)))
    assert (info["state"], int(info["numberRecordsFailed"])) == ("Closed", 1)


def _closed(bulk: Bulk1) -> str:
    if bulk.json:
        return '{"state":"Closed"}'
    return f'<jobInfo xmlns="{SPACE[1:-1]}"><state>Closed</state></jobInfo>'


def test_a_closed_job_takes_no_more_batches(bulk: Bulk1) -> None:
    job = bulk.job("insert", "Task")
    bulk.send("POST", f"/{job}", _closed(bulk))
    refused = bulk.send("POST", f"/{job}/batch", ROWS[bulk.content])
    assert (refused.status_code, "InvalidJobState" in refused.text) == (400, True)


def test_a_query_may_be_cut_by_ids(api: Any) -> None:
    bulk = Bulk1(api, "CSV")
    job = bulk.job("query", "Task", **{"Sforce-Enable-PKChunking": "chunkSize=50"})
    first = bulk.read(bulk.send("POST", f"/{job}/batch", "SELECT Id FROM Task"))
    assert first["state"] == "NotProcessed"
    listed = tree(bulk.send("GET", f"/{job}/batch"))
    ids = [one.findtext(f"{SPACE}id") for one in listed][1:]
    rows = []
    for batch in ids:
        (result,) = bulk.results(job, str(batch))
        rows += bulk.send("GET", f"/{job}/batch/{batch}/result/{result}").text.splitlines()[1:]
    assert len(set(rows)) == api.get("query", q="SELECT COUNT() FROM Task")["totalSize"]


def test_a_query_that_cannot_be_run_fails_its_batch(api: Any) -> None:
    bulk = Bulk1(api, "CSV")
    job = bulk.job("query", "Task")
    batch = bulk.read(bulk.send("POST", f"/{job}/batch", "SELECT Nothing FROM Task"))
    assert batch["state"] == "Failed"
    assert batch["stateMessage"].startswith("InvalidBatch : Failed to process query: INVALID_FIELD")


def test_in_json_a_moment_is_a_number(api: Any) -> None:
    bulk = Bulk1(api, "JSON")
    job = bulk.job("query", "Organization")
    query = "SELECT CreatedDate FROM Organization"
    batch = bulk.read(bulk.send("POST", f"/{job}/batch", query))["id"]
    (result,) = bulk.results(job, batch)
    row = bulk.send("GET", f"/{job}/batch/{batch}/result/{result}").json()[0]
    assert isinstance(row["CreatedDate"], int)


def test_without_a_session_it_refuses_in_its_own_words(bulk: Bulk1) -> None:
    refused = bulk.send("POST", "", b"", **{SESSION: "gone", "Authorization": ""})
    assert refused.status_code == 400
    assert "InvalidSessionId" in refused.text


@pytest.mark.parametrize("body", [b"<jobInfo>", b"<!DOCTYPE x><jobInfo/>", b""])
def test_what_is_no_document_is_refused(api: Any, body: bytes) -> None:
    refused = Bulk1(api, "XML").send("POST", "", body)
    assert (refused.status_code, "InvalidXML" in refused.text) == (400, True)


def test_an_unknown_object_is_refused(api: Any) -> None:
    bulk = Bulk1(api, "JSON")
    refused = bulk.send("POST", "", '{"operation":"query","object":"Nothing"}')
    assert refused.json()["exceptionCode"] == "InvalidJob"
