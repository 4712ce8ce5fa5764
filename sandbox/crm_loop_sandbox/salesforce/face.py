"""The Salesforce face: one org behind Salesforce's paths."""

import base64
import binascii
import re
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from crm_loop_sandbox.kernel import Kernel
from crm_loop_sandbox.salesforce import ours
from crm_loop_sandbox.salesforce.api import collections, composite, describe, limits, query, records
from crm_loop_sandbox.salesforce.api.limits import DAILY
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError, error, not_found, session_expired
from crm_loop_sandbox.salesforce.loading import Loader
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.people import Screens
from crm_loop_sandbox.salesforce.tokens import PASSWORD, SECURITY_TOKEN, Sessions
from crm_loop_sandbox.world.story import Deed, OurTask, World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_VERSION = re.compile(r"v(\d{2})\.0")

Handler = Callable[[Call], Reply]

#: Method, path below the version with its open parts, and who answers; fixed words come first.
_TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "query", query.query),
    ("GET", "queryAll", query.query_all),
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
    ("POST", "composite/sobjects", collections.create),
    ("PATCH", "composite/sobjects", collections.update),
    ("DELETE", "composite/sobjects", collections.delete),
    ("GET", "composite/sobjects/{table}", collections.read),
    ("POST", "composite/sobjects/{table}", collections.read),
    ("PATCH", "composite/sobjects/{table}/{field}", collections.upsert),
)

