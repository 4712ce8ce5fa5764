"""The Salesforce face: one org behind Salesforce's paths."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm_loop_sandbox.kernel import Kernel
from crm_loop_sandbox.salesforce import faulty, ours, upkeep
from crm_loop_sandbox.salesforce.api import bulk1, describe, soap
from crm_loop_sandbox.salesforce.api.limits import DAILY
from crm_loop_sandbox.salesforce.api.oauth import OAuth, form_of
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.dispatch import dispatch
from crm_loop_sandbox.salesforce.errors import ApiError, not_found, session_expired
from crm_loop_sandbox.salesforce.loading import Loader
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.people import Screens
from crm_loop_sandbox.salesforce.pretty import printed
from crm_loop_sandbox.salesforce.soql.parse import parse
from crm_loop_sandbox.salesforce.tokens import PASSWORD, SECURITY_TOKEN, Sessions
from crm_loop_sandbox.world.story import Deed, OurTask, World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
_DAY = 86_400.0
#: Bytes of an address, and of an address with its headers.
LONGEST_URI = 16_384
_COMMON = {
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "Vary": "Accept-Encoding",
}


class SalesforceFace:
    """One org; empty until a world is loaded."""

    name = "salesforce"

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._numbers = count(1)
        self._loaded: tuple[Org, Loader, Sessions] | None = None

    @property
    def _parts(self) -> tuple[Org, Loader, Sessions]:
        if self._loaded is None:
            raise RuntimeError("no world is loaded")
        return self._loaded

    @property
    def org(self) -> Org:
        return self._parts[0]

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/services/{rest:path}", self._serve, methods=_METHODS),
            Route("/id/{org}/{user}", self._serve, methods=["GET"]),
        ]

    def load(self, world: World) -> None:
        currencies = bool(world.rates)
        org = Org(self._kernel, time_zone=world.time_zone, currencies=currencies)
        loader = Loader(org, world)
        loader.load()
        upkeep.keep(org)
        # Making the parser takes longer than any answer; the first caller shall not wait for it.
        parse("SELECT Id FROM Organization")
        self._loaded = org, loader, Sessions(org)

    def act(self, deed: Deed) -> str | None:
        org, loader, _ = self._parts
        return Screens(org, loader).act(deed)

    def tasks_of_ours(self) -> list[OurTask]:
        org, loader, _ = self._parts
        refs = {record_id: ref for ref, record_id in loader.refs.items()}
        return ours.tasks_of_ours(org, refs)

    def state(self) -> list[dict[str, Any]]:
        return ours.state(self.org)

    def access(self, email: str | None, base_url: str) -> dict[str, Any]:
        org, _, sessions = self._parts
        sessions.base_url = base_url
        user = (sessions.named(email) if email else None) or org.integration_user
        row = org.get(user)
        username = row["Username"] if row is not None else ""
        shown = {
            "login_url": base_url,
            "instance_url": self._kernel.options.instance_url or base_url,
            "org_id": org.org_id,
            "client_id": sessions.client_id,
            "client_secret": sessions.client_secret,
            "username": username,
            "password": PASSWORD,
            "security_token": SECURITY_TOKEN,
            "refresh_token": sessions.refresh_token(user),
            "jwt": {
                "client_id": sessions.client_id,
                "username": username,
                "private_key": sessions.private_pem(),
            },
        }
        return shown | ({"access_token": sessions.open(user)} if email else {})

    def answer(self, fault: str, request: Request) -> Response:
        return self._response(faulty.answered(fault), request)

    async def _serve(self, request: Request) -> Response:
        raw = await request.body()
        request_id = f"{next(self._numbers):032x}"
        try:
            reply = self._reply(request, raw, request_id)
        except ApiError as refused:
            reply = Reply(refused.body, refused.status)
        response = self._response(reply, request)
        response.headers["X-SFDC-Request-Id"] = request_id
        return response

    def _reply(self, request: Request, raw: bytes, request_id: str) -> Reply:
        org, _, sessions = self._parts
        too_long = _too_long(request)
        if too_long is not None:
            return too_long
        upkeep.keep(org)
        path = request.url.path.rstrip("/")
        faulty.alter(org, request.method, path)
        sessions.base_url = str(request.base_url).rstrip("/")
        if path.startswith(("/services/oauth2/", "/id/")):
            form = form_of(raw, dict(request.query_params))
            return OAuth(org, sessions).answer(request.method, path, form, request.headers)
        if path.startswith("/services/Soap/"):
            instance = self._kernel.options.instance_url or sessions.base_url
            return soap.login(org, sessions, path.split("/")[4], raw, instance)
        if path == "/services/data":
            return describe.versions()
        return self._called(request, path, raw, request_id)

    def _called(self, request: Request, path: str, raw: bytes, request_id: str) -> Reply:
        """A call with a session to one of the data APIs."""
        org, _, sessions = self._parts
        headers = request.headers
        old = path.startswith("/services/async/")
        token = headers.get("x-sfdc-session") if old else None
        user = sessions.user_of(headers.get("authorization", "")) or sessions.user_with(token or "")
        if user is None and old:
            return bulk1.no_session("json" in headers.get("content-type", ""))
        if user is None:
            raise session_expired()
        self._count()

        def make(**given: Any) -> Call:
            return Call(org=org, headers=headers, user=user, request_id=request_id,
                        base_url=sessions.base_url, **given)  # fmt: skip

        query = dict(request.query_params)
        org.caller = user
        try:
            return self._answered(make, request.method, path, query, raw, old=old)
        finally:
            org.caller = None

    def _answered(
        self,
        make: Callable[..., Call],
        method: str,
        path: str,
        query: dict[str, str],
        raw: bytes,
        *,
        old: bool,
    ) -> Reply:
        if not old:
            return dispatch(make, method, path, query, raw)
        parts = path.split("/")
        if len(parts) < 5 or parts[4] != "job":  # noqa: PLR2004 - /services/async/{v}/job
            raise not_found()
        call = make(method=method, path=path, version=parts[3], names={}, query=query,
                    raw=raw)  # fmt: skip
        return bulk1.answer(call)

    def _count(self) -> None:
        """Calls of the last day, in real time; above the limit nothing is answered."""
        scratch = self._kernel.scratch
        began, used = scratch.get("sf.day", time.monotonic()), scratch.get("sf.calls", 0)
        if time.monotonic() - began > _DAY:
            began, used = time.monotonic(), 0
        if used >= DAILY and self._kernel.options.rate_limits:
            refused = faulty.answered("limit_daily")
            raise ApiError(refused.status, refused.payload)
        scratch["sf.day"], scratch["sf.calls"] = began, used + 1

    def _response(self, reply: Reply, request: Request) -> Response:
        headers = {**_COMMON, **reply.headers}
        if reply.payload is None:
            return Response(status_code=reply.status, headers=headers)
        path = request.url.path
        if reply.status < 300 and path.startswith("/services/data/"):  # noqa: PLR2004 - HTTP
            used = self._kernel.scratch.get("sf.calls", 0)
            headers["Sforce-Limit-Info"] = f"api-usage={used}/{DAILY}"
        # Named here, because the framework would add a charset that the platform does not send.
        headers["Content-Type"] = reply.media
        return Response(self._body(reply, request), status_code=reply.status, headers=headers)

    def _body(self, reply: Reply, request: Request) -> bytes:
        if isinstance(reply.payload, bytes):
            return reply.payload
        if self._kernel.options.pretty and request.headers.get("x-prettyprint") == "1":
            return printed(reply.payload).encode()
        return orjson.dumps(reply.payload)


def _too_long(request: Request) -> Reply | None:
    """The front of the platform refuses long addresses in its own way."""
    uri = len(request.scope.get("raw_path") or b"") + len(request.scope.get("query_string") or b"")
    headers = sum(len(name) + len(value) for name, value in request.scope["headers"])
    if uri > LONGEST_URI:
        return Reply(b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", 414,
                     media="text/html;charset=iso-8859-1")  # fmt: skip
    if uri + headers > LONGEST_URI:
        text = b"<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"
        return Reply(text, 431, media="text/html;charset=iso-8859-1")
    return None
