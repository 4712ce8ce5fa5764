"""Plays the faults of the wire: an answer that is late, cut, dripping, wrong or never comes."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import Response

#: A call that is never answered is given up here after this many seconds.
NEVER_SECONDS = 120.0
#: An applied-late write is applied this long after its caller was cut off.
LATE_SECONDS = 1.0
DRIP_SECONDS = 0.05

Scope = dict[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
#: Runs the face's own handler and gives its complete answer.
Handle = Callable[[], Awaitable[Response]]

_HTML = b"<html><head><title>Service Unavailable</title></head><body>Please wait.</body></html>"


def abort(scope: Scope) -> None:
    """Cut the connection off with a reset."""
    scope["crm_loop.transport"].abort()


async def refuse(scope: Scope, handle: Handle, send: Send) -> None:  # noqa: ARG001 - one form
    abort(scope)


async def reset_after_apply(scope: Scope, handle: Handle, send: Send) -> None:  # noqa: ARG001
    await handle()
    abort(scope)


async def apply_then_500(scope: Scope, handle: Handle, send: Send) -> None:
    await handle()
    await Response(b"", status_code=500)(scope, _never_receive, send)


async def apply_then_html(scope: Scope, handle: Handle, send: Send) -> None:
    await handle()
    page = Response(_HTML, status_code=200, media_type="text/html")
    await page(scope, _never_receive, send)


async def apply_then_timeout(scope: Scope, handle: Handle, send: Send) -> None:  # noqa: ARG001
    await handle()
    await asyncio.sleep(NEVER_SECONDS)
    abort(scope)


async def apply_then_truncate(scope: Scope, handle: Handle, send: Send) -> None:
    answer = await handle()
    body = bytes(answer.body)
    await send({"type": "http.response.start", "status": answer.status_code,
                "headers": answer.raw_headers})  # fmt: skip
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    # Let the half that was written leave before the line is cut.
    await asyncio.sleep(DRIP_SECONDS)
    abort(scope)


async def apply_late(scope: Scope, handle: Handle, send: Send) -> None:  # noqa: ARG001
    abort(scope)
    await asyncio.sleep(LATE_SECONDS)
    await handle()


async def slow_drip(scope: Scope, handle: Handle, send: Send) -> None:  # noqa: ARG001
    answer = await handle()
    await send({"type": "http.response.start", "status": answer.status_code,
                "headers": answer.raw_headers})  # fmt: skip
    body = bytes(answer.body)
    for start in range(0, len(body), 64):
        part = body[start : start + 64]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(DRIP_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _never_receive() -> dict[str, Any]:
    return {"type": "http.disconnect"}


#: Each fault of the wire by its kind; `clock_skew` only changes a header and is not here.
PLAYERS: dict[str, Callable[[Scope, Handle, Send], Awaitable[None]]] = {
    "refuse": refuse,
    "reset_before": refuse,
    "reset_after_apply": reset_after_apply,
    "apply_then_500": apply_then_500,
    "apply_then_html": apply_then_html,
    "apply_then_timeout": apply_then_timeout,
    "apply_then_truncate": apply_then_truncate,
    "apply_late": apply_late,
    "slow_drip": slow_drip,
}
