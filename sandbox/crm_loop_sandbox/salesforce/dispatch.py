"""Which function answers which path of the REST API."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from crm_loop_sandbox.salesforce.api import (
    bulk_ingest,
    bulk_query,
    collections,
    composite,
    deploy,
    describe,
    limits,
    query,
    records,
)
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError, not_found

_VERSION = re.compile(r"v(\d{2})\.0")

Handler = Callable[[Call], Reply]

#: Method, path below the version with its open parts, and who answers; fixed words come first.
_TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "query", query.query),
    ("GET", "queryAll", query.query_all),
    ("GET", "tooling/query", query.query),
    ("GET", "query/{locator}", query.more),
    ("GET", "queryAll/{locator}", query.more),
    ("GET", "limits", limits.limits),
    ("GET", "limits/recordCount", limits.record_count),
    ("GET", "sobjects", describe.everything),
    ("GET", "sobjects/{table}", describe.basic),
    ("GET", "sobjects/{table}/describe", describe.one),
    ("GET", "sobjects/{table}/updated", limits.updated),
    ("GET", "sobjects/{table}/deleted", limits.deleted),
    ("POST", "sobjects/{table}", records.create),
    ("GET", "sobjects/{table}/{id}", records.read),
    ("PATCH", "sobjects/{table}/{id}", records.update),
    ("DELETE", "sobjects/{table}/{id}", records.delete),
    ("GET", "sobjects/{table}/{field}/{value}", records.read_by_key),
    ("PATCH", "sobjects/{table}/{field}/{value}", records.upsert),
    ("DELETE", "sobjects/{table}/{field}/{value}", records.delete_by_key),
    ("POST", "composite/sobjects", collections.create),
    ("PATCH", "composite/sobjects", collections.update),
    ("DELETE", "composite/sobjects", collections.delete),
    ("GET", "composite/sobjects/{table}", collections.read),
    ("POST", "composite/sobjects/{table}", collections.read),
    ("PATCH", "composite/sobjects/{table}/{field}", collections.upsert),
    ("POST", "metadata/deployRequest", deploy.create),
    ("GET", "metadata/deployRequest/{job}", deploy.one),
    ("POST", "jobs/query", bulk_query.create),
    ("GET", "jobs/query", bulk_query.everything),
    ("GET", "jobs/query/{job}", bulk_query.one),
    ("PATCH", "jobs/query/{job}", bulk_query.abort),
    ("DELETE", "jobs/query/{job}", bulk_query.delete),
    ("GET", "jobs/query/{job}/results", bulk_query.results),
    ("GET", "jobs/query/{job}/resultPages", bulk_query.result_pages),
    ("POST", "jobs/ingest", bulk_ingest.create),
    ("GET", "jobs/ingest", bulk_ingest.everything),
    ("GET", "jobs/ingest/{job}", bulk_ingest.one),
    ("PUT", "jobs/ingest/{job}/batches", bulk_ingest.upload),
    ("PATCH", "jobs/ingest/{job}", bulk_ingest.change),
    ("DELETE", "jobs/ingest/{job}", bulk_ingest.delete),
    ("GET", "jobs/ingest/{job}/successfulResults", bulk_ingest.successful),
    ("GET", "jobs/ingest/{job}/failedResults", bulk_ingest.failed),
    ("GET", "jobs/ingest/{job}/unprocessedrecords", bulk_ingest.unprocessed),
)

_SEVERAL = {"composite": composite.composite, "composite/batch": composite.batch}

#: Makes a call of a method, a path, a version, its open parts, its query and its body.
MakeCall = Callable[..., Call]


def dispatch(
    make: MakeCall, method: str, path: str, query_: Mapping[str, str], raw: bytes
) -> Reply:
    """The answer to one request, whether it came alone or inside another one."""
    if "//" in path:
        raise not_found()
    version, *parts = path.removeprefix("/services/data/").rstrip("/").split("/")
    number = _VERSION.fullmatch(version)
    if number is None or not describe.FIRST_VERSION <= int(number[1]) <= describe.LAST_VERSION:
        raise not_found()
    found = _find(method, parts)
    names = found[1] if found else {}
    call = make(method=method, path=path, version=version, names=names, query=query_, raw=raw)
    if found is not None:
        return found[0](call)
    if not parts:
        return describe.resources(call)
    several = _SEVERAL.get("/".join(parts))
    if several is None or method != "POST":
        raise _unknown(method, parts)

    def inner(_call: Call, method: str, path: str, query_: dict[str, str], raw: bytes) -> Reply:
        try:
            return dispatch(make, method, path, query_, raw)
        except ApiError as refused:
            return Reply(refused.body, refused.status)

    return several(call, inner)


def _find(method: str, parts: list[str]) -> tuple[Handler, dict[str, str]] | None:
    for wanted, pattern, handler in _TABLE:
        words = pattern.split("/")
        if wanted != method or len(words) != len(parts):
            continue
        pairs = list(zip(words, parts, strict=True))
        if all(word[0] == "{" or word.lower() == part.lower() for word, part in pairs):
            return handler, {word[1:-1]: part for word, part in pairs if word[0] == "{"}
    return None


def _unknown(method: str, parts: list[str]) -> ApiError:
    """A known path with another method is told apart from no path at all."""
    known = {wanted for wanted, *_ in _TABLE if wanted != method and _find(wanted, parts)}
    if not known:
        return not_found()
    message = f"HTTP Method '{method}' not allowed. Allowed are {','.join(sorted(known))}"
    body: list[dict[str, Any]] = [{"message": message, "errorCode": "METHOD_NOT_ALLOWED"}]
    return ApiError(405, body)
