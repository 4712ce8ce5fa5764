"""Jobs and batches of Bulk API 1.0, and their rows in its three formats."""

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from crm_loop_sandbox.salesforce.api.bulk_rows import NULL, Outcome
from crm_loop_sandbox.salesforce.call import JSON, XML, Reply
from crm_loop_sandbox.salesforce.csv_text import line, lines_of
from crm_loop_sandbox.salesforce.moments import read as read_moment
from crm_loop_sandbox.salesforce.org import Row
from crm_loop_sandbox.salesforce.soql.run import Selection
from crm_loop_sandbox.salesforce.xml_text import document, parsed

_MEDIA = {"CSV": "text/csv;charset=UTF-8", "JSON": JSON, "XML": XML}


@dataclass(slots=True, kw_only=True)
class Job1:
    id: str
    operation: str
    object: str
    content: str
    external: str | None
    version: str
    user: str
    created: str
    takes_seconds: float
    chunk: int | None
    state: str = "Open"
    batches: "dict[str, Batch]" = field(default_factory=dict)

    def info(self) -> dict[str, Any]:
        states = [batch.state for batch in self.batches.values()]
        shown: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": self.content,
            "numberBatchesQueued": states.count("Queued"),
            "numberBatchesInProgress": states.count("InProgress"),
            "numberBatchesCompleted": states.count("Completed"),
            "numberBatchesFailed": states.count("Failed"),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.processed for batch in self.batches.values()),
            "numberRetries": 0,
            "apiVersion": float(self.version),
            "numberRecordsFailed": sum(batch.refused for batch in self.batches.values()),
        }
        return shown | ({"externalIdFieldName": self.external} if self.external else {})


@dataclass(slots=True)
class Batch:
    id: str
    job: Job1
    created: str
    began: float
    request: bytes = b""
    rows: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    results: dict[str, bytes] = field(default_factory=dict)
    processed: int = 0
    refused: int = 0
    failed: str | None = None
    not_processed: bool = False

    @property
    def state(self) -> str:
        if self.failed is not None:
            return "Failed"
        if self.not_processed:
            return "NotProcessed"
        passed = time.monotonic() - self.began
        if passed >= self.job.takes_seconds:
            return "Completed"
        return "Queued" if passed < self.job.takes_seconds / 10 else "InProgress"

    def info(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": self.id, "jobId": self.job.id, "state": self.state}
        if self.failed is not None:
            shown["stateMessage"] = self.failed
        return shown | {
            "createdDate": self.created,
            "systemModstamp": self.created,
            "numberRecordsProcessed": self.processed,
            "numberRecordsFailed": self.refused,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }


def request_media(job: Job1) -> str:
    return _MEDIA[job.content]


def shown_rows(batch: Batch, body: bytes) -> Reply:
    return Reply(body, media=_MEDIA[batch.job.content])


def read_rows(job: Job1, raw: bytes) -> list[dict[str, Any]]:
    """The rows of a batch, each with its fields as they were written."""
    if job.content == "JSON":
        return [_empty_as_null(row) for row in orjson.loads(raw)]
    if job.content == "CSV":
        return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    records = parsed(raw).findall("sObject")
    return [{child.tag: child.text or "" for child in record} for record in records]


def _empty_as_null(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: NULL if value is None else value
        for name, value in row.items()
        if name != "attributes"
    }


def write_records(job: Job1, selection: Selection, rows: Sequence[Row]) -> bytes:
    """The records of a query."""
    if job.content == "CSV":
        header = line(".".join(path.names) for path in selection.paths)
        return (header + "".join(lines_of(rows, selection.paths))).encode()
    show = selection.shower(f"v{job.version}")
    records = [_with_moments(job, selection, show(row)) for row in rows]
    if job.content == "JSON":
        return orjson.dumps(records)
    return document("queryResult", {"records": [_as_xml(record) for record in records]})


def _with_moments(job: Job1, selection: Selection, record: dict[str, Any]) -> dict[str, Any]:
    """In JSON a moment is a number of milliseconds, in XML it ends in Z."""
    for path in selection.paths:
        moment = path.field is not None and path.field.type == "datetime"
        if moment and not path.references and record[path.last] is not None:
            text = record[path.last]
            number = int(read_moment(text).timestamp() * 1000)
            record[path.last] = number if job.content == "JSON" else text[:23] + "Z"
    return record


def _as_xml(record: dict[str, Any]) -> dict[str, Any]:
    kind = record["attributes"]["type"]
    shown = {
        name: _as_xml(value) if isinstance(value, dict) else value
        for name, value in record.items()
        if name != "attributes"
    }
    return {"type": kind} | shown


def write_results(batch: Batch) -> bytes:
    """What became of each row of a batch, in the order of its rows."""
    outcomes = batch.outcomes
    if batch.job.content == "CSV":
        rows = [line(("Id", "Success", "Created", "Error"))]
        rows += [line((o.id, _yes(o.error is None), _yes(o.created), o.error or ""))
                 for o in outcomes]  # fmt: skip
        return "".join(rows).encode()
    shown = [_outcome(outcome) for outcome in outcomes]
    if batch.job.content == "JSON":
        return orjson.dumps(shown)
    return document("results", {"result": shown})


def _outcome(outcome: Outcome) -> dict[str, Any]:
    shown = {"success": outcome.error is None, "created": outcome.created, "id": outcome.id or None}
    errors = []
    if outcome.error is not None:
        code, _, message = outcome.error.partition(":")
        errors = [{"statusCode": code, "message": message.rpartition(":")[0], "fields": []}]
    return shown | {"errors": errors}


def _yes(value: bool) -> str:  # noqa: FBT001 - a word for a truth
    return "true" if value else "false"
