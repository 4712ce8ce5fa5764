"""Bulk API 2.0, writing: a job takes a CSV and says of every row what became of it."""

import csv
import io
import time
from collections.abc import Callable
from typing import Any

from crm_loop_sandbox.salesforce.api.bulk_rows import Outcome, apply_row
from crm_loop_sandbox.salesforce.api.records import table_named
from crm_loop_sandbox.salesforce.call import CSV, Call, Reply
from crm_loop_sandbox.salesforce.csv_text import DELIMITERS, LINE_ENDINGS, line
from crm_loop_sandbox.salesforce.errors import error, not_found
from crm_loop_sandbox.salesforce.jobs import IngestJob, jobs_of, new_job_id

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
#: Bytes of one upload.
LARGEST = 150_000_000


def create(call: Call) -> Reply:
    given = call.record()
    operation = str(given.get("operation", ""))
    if operation not in OPERATIONS:
        raise error(400, "INVALIDJOB", f"Unsupported operation: {operation}")
    call.names = {**call.names, "table": str(given.get("object", ""))}
    external = given.get("externalIdFieldName")
    if operation == "upsert" and not external:
        message = "An upsert operation requires an external ID field name."
        raise error(400, "INVALIDJOB", message)
    job = IngestJob(
        id=new_job_id(call.org),
        operation=operation,
        object=table_named(call),
        version=call.version,
        user=call.user,
        created=call.org.now,
        takes_seconds=call.org.kernel.options.bulk_seconds,
        state="Open",
        delimiter=str(given.get("columnDelimiter") or "COMMA"),
        ending=str(given.get("lineEnding") or "LF"),
        external_field=external,
    )
    if job.delimiter not in DELIMITERS or job.ending not in LINE_ENDINGS:
        raise error(400, "INVALIDJOB", "Unsupported column delimiter or line ending")
    jobs_of(call.org, "ingest")[job.id] = job
    content = f"services/data/{call.version}/jobs/ingest/{job.id}/batches"
    return Reply(_shown(job) | {"contentUrl": content})


def upload(call: Call) -> Reply:
    job = _job(call)
    if job.state != "Open" or job.raw:
        raise error(400, "INVALIDJOBSTATE", "Data has been uploaded for this job already")
    if len(call.raw) > LARGEST:
        raise error(413, "EXCEEDEDQUOTA", "The upload is larger than 150 MB")
    job.raw = call.raw
    return Reply(None, 201)


def change(call: Call) -> Reply:
    """`UploadComplete` starts the job, `Aborted` ends it."""
    job = _job(call)
    state = call.record().get("state")
    if state not in ("UploadComplete", "Aborted"):
        raise error(400, "INVALIDJOBSTATE", f"Unsupported state: {state}")
    if job.current() != "Open":
        raise error(400, "INVALIDJOBSTATE", f"Job is already {job.current()}")
    job.state, job.began = str(state), time.monotonic()
    if state == "UploadComplete":
        _run(call, job)
    return Reply(_shown(job) | {"state": state})


def _run(call: Call, job: IngestJob) -> None:
    reader = csv.reader(io.StringIO(job.raw.decode("utf-8-sig"), newline=""),
                        delimiter=job.separators[0])  # fmt: skip
    job.columns = next(reader, [])
    for cells in filter(None, reader):
        record = dict(zip(job.columns, cells, strict=False))
        outcome: Outcome = apply_row(call, job.object, job.operation, record, job.external_field)
        if outcome.error is None:
            job.done.append((outcome.id, outcome.created, cells))
        else:
            job.refused.append((outcome.id, outcome.error, cells))


def one(call: Call) -> Reply:
    job = _job(call)
    ended = job.current() == "JobComplete"
    took = int(min(job.passed, job.takes_seconds) * 1000)
    return Reply(
        _shown(job)
        | {
            "jobType": "V2Ingest",
            "numberRecordsProcessed": len(job.done) + len(job.refused) if ended else 0,
            "numberRecordsFailed": len(job.refused) if ended else 0,
            "retries": 0,
            "totalProcessingTime": took,
            "apiActiveProcessingTime": took,
            "apexProcessingTime": 0,
        }
    )


def everything(call: Call) -> Reply:
    records = [_shown(job) for job in jobs_of(call.org, "ingest").values()]
    return Reply({"done": True, "records": records, "nextRecordsUrl": None})


def delete(call: Call) -> Reply:
    job = _job(call)
    del jobs_of(call.org, "ingest")[job.id]
    return Reply(None, 204)


def successful(call: Call) -> Reply:
    job = _job(call)
    rows = [[record_id, str(made).lower(), *cells] for record_id, made, cells in job.done]
    return _csv(job, ["sf__Id", "sf__Created"], rows)


def failed(call: Call) -> Reply:
    job = _job(call)
    rows = [[record_id, message, *cells] for record_id, message, cells in job.refused]
    return _csv(job, ["sf__Id", "sf__Error"], rows)


def unprocessed(call: Call) -> Reply:
    """Only an aborted job leaves rows behind."""
    job = _job(call)
    if job.current() == "Aborted":
        return Reply(job.raw, 200, {}, CSV)
    return _csv(job, [], [])


def _csv(job: IngestJob, names: list[str], rows: list[list[str]]) -> Reply:
    write: Callable[[list[str]], str] = lambda cells: line(cells, *job.separators)  # noqa: E731
    text = write([*names, *job.columns]) + "".join(map(write, rows))
    return Reply(text.encode(), 200, {}, CSV)


def _job(call: Call) -> IngestJob:
    job: IngestJob | None = jobs_of(call.org, "ingest").get(call.names["job"])
    if job is None:
        raise not_found()
    return job


def _shown(job: IngestJob) -> dict[str, Any]:
    shown = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user,
        "createdDate": job.created,
        "systemModstamp": job.created,
        "state": job.current(),
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version[1:]),
        "lineEnding": job.ending,
        "columnDelimiter": job.delimiter,
    }
    named = job.external_field
    return shown | ({"externalIdFieldName": named} if named else {})
