"""The way of every request: route, token, limits, handler, answer."""

import uuid
from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crm_loop_sandbox.hubspot.api import (
    account,
    association_labels,
    associations,
    associations_v3,
    batch,
    deal_splits,
    legacy,
    merging,
    not_granted,
    oauth,
    objects,
    owners,
    pipelines,
    properties,
    property_batches,
    property_groups,
    scheduler,
    schemas,
    search,
    settings,
    webhooks,
)
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, ApiPage, migrating, rate_limited
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.routing import Found, Router

ROUTER = Router(
    rule
    for module in (
        objects,
        batch,
        merging,
        deal_splits,
        search,
        associations,
        associations_v3,
        association_labels,
        properties,
        property_groups,
        property_batches,
        pipelines,
        owners,
        account,
        scheduler,
        schemas,
        settings,
        webhooks,
        oauth,
        *legacy.MODULES,
    )
    for rule in module.RULES
)
_JSON = "application/json;charset=utf-8"
#: Characters of path and query; tools have met the refusal a little above 16,000.
_LONGEST_URL = 16_000


class Gate:
    """Lets requests through to the handlers, and refusals out in HubSpot's shape."""

    def __init__(self, portal: Portal, real_time: Callable[[], float]) -> None:
        self.portal = portal
        self._real_time = real_time
        self._answered = 0

    def correlation_id(self) -> str:
        self._answered += 1
        digest = self.portal.kernel.digest("hubspot", "correlation", self._answered)
        return str(uuid.UUID(bytes=digest[:16]))

    def answer(self, request: Request, raw: bytes) -> Response:
        correlation_id = self.correlation_id()
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            found = _find(request)
            call = self._call(request, found, raw, correlation_id)
            if not found.rule.open:
                self._admit(call, request.headers.get("authorization", ""), headers)
            _fail(call)
            reply = found.rule.handler(call)
        except ApiPage as page:
            return HTMLResponse(page.html, status_code=page.status, headers=headers)
        except ApiError as error:
            reply = Reply(error.body(correlation_id), error.status, error.headers)
        return to_response(reply, headers)

    def _call(self, request: Request, found: Found, raw: bytes, correlation_id: str) -> Call:
        return Call(
            portal=self.portal,
            method=request.method,
            version=found.version,
            path=request.url.path,
            base_url=f"{request.url.scheme}://{request.url.netloc}",
            names=found.names,
            query=request.query_params,
            raw=raw,
            now=self._real_time(),
            correlation_id=correlation_id,
            authorization=request.headers.get("authorization"),
        )

    def _admit(self, call: Call, authorization: str, headers: dict[str, str]) -> None:
        """Check the token and count the call; search tells nothing of its limits."""
        search = is_search(call.path)
        call.identity = self.portal.tokens.identify(authorization, call.now)
        policy = self.portal.limits.admit(call.identity, call.now, search=search)
        if not search:
            headers |= self.portal.limits.headers(call.identity, call.now)
        if policy is not None:
            raise rate_limited(policy, search=search)


def _find(request: Request) -> Found:
    path = request.url.path
    if len(path) + len(request.url.query) > _LONGEST_URL:
        raise ApiPage(414, _page("414 Request-URI Too Large"))
    found = ROUTER.find(request.method, path) or not_granted.find(request.method, path)
    if found is None:
        raise _no_such_route(request.method, path)
    return found


def _fail(call: Call) -> None:
    """Troubles of the whole account or of what stands before it."""
    if call.strikes("bad_gateway"):
        raise ApiPage(502, _page("502 Bad Gateway"))
    if call.strikes("migrating"):
        raise migrating()


def is_search(path: str) -> bool:
    return path.rstrip("/").endswith("/search")


def _page(title: str) -> str:
    head = f"<head><title>{title}</title></head>"
    return f"<html>{head}<body><center><h1>{title}</h1></center></body></html>"


def _no_such_route(method: str, path: str) -> ApiError | ApiPage:
    if ROUTER.methods(path):
        return ApiError(405, f"Method {method} is not allowed here")
    if path.strip("/").partition("/")[0] not in ROUTER.roots:
        # No API stands there at all: what answers is the web server before them.
        return ApiPage(404, _page("404 Not Found"))
    return ApiError(404, "resource not found")


def to_response(reply: Reply, headers: dict[str, str]) -> Response:
    more = headers | reply.headers
    if reply.payload is None:
        return Response(status_code=reply.status, headers=more)
    body = orjson.dumps(reply.payload)
    return Response(body, status_code=reply.status, headers=more, media_type=_JSON)
