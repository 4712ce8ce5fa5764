"""Several requests in one: composite and batch."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error

MOST = 25

#: Runs one request of the same user through the whole API.
Dispatch = Callable[[Call, str, str, dict[str, str], bytes], Reply]


def composite(call: Call, dispatch: Dispatch) -> Reply:
    requests = call.json().get("compositeRequest") or []
    if not 0 < len(requests) <= MOST:
        raise error(400, "LIMIT_EXCEEDED", f"Provide between 1 and {MOST} subrequests")
    return Reply({"compositeResponse": [_one(call, dispatch, one) for one in requests]})


def _one(call: Call, dispatch: Dispatch, one: dict[str, Any]) -> dict[str, Any]:
    reply = _inner(call, dispatch, one["method"], one["url"], one.get("body"))
    headers = {name: value for name, value in reply.headers.items() if name == "Location"}
    return {
        "body": reply.payload,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": one.get("referenceId"),
    }


def batch(call: Call, dispatch: Dispatch) -> Reply:
    requests = call.json().get("batchRequests") or []
    if not 0 < len(requests) <= MOST:
        raise error(400, "LIMIT_EXCEEDED", f"Provide between 1 and {MOST} subrequests")
    results = []
    for one in requests:
        url = f"/services/data/{one['url']}"
        reply = _inner(call, dispatch, one["method"], url, one.get("richInput"))
        results.append({"statusCode": reply.status, "result": reply.payload})
    failed = any(result["statusCode"] >= 400 for result in results)  # noqa: PLR2004 - HTTP
    return Reply({"hasErrors": failed, "results": results})


def _inner(call: Call, dispatch: Dispatch, method: str, url: str, body: Any) -> Reply:
    parts = urlsplit(url)
    raw = b"" if body is None else orjson.dumps(body)
    return dispatch(call, method, parts.path, dict(parse_qsl(parts.query)), raw)
