"""Bulk API 1.0, which many tools still use: jobs of batches, in CSV, JSON or XML."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from crm_loop_sandbox.salesforce.api.bulk1_formats import (
    Batch,
    Job1,
    read_rows,
    request_media,
    shown_rows,
    write_records,
    write_results,
)
from crm_loop_sandbox.salesforce.api.bulk_query import bulk_selection
from crm_loop_sandbox.salesforce.api.bulk_rows import apply_row
from crm_loop_sandbox.salesforce.call import JSON, XML, Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError
from crm_loop_sandbox.salesforce.jobs import jobs_of
from crm_loop_sandbox.salesforce.org import Row, named
from crm_loop_sandbox.salesforce.xml_text import document, parsed, texts

QUERIES = ("query", "queryAll")
OPERATIONS = (*QUERIES, "insert", "update", "upsert", "delete", "hardDelete")
#: Rows of a batch, and of a part where a query is cut by ids.
MOST_ROWS, CHUNK = 10_000, 100_000


class Bulk1Error(Exception):
    """A refusal in this API's own form."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def answer(call: Call) -> Reply:
    """Everything under `/services/async/{version}/job`."""
    parts = call.path.split("/")[5:]
    try:
        return _route(call, parts)
    except Bulk1Error as refused:
        return _said(call, "error", _error(refused.code, str(refused)), status=refused.status)
    except ApiError as refused:
        first = refused.body[0]
        text = f"{first['errorCode']}: {first['message']}"
        return _said(call, "error", _error("InvalidBatch", text), status=400)


def no_session(call_json: bool) -> Reply:  # noqa: FBT001 - which of two forms
    body = _error("InvalidSessionId", "Invalid session id")
    return Reply(body, 400) if call_json else Reply(document("error", body), 400, media=XML)


def _error(code: str, message: str) -> dict[str, str]:
    return {"exceptionCode": code, "exceptionMessage": message}


def _route(call: Call, parts: list[str]) -> Reply:
    routes: list[tuple[str, str, Callable[..., Reply]]] = [
        ("POST", "", _create),
        ("GET", "{}", _job_info),
        ("POST", "{}", _change),
        ("POST", "{}/batch", _add),
        ("GET", "{}/batch", _batches),
        ("GET", "{}/batch/{}", _batch_info),
        ("GET", "{}/batch/{}/request", _request),
        ("GET", "{}/batch/{}/result", _results),
        ("GET", "{}/batch/{}/result/{}", _result),
    ]
    for method, pattern, act in routes:
        words = pattern.split("/") if pattern else []
        fits = len(words) == len(parts) and all(
            word in ("{}", part) for word, part in zip(words, parts, strict=True)
        )
        if fits and method == call.method:
            named_ = [part for word, part in zip(words, parts, strict=True) if word == "{}"]
            return act(call, *named_)
    raise Bulk1Error("InvalidUrl", "Destination URL not reset", 404)


def _create(call: Call) -> Reply:
    given = _given(call)
    operation, table = given.get("operation", ""), named(call.org, given.get("object", ""))
    if operation not in OPERATIONS:
        raise Bulk1Error("InvalidJob", f"Unsupported operation: {operation}")
    if table is None:
        raise Bulk1Error("InvalidJob", f"Unable to find object: {given.get('object')}")
    content = given.get("contentType") or "XML"
    if content not in ("CSV", "JSON", "XML"):
        raise Bulk1Error("InvalidJob", f"Unsupported content type: {content}")
    job = Job1(
        id=call.org.new_id("AsyncApexJob"),
        operation=operation,
        object=table,
        content=content,
        external=given.get("externalIdFieldName"),
        version=call.version,
        user=call.user,
        created=call.org.now,
        takes_seconds=call.org.kernel.options.bulk_seconds,
        chunk=_chunk(call.headers.get("sforce-enable-pkchunking", "")),
    )
    jobs_of(call.org, "bulk1")[job.id] = job
    return _said(call, "jobInfo", job.info(), status=201)


def _chunk(header: str) -> int | None:
    size = re.search(r"chunkSize=(\d+)", header)
    if size:
        return int(size[1])
    return CHUNK if header.strip().lower() == "true" else None


def _job_info(call: Call, job_id: str) -> Reply:
    return _said(call, "jobInfo", _job(call, job_id).info())


def _change(call: Call, job_id: str) -> Reply:
    job, state = _job(call, job_id), _given(call).get("state")
    if state not in ("Closed", "Aborted"):
        raise Bulk1Error("InvalidJobState", f"Unsupported state: {state}")
    job.state = str(state)
    return _said(call, "jobInfo", job.info())


