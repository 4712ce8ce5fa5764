"""The ASGI application: administration, both faces, and what happens between wire and face."""

import asyncio
import gc
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Match, Route, Router

from crm_loop_sandbox import admin, hubspot, salesforce
from crm_loop_sandbox.access_log import AccessLog
from crm_loop_sandbox.faults import ANSWERED, ArmedFaults
from crm_loop_sandbox.kernel import BusinessClock, Face, Journal, Kernel, Options
from crm_loop_sandbox.wire import PLAYERS, Scope, Send
from crm_loop_sandbox.world.behaviour import Behaviour
from crm_loop_sandbox.world.story import World

#: How far the Date header is off while `clock_skew` strikes.
SKEW = timedelta(minutes=10)


class Sandbox:
    """One world and its two faces; `reset` builds them anew from another seed."""

    def __init__(self, options: Options, make_world: Callable[[int], World]) -> None:
        self.options = options
        self._make_world = make_world
        self.log = AccessLog()
        self.reset(options.seed)

    def reset(self, seed: int) -> None:
        self.seed = seed
        # A million rows that only come into being hold no garbage: looking for it doubles the time,
        # and later it would stop every answer for a second.
        gc.unfreeze()
        gc.disable()
        try:
            self._build(seed)
        finally:
            gc.enable()
            gc.freeze()

    def _build(self, seed: int) -> None:
        self.world = self._make_world(seed)
        self.clock = BusinessClock(self.world.start)
        self.journal = Journal()
        self.faults = ArmedFaults()
        self.log.reset()
        # Ids come from the seed too: a reset and a fresh start with one seed agree.
        options = replace(self.options, seed=seed)
        kernel = Kernel(options, self.clock, self.journal, self.faults)
        self.faces: dict[str, Face] = {
            "salesforce": salesforce.make(kernel),
            "hubspot": hubspot.make(kernel),
        }
        for face in self.faces.values():
            face.load(self.world)
        self.behaviour = Behaviour(self.world)
        self.routers = {name: Router(face.routes()) for name, face in self.faces.items()}

    def live_until(self, until: datetime) -> dict[str, int]:
        """Let people act; the clock ends exactly there."""
        did = self.behaviour.act_until(self.faces, self.clock, until)
        self.clock.move_to(until)
        return did

    def face_of(self, path: str) -> str:
        return "salesforce" if path.startswith(("/services/", "/id/")) else "hubspot"


class Gate:
    """Stands before both faces: counts, delays, plays faults, sets the Date header."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        request = Request(scope, receive)
        path = request.url.path
        name = self.sandbox.face_of(path)
        await request.body()
        self.sandbox.log.add(request.method, path, request.headers.get("user-agent", ""))
        if self.sandbox.options.latency_ms:
            await asyncio.sleep(self.sandbox.options.latency_ms / 1000)
        answered = self._answered(name, request)
        if answered is not None:
            await answered(scope, receive, send)
            return
        player = self._player(name, request)

        async def handle() -> Response:
            return await self._handle(name, request)

        if player is None:
            await (await handle())(scope, receive, send)
        else:
            await PLAYERS[player](scope, handle, send)

    def _answered(self, name: str, request: Request) -> Response | None:
        for kind in sorted(ANSWERED):
            # A token endpoint that is down is not the API being down, and the reverse.
            if (kind == "token_503_html") is not _is_token_path(request.url.path):
                continue
            if self._takes(kind, name, request):
                return self._dated(name, request, self.sandbox.faces[name].answer(kind, request))
        return None

    def _player(self, name: str, request: Request) -> str | None:
        return next((kind for kind in PLAYERS if self._takes(kind, name, request)), None)

    def _takes(self, kind: str, name: str, request: Request) -> bool:
        return self.sandbox.faults.take(kind, name, method=request.method, path=request.url.path)

    async def _handle(self, name: str, request: Request) -> Response:
        try:
            answer = await _dispatch(self.sandbox.routers[name], request)
        except Exception:  # noqa: BLE001 - one bad request must not end the sandbox
            traceback.print_exc(file=sys.stderr)
            answer = JSONResponse({"message": "internal error"}, status_code=500)
        return self._dated(name, request, answer)

    def _dated(self, name: str, request: Request, answer: Response) -> Response:
        now = self.sandbox.clock.now()
        if self._takes("clock_skew", name, request):
            now += SKEW
        answer.headers["Date"] = format_datetime(now, usegmt=True)
        return answer


def _is_token_path(path: str) -> bool:
    return path.endswith("/token")


async def _dispatch(router: Router, request: Request) -> Response:
    """Find the route and call its function; the request's body is read already."""
    scope = request.scope
    partial = False
    for route in router.routes:
        match, child = route.matches(scope)
        if match is Match.FULL and isinstance(route, Route):
            scope.update(child)
            found = route.endpoint(request)
            return await found if asyncio.iscoroutine(found) else found  # type: ignore[no-any-return]
        partial = partial or match is Match.PARTIAL
    return PlainTextResponse("", status_code=405 if partial else 404)


def build(options: Options, make_world: Callable[[int], World]) -> Starlette:
    """The whole application; administration first, everything else goes to a face."""
    sandbox = Sandbox(options, make_world)
    own: Iterable[Route] = admin.routes(sandbox)
    app = Starlette(routes=list(own))
    app.router.default = Gate(sandbox)  # type: ignore[assignment]
    app.state.sandbox = sandbox
    return app
