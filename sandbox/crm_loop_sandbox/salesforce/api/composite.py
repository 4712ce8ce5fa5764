"""Several requests in one: composite and batch."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error

MOST = 25
#: Of these, so many may be queries or collections.
MOST_HEAVY = 5
_REFERENCE = re.compile(r"@\{(\w+)\.([^}]+)\}")
_NAME = re.compile(r"\w+")

#: Runs one request of the same user through the whole API.
Dispatch = Callable[[Call, str, str, dict[str, str], bytes], Reply]


def composite(call: Call, dispatch: Dispatch) -> Reply:
    given = call.record()
    requests = given.get("compositeRequest") or []
    _check(requests)
    together = bool(given.get("allOrNone"))
    undo = call.org.begin() if together else None
    answers: list[dict[str, Any]] = []
    for one in requests:
        answers.append(_one(call, dispatch, one, answers))
        if together and _failed(answers[-1]):
            break
    if undo is not None and any(map(_failed, answers)):
        undo.take_back()
        answers = _halted(requests, answers)
    call.org.undo = None
    return Reply({"compositeResponse": answers})


def _check(requests: list[dict[str, Any]]) -> None:
    if not 0 < len(requests) <= MOST:
        raise error(400, "LIMIT_EXCEEDED", f"Provide between 1 and {MOST} subrequests")
    names = [str(one.get("referenceId") or "") for one in requests]
    if len(set(names)) < len(names):
        raise error(400, "INVALID_INPUT", "Duplicate ReferenceId provided")
    for name in names:
        if not _NAME.fullmatch(name):
            message = f"Provided referenceId ('{name}') must start with a letter or a number, and "
            raise error(400, "INVALID_INPUT", message + "contain only letters, numbers and '_'")
    heavy = [one for one in requests if re.search(r"/(query|composite/sobjects)", one["url"])]
    if len(heavy) > MOST_HEAVY:
        message = f"at most {MOST_HEAVY} subrequests may be queries or sObject Collections"
        raise error(400, "LIMIT_EXCEEDED", message)


def _one(
    call: Call, dispatch: Dispatch, one: dict[str, Any], before: list[dict[str, Any]]
) -> dict[str, Any]:
    url = _resolved(one["url"], before)
    body = one.get("body")
    if body is not None:
        body = orjson.loads(_resolved(orjson.dumps(body).decode(), before))
    reply = _inner(call, dispatch, one["method"], url, body)
    headers = {name: value for name, value in reply.headers.items() if name == "Location"}
    return {
        "body": reply.payload,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": one.get("referenceId"),
    }


def _resolved(text: str, before: list[dict[str, Any]]) -> str:
    """`@{made.id}` is a value of an earlier answer."""

    def value(found: re.Match[str]) -> str:
        current: Any = next((a["body"] for a in before if a["referenceId"] == found[1]), None)
        for part in re.findall(r"\w+", found[2]):
            try:
                current = current[int(part)] if part.isdigit() else current[part]
            except (KeyError, IndexError, TypeError):
                message = (
                    f"Invalid reference specified. No value for {found[2]} found in {found[1]}"
                )
                raise error(400, "PROCESSING_HALTED", message) from None
        return str(current)

    return _REFERENCE.sub(value, text)


def _failed(answer: dict[str, Any]) -> bool:
    return int(answer["httpStatusCode"]) >= 400  # noqa: PLR2004 - HTTP


def _halted(requests: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The one that failed keeps its own error, all others were taken back or never run."""
    message = (
        "The transaction was rolled back since another operation in the same transaction failed."
    )
    body = [{"errorCode": "PROCESSING_HALTED", "message": message}]
    halted = [
        {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": one["referenceId"]}
        for one in requests
    ]
    failed = next(place for place, answer in enumerate(answers) if _failed(answer))
    halted[failed] = answers[failed]
    return halted


def batch(call: Call, dispatch: Dispatch) -> Reply:
    given = call.record()
    requests = given.get("batchRequests") or []
    if not 0 < len(requests) <= MOST:
        raise error(400, "LIMIT_EXCEEDED", f"Provide between 1 and {MOST} subrequests")
    results: list[dict[str, Any]] = []
    for one in requests:
        if given.get("haltOnError") and any(result["statusCode"] >= 400 for result in results):  # noqa: PLR2004 - HTTP
            results.append(_stopped())
            continue
        url = f"/services/data/{one['url'].removeprefix('/services/data/')}"
        reply = _inner(call, dispatch, one["method"], url, one.get("richInput"))
        results.append({"statusCode": reply.status, "result": reply.payload})
    # Each part of a batch counts as a call; the batch itself has been counted.
    scratch = call.org.kernel.scratch
    scratch["sf.calls"] = scratch.get("sf.calls", 0) + len(requests) - 1
    failed = any(result["statusCode"] >= 400 for result in results)  # noqa: PLR2004 - HTTP
    return Reply({"hasErrors": failed, "results": results})


def _stopped() -> dict[str, Any]:
    message = "The batch processing was halted by an error in a preceding subrequest."
    result = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": message}]
    return {"statusCode": 412, "result": result}


def _inner(call: Call, dispatch: Dispatch, method: str, url: str, body: Any) -> Reply:
    parts = urlsplit(url)
    raw = b"" if body is None else orjson.dumps(body)
    return dispatch(call, method, parts.path, dict(parse_qsl(parts.query)), raw)