_SEVERAL = {"composite": composite.composite, "composite/batch": composite.batch}


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
        user = sessions.named(email) if email else org.integration_user
        username = (org.get(user) or {}).get("Username", "")
        shown = {
            "login_url": base_url,
            "instance_url": self._kernel.options.instance_url or base_url,
            "org_id": org.org_id,
            "client_id": sessions.client_id,
            "client_secret": sessions.client_secret,
            "username": username,
            "password": PASSWORD,
            "security_token": SECURITY_TOKEN,
            "refresh_token": sessions.refresh_token(user or org.integration_user),
            "jwt": {
                "client_id": sessions.client_id,
                "username": username,
                "private_key": sessions.private_pem(),
            },
        }
        if email:
            shown["access_token"] = sessions.open(user or org.integration_user)
        return shown

    def answer(self, fault: str, request: Request) -> Response:
        if fault == "token_503_html":
            return HTMLResponse("<html><body>Service Unavailable</body></html>", status_code=503)
        refused = {
            "unauthorized": session_expired(),
            "limit_secondly": error(503, "SERVER_UNAVAILABLE", "Server too busy"),
            "limit_concurrent": error(
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            ),
        }.get(fault, error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        return self._response(Reply(refused.body, refused.status), request)

    async def _serve(self, request: Request) -> Response:
        raw = await request.body()
        try:
            reply = self._reply(request, raw)
        except ApiError as refused:
            reply = Reply(refused.body, refused.status)
        return self._response(reply, request)

    def _reply(self, request: Request, raw: bytes) -> Reply:
        self._arm()
        path = request.url.path.rstrip("/")
        base = str(request.base_url).rstrip("/")
        if path == "/services/oauth2/token":
            return self._token(request, raw, base)
        _, _, sessions = self._parts
        if path == "/services/data":
            return describe.versions()
        user = sessions.user_of(request.headers.get("authorization", ""))
        if user is None:
            raise session_expired()
        if path == "/services/oauth2/userinfo" or path.startswith("/id/"):
            return Reply(self._identity(user, base))
        scratch = self._kernel.scratch
        scratch["sf.calls"] = scratch.get("sf.calls", 0) + 1
        query_ = dict(request.query_params)
        return self._dispatch(request.method, path, query_, request.headers, raw, user)

    def _dispatch(
        self, method: str, path: str, query_: dict[str, str], headers: Any, raw: bytes, user: str
    ) -> Reply:
        if "//" in path:
            raise not_found()
        parts = path.removeprefix("/services/data/").rstrip("/").split("/")
        version = _VERSION.fullmatch(parts[0])
        if version is None or not 20 <= int(version.group(1)) <= describe.LAST_VERSION:  # noqa: PLR2004
            raise not_found()
        found = _find(method, parts[1:])
        call = Call(
            org=self.org,
            method=method,
            path=path,
            version=parts[0],
            names=found[1] if found else {},
            query=query_,
            headers=headers,
            raw=raw,
            user=user,
            request_id=f"r{next(self._numbers)}",
        )
        if found is not None:
            return found[0](call)
        if not parts[1:]:
            return describe.resources(call)
        several = _SEVERAL.get("/".join(parts[1:]))
        if several is None or method != "POST":
            raise not_found()
        return several(call, self._inner)

    def _inner(
        self, call: Call, method: str, path: str, query_: dict[str, str], raw: bytes
    ) -> Reply:
        try:
            return self._dispatch(method, path, query_, call.headers, raw, call.user)
        except ApiError as refused:
            return Reply(refused.body, refused.status)

    def _token(self, request: Request, raw: bytes, base: str) -> Reply:
        _, _, sessions = self._parts
        sessions.base_url = base
        form = {**request.query_params, **dict(parse_qsl(raw.decode()))}
        user, scope = sessions.grant(form, _basic(request.headers.get("authorization", "")))
        issued = str(int(self._kernel.clock.now().timestamp() * 1000))
        identity = f"{base}/id/{self.org.org_id}/{user}"
        return Reply(
            {
                "access_token": sessions.open(user),
                "signature": sessions.signature(identity, issued),
                "scope": scope,
                "instance_url": self._kernel.options.instance_url or base,
                "id": identity,
                "token_type": "Bearer",
                "issued_at": issued,
            }
        )

    def _identity(self, user: str, base: str) -> dict[str, Any]:
        row = self.org.get(user) or {}
        return {
            "sub": f"{base}/id/{self.org.org_id}/{user}",
            "user_id": user,
            "organization_id": self.org.org_id,
            "preferred_username": row.get("Username"),
            "name": row.get("Name"),
            "email": row.get("Email"),
            "zoneinfo": row.get("TimeZoneSidKey"),
            "active": row.get("IsActive"),
        }

    def _arm(self) -> None:
        """Faults that change what the org has, rather than one answer."""
        scratch = self._kernel.scratch
        if self._kernel.faults.take("hide_field", "salesforce"):
            scratch["sf.hidden"] = {"Opportunity": ("Amount",)}
        if self._kernel.faults.take("hide_object", "salesforce"):
            scratch["sf.hidden_objects"] = ("ForecastingQuota",)
        if self._kernel.faults.take("rename_status", "salesforce"):
            scratch["sf.statuses"] = {"未着手": False, "完了": True}
        if self._kernel.faults.take("equal_stamp", "salesforce"):
            for row in self.org.tables["Opportunity"].values():
                row["SystemModstamp"] = self.org.now

    def _response(self, reply: Reply, request: Request) -> Response:
        headers = dict(reply.headers)
        if reply.payload is None:
            return Response(status_code=reply.status, headers=headers)
        body = orjson.dumps(reply.payload)
        if self._kernel.options.pretty and request.headers.get("x-prettyprint") == "1":
            body = orjson.dumps(reply.payload, option=orjson.OPT_INDENT_2)
        if reply.status < 300 and "oauth2" not in request.url.path:  # noqa: PLR2004 - HTTP
            used = self._kernel.scratch.get("sf.calls", 0)
            headers["Sforce-Limit-Info"] = f"api-usage={used}/{DAILY}"
        return Response(
            body,
            status_code=reply.status,
            headers=headers,
            media_type="application/json;charset=UTF-8",
        )


def _find(method: str, parts: list[str]) -> tuple[Handler, dict[str, str]] | None:
    for wanted, pattern, handler in _TABLE:
        words = pattern.split("/")
        if wanted != method or len(words) != len(parts):
            continue
        pairs = list(zip(words, parts, strict=True))
        if all(word == part or word[0] == "{" for word, part in pairs):
            return handler, {word[1:-1]: part for word, part in pairs if word[0] == "{"}
    return None


def _basic(header: str) -> tuple[str, str] | None:
    if not header.lower().startswith("basic "):
        return None
    try:
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret
