"""Bulk API 2.0, reading: a job is made, waited for and read page by page as CSV."""

import asyncio
import base64
import binascii
from typing import Any

from crm_loop_sandbox.salesforce.api.query import visible
from crm_loop_sandbox.salesforce.call import CSV, Call, Reply
from crm_loop_sandbox.salesforce.csv_text import DELIMITERS, LINE_ENDINGS
from crm_loop_sandbox.salesforce.errors import ApiError, error, not_found
from crm_loop_sandbox.salesforce.jobs import QueryJob, jobs_of, new_job_id
from crm_loop_sandbox.salesforce.soql.parse import parse
from crm_loop_sandbox.salesforce.soql.run import Selection

#: Rows of a page where the caller does not say, and jobs a day.
PAGE, DAILY_JOBS = 50_000, 10_000
#: So many pages are named at once.
PARALLEL = 5
#: Since this version pages can be read beside each other.
PAGES_SINCE = 58.0
_UNSUPPORTED = ("TaskStatus", "TaskPriority", "TaskWhoRelation", "EventWhoRelation")
_ENDED = ("JobComplete", "Failed", "Aborted")


def create(call: Call) -> Reply:
    given = call.record()
    operation = str(given.get("operation", "query"))
    if operation not in ("query", "queryAll"):
        raise error(400, "INVALIDJOB", f"Unsupported operation: {operation}")
    scratch = call.org.kernel.scratch
    if scratch.get("sf.query_jobs", 0) >= DAILY_JOBS:
        message = f"Max bulk v2 query jobs ({DAILY_JOBS}) per 24 hrs has been reached"
        raise error(400, "EXCEEDEDQUOTA", message)
    selection = bulk_selection(call, str(given.get("query", "")), operation)
    job = QueryJob(
        id=new_job_id(call.org),
        operation=operation,
        object=selection.table,
        version=call.version,
        user=call.user,
        created=call.org.now,
        takes_seconds=call.org.kernel.options.bulk_seconds,
        delimiter=_known(given.get("columnDelimiter"), DELIMITERS),
        ending=_known(given.get("lineEnding"), LINE_ENDINGS),
        query=selection.query.text,
        paths=selection.paths,
    )
    if call.takes("partial_batch"):
        job.state = "Failed"
        job.error = (
            "InvalidBatch : Failed to process query: QUERY_TIMEOUT: Your query request was running "
            "for too long."
        )
    else:
        turn = scratch.setdefault("sf.writing", asyncio.Lock())
        job.fill(visible(call, selection), turn)
    scratch["sf.query_jobs"] = scratch.get("sf.query_jobs", 0) + 1
    jobs_of(call.org, "query")[job.id] = job
    return Reply(_shown(job, "UploadComplete"))


def bulk_selection(call: Call, text: str, operation: str) -> Selection:
    """The query of a job; refuses what only the other API can do."""
    if not text:
        raise error(400, "INVALIDJOB", "query is required")
    query = parse(text)
    if query.table in _UNSUPPORTED or query.table.endswith(("Feed", "__Share")):
        message = f"Entity '{query.table}' is not supported by the Bulk API."
        raise error(400, "INVALIDENTITY", message)
    selection = Selection(call.org, query, with_deleted=operation == "queryAll",
                          viewer=call.viewer)  # fmt: skip
    if query.offset:
        raise _cannot("OFFSET clause")
    if selection.is_aggregate:
        raise _cannot("Aggregate functions and GROUP BY")
    if len(selection.paths) < len(selection.items):
        raise _cannot("TYPEOF, functions and parent-to-child sub-queries")
    if any(path.field is not None and path.field.type == "address" for path in selection.paths):
        raise error(400, "INVALID_FIELD", "Selecting compound data not supported in Bulk Query")
    return selection


def _cannot(what: str) -> ApiError:
    return error(400, "FEATURENOTENABLED", f"{what} not supported in Bulk Query")