def _add(call: Call, job_id: str) -> Reply:
    job = _job(call, job_id)
    if job.state != "Open":
        raise Bulk1Error("InvalidJobState", f"Job {job.id} is {job.state}")
    batch = _new_batch(call, job)
    batch.request = call.raw
    scratch = call.org.kernel.scratch
    scratch["sf.batches"] = scratch.get("sf.batches", 0) + 1
    if job.operation in QUERIES:
        _query(call, job, batch)
    else:
        _load(call, job, batch)
    return _said(call, "batchInfo", batch.info(), status=201)


def _new_batch(call: Call, job: Job1) -> Batch:
    batch = Batch(call.org.new_id("BulkBatch"), job, call.org.now, time.monotonic())
    job.batches[batch.id] = batch
    return batch


def _query(call: Call, job: Job1, batch: Batch) -> None:
    """A query that is cut by ids leaves its first batch unprocessed and adds one a part."""
    try:
        selection = bulk_selection(call, call.raw.decode().strip(), job.operation)
    except ApiError as refused:
        first = refused.body[0]
        batch.failed = (
            f"InvalidBatch : Failed to process query: {first['errorCode']}: {first['message']}"
        )
        return
    rows: list[Row] = selection.matching()
    if job.chunk is None:
        _put(call, batch, write_records(job, selection, rows), len(rows))
        return
    batch.not_processed = True
    rows.sort(key=lambda row: str(row["Id"]))
    for start in range(0, max(len(rows), 1), job.chunk):
        part = rows[start : start + job.chunk]
        chunk = _new_batch(call, job)
        _put(call, chunk, write_records(job, selection, part), len(part))


def _put(call: Call, batch: Batch, body: bytes, count: int) -> None:
    batch.results[call.org.new_id("BulkResult")] = body
    batch.processed = count


def _load(call: Call, job: Job1, batch: Batch) -> None:
    rows = read_rows(job, call.raw)
    if len(rows) > MOST_ROWS:
        message = f"Records not processed: more than {MOST_ROWS} in a batch"
        batch.failed = f"InvalidBatch : {message}"
        return
    batch.rows = rows
    batch.outcomes = [apply_row(call, job.object, job.operation, r, job.external) for r in rows]
    batch.processed = len(rows)
    batch.refused = sum(outcome.error is not None for outcome in batch.outcomes)


def _batches(call: Call, job_id: str) -> Reply:
    infos = [batch.info() for batch in _job(call, job_id).batches.values()]
    return _said(call, "batchInfoList", {"batchInfo": infos})


def _batch_info(call: Call, job_id: str, batch_id: str) -> Reply:
    return _said(call, "batchInfo", _batch(call, job_id, batch_id).info())


def _request(call: Call, job_id: str, batch_id: str) -> Reply:
    batch = _batch(call, job_id, batch_id)
    return Reply(batch.request, media=request_media(batch.job))


def _results(call: Call, job_id: str, batch_id: str) -> Reply:
    batch = _batch(call, job_id, batch_id)
    if batch.state != "Completed":
        raise Bulk1Error("InvalidBatch", f"Batch is {batch.state}")
    if batch.job.operation not in QUERIES:
        return shown_rows(batch, write_results(batch))
    ids = list(batch.results)
    if _is_json(call, batch.job):
        return Reply(ids)
    return Reply(document("result-list", {"result": ids}), media=XML)


def _result(call: Call, job_id: str, batch_id: str, result_id: str) -> Reply:
    batch = _batch(call, job_id, batch_id)
    if result_id not in batch.results:
        raise Bulk1Error("InvalidBatch", f"No result {result_id}", 404)
    return shown_rows(batch, batch.results[result_id])


def _job(call: Call, job_id: str) -> Job1:
    job: Job1 | None = jobs_of(call.org, "bulk1").get(job_id)
    if job is None:
        raise Bulk1Error("InvalidJob", f"Invalid job id: {job_id}", 404)
    return job


def _batch(call: Call, job_id: str, batch_id: str) -> Batch:
    batch = _job(call, job_id).batches.get(batch_id)
    if batch is None:
        raise Bulk1Error("InvalidBatch", f"Invalid batch id: {batch_id}", 404)
    return batch


def _given(call: Call) -> Mapping[str, str]:
    if "json" in call.headers.get("content-type", ""):
        return {name: str(value) for name, value in call.record().items()}
    try:
        return texts(parsed(call.raw))
    except ValueError as wrong:
        raise Bulk1Error("InvalidXML", str(wrong)) from None


def _is_json(call: Call, job: Job1 | None = None) -> bool:
    asked = call.headers.get("content-type", "") + call.headers.get("accept", "")
    return "json" in asked or (job is not None and job.content == "JSON")


def _said(call: Call, name: str, value: Any, *, status: int = 200) -> Reply:
    if _is_json(call):
        return Reply(value, status, media=JSON)
    return Reply(document(name, value), status, media=XML)
