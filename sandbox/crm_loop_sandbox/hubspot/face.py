"""The HubSpot face: one account behind HubSpot's paths."""

import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from crm_loop_sandbox.hubspot import ours
from crm_loop_sandbox.hubspot.call import Reply
from crm_loop_sandbox.hubspot.errors import ApiError, expired, not_authenticated, rate_limited
from crm_loop_sandbox.hubspot.gate import Gate, is_search, to_response
from crm_loop_sandbox.hubspot.loading import load
from crm_loop_sandbox.hubspot.people import Screens
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.webhooks import Sender
from crm_loop_sandbox.kernel import Kernel
from crm_loop_sandbox.world.story import Deed, OurTask, World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_POLICIES = {
    "limit_secondly": "SECONDLY",
    "limit_daily": "DAILY",
    "limit_concurrent": "TEN_SECONDLY_ROLLING",
    "limit_total": "TEN_SECONDLY_ROLLING",
}
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>503 Service Temporarily Unavailable</title></head>"
    "<body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>"
)


class HubSpotFace:
    """One HubSpot account; empty until a world is loaded.

    `real_time` (seconds since 1970) drives tokens and rate limits, never the dates of records.
    """

    name = "hubspot"

    def __init__(self, kernel: Kernel, real_time: Callable[[], float] = time.time) -> None:
        self._kernel = kernel
        self._real_time = real_time
        self._loaded: Gate | None = None

    @property
    def _gate(self) -> Gate:
        if self._loaded is None:
            raise RuntimeError("no world is loaded")
        return self._loaded

    @property
    def portal(self) -> Portal:
        return self._gate.portal

    def routes(self) -> list[BaseRoute]:
        """One for all: HubSpot answers unknown paths in its own words too."""
        return [Route("/{rest:path}", self._serve, methods=_METHODS)]

    async def _serve(self, request: Request) -> Response:
        return self._gate.answer(request, await request.body())

    def load(self, world: World) -> None:
        portal = Portal(self._kernel, world)
        load(portal, world)
        portal.feed.send = Sender(portal.tokens.client_secret).send
        self._loaded = Gate(portal, self._real_time)

    def act(self, deed: Deed) -> str | None:
        return Screens(self.portal).act(deed)

    def tasks_of_ours(self) -> list[OurTask]:
        return ours.tasks_of_ours(self.portal)

    def state(self) -> list[dict[str, Any]]:
        return ours.state(self.portal)

    def access(self, email: str | None, base_url: str) -> dict[str, Any]:
        tokens = self.portal.tokens
        owner = self.portal.owners.named(email)
        return {
            "base_url": base_url,
            "portal_id": self.portal.portal_id,
            "access_token": tokens.of_person(owner.user_id) if owner else tokens.access_token,
            "client_id": tokens.client_id,
            "client_secret": tokens.client_secret,
            "refresh_token": tokens.refresh_token,
            "app_secret": tokens.client_secret,
            "app_id": int(tokens.app_id),
            "developer_api_key": tokens.developer_key,
        }

    def answer(self, fault: str, request: Request) -> Response:
        if fault == "token_503_html":
            return HTMLResponse(_MAINTENANCE, status_code=503)
        correlation_id = self._gate.correlation_id()
        error = self._refusal(fault, request)
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        return to_response(Reply(error.body(correlation_id), error.status), headers)

    def _refusal(self, fault: str, request: Request) -> ApiError:
        if fault in _POLICIES:
            return rate_limited(_POLICIES[fault], search=is_search(request.url.path))
        token = request.headers.get("authorization", "").partition(" ")[2]
        known = self.portal.tokens.find(token)
        return expired(7) if known is not None and known.oauth else not_authenticated()