def _known(value: Any, names: dict[str, str]) -> str:
    name = str(value or next(iter(names)))
    if name not in names:
        raise error(400, "INVALIDJOB", f"Unsupported value: {name}")
    return name


def everything(call: Call) -> Reply:
    records = [_shown(job, job.current()) for job in jobs_of(call.org, "query").values()]
    return Reply({"done": True, "records": records, "nextRecordsUrl": None})


def one(call: Call) -> Reply:
    job = _job(call)
    state = job.current()
    shown = _shown(job, state) | {
        "jobType": "V2Query",
        "numberRecordsProcessed": job.records if state == "JobComplete" else 0,
        "retries": 0,
        "totalProcessingTime": int(min(job.passed, job.takes_seconds) * 1000),
        "isPkChunkingSupported": True,
    }
    return Reply(shown | ({"errorMessage": job.error} if job.error else {}))


def abort(call: Call) -> Reply:
    job = _job(call)
    if call.record().get("state") != "Aborted":
        raise error(400, "INVALIDJOBSTATE", "A query job can only be aborted")
    if job.current() in _ENDED:
        raise error(400, "INVALIDJOBSTATE", f"Job is already {job.current()}")
    job.state = "Aborted"
    return Reply(_shown(job, "Aborted"))


def delete(call: Call) -> Reply:
    job = _job(call)
    if job.current() not in _ENDED:
        raise error(400, "INVALIDJOBSTATE", "Job must be completed, failed or aborted")
    del jobs_of(call.org, "query")[job.id]
    return Reply(None, 204)


def results(call: Call) -> Reply:
    """One page; `Sforce-Locator` of the last one is the text null."""
    job = _complete(call)
    start = _offset(call.query.get("locator"))
    if call.query.get("locator") and call.takes("expire_locator"):
        raise error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    size = int(call.query.get("maxRecords") or PAGE)
    if call.takes("short_page"):
        size = max(1, size // 2)
    end = start + size
    lines = job.lines[start:end]
    headers = {
        "Sforce-Locator": _locator(end) if end < job.records else "null",
        "Sforce-NumberOfRecords": str(len(lines)),
    }
    body = (job.header() + "".join(lines)).encode()
    return Reply(body, 200, headers, CSV)


def result_pages(call: Call) -> Reply:
    """Addresses of pages that may be read at the same time."""
    if call.version_number < PAGES_SINCE:
        raise not_found()
    job = _complete(call)
    start = _offset(call.query.get("locator"))
    size = int(call.query.get("maxRecords") or PAGE)
    base = f"/services/data/{call.version}/jobs/query/{job.id}"
    offsets = range(start, max(job.records, 1), size)
    pages = [
        {"resultUrl": f"{base}/results?locator={_locator(offset)}&maxRecords={size}"}
        for offset in offsets[:PARALLEL]
    ]
    done = len(offsets) <= PARALLEL
    next_url = None
    if not done:
        next_url = f"{base}/resultPages?locator={_locator(offsets[PARALLEL])}&maxRecords={size}"
    return Reply({"resultPages": pages, "nextRecordsUrl": next_url, "done": done})


def _job(call: Call) -> QueryJob:
    job: QueryJob | None = jobs_of(call.org, "query").get(call.names["job"])
    if job is None:
        raise not_found()
    if job.version != call.version:
        message = f"Job was created with version {job.version[1:]}, not {call.version[1:]}"
        raise error(409, "API_ERROR", message)
    return job


def _complete(call: Call) -> QueryJob:
    job = _job(call)
    if job.current() != "JobComplete":
        raise error(400, "INVALIDJOBSTATE", f"Job is {job.current()}, there are no results")
    return job


def _shown(job: QueryJob, state: str) -> dict[str, Any]:
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user,
        "createdDate": job.created,
        "systemModstamp": job.created,
        "state": state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version[1:]),
        "lineEnding": job.ending,
        "columnDelimiter": job.delimiter,
    }


def _locator(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str | None) -> int:
    if not locator or locator == "null":
        return 0
    try:
        return int(base64.b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise error(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from None
