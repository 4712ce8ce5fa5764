"""An ASGI application that takes HubSpot's messages and rings the bell for an early pull.

Messages may be lost, doubled or out of order: nothing is read from them but that it is worth a
look, and which contact was erased for good in HubSpot. Without a single one everything is found
by the next pull.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crm_loop_hubspot.webhooks.signature import SIGNATURE, Signed, is_genuine, signed_at

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: HubSpot sends at most a hundred events at once, well below this.
MOST_BYTES = 1_000_000
#: Requests and events that are remembered, so that a copy rings no second time; a copy that is
#: older than the memory is older than a signature may be.
REMEMBERED = 10_000
#: HubSpot's own id of contacts among the types of objects.
CONTACT = "0-1"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the receiver needs of the house.

    `secret` is the app's client secret; `portal` the id whose events count; `ring` asks for an
    early pull; `forget` erases the contact of an id, for good. `public_url`: scheme and host that
    HubSpot knows us by, behind a proxy.
    """

    secret: str = field(repr=False)
    portal: str
    ring: Callable[[], object]
    forget: Callable[[str], object]
    public_url: str | None = None
    clock: Callable[[], datetime] = _now


class Memory:
    """Remembers the newest of what it was shown."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[str, None] = OrderedDict()

    def knows(self, what: str) -> bool:
        return what in self._seen

    def is_new(self, what: str) -> bool:
        if what in self._seen:
            return False
        self._seen[what] = None
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True


class Receiver:
    """The application; one for each connection.

    It remembers nothing of those before it: it rings once when it begins, and what was signed
    before that rings no more, be it a copy or not. So no captured message outlives a restart.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._began = door.clock()
        self._requests = Memory()
        self._events = Memory()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._door.ring()
            await _live(receive, send)
            return
        status = await self._answer(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Message, receive: Receive) -> int:
        if scope["method"] != "POST":
            return 405
        body = await _body(receive)
        return 413 if body is None else self.take(_signed(scope, body, self._door.public_url))

    def take(self, request: Signed) -> int:
        """The status to answer with: HubSpot repeats whatever is not a 2xx."""
        if not is_genuine(request, self._door.secret, self._door.clock()):
            return 401
        if self._requests.knows(request.headers[SIGNATURE]):
            return 204
        events = _events(request.body)
        if events is None:
            return 400
        mine = [event for event in events if str(event.get("portalId")) == self._door.portal]
        for event in mine:
            # First of all, and again should it fail: HubSpot repeats what is not answered.
            if _is_erasure(event):
                self._door.forget(str(event.get("objectId")))
        # each is remembered, also behind the first new one
        news = [self._events.is_new(_name(event)) for event in mine]
        if any(news) and signed_at(request) >= self._began:
            self._door.ring()
        self._requests.is_new(request.headers[SIGNATURE])
        return 204


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        kind = message["type"].rpartition(".")[2]
        await send({"type": f"lifespan.{kind}.complete"})
        if kind == "shutdown":
            return


async def _body(receive: Receive) -> bytes | None:
    """The raw bytes; None where somebody sends more than HubSpot ever does."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return None
    return body


def _signed(scope: Message, body: bytes, public_url: str | None) -> Signed:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    base = public_url or f"{scope.get('scheme', 'https')}://{headers.get('host', '')}"
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    query = scope.get("query_string", b"").decode("latin-1")
    url = base.rstrip("/") + path + (f"?{query}" if query else "")
    return Signed(method=scope["method"], url=url, body=body, headers=headers)


def _events(body: bytes) -> Iterable[Mapping[str, Any]] | None:
    try:
        read = json.loads(body)
    except ValueError:
        return None
    if not isinstance(read, list) or not all(isinstance(one, dict) for one in read):
        return None
    return read


def _is_erasure(event: Mapping[str, Any]) -> bool:
    """Whether a contact asked to be forgotten, and somebody did that in HubSpot."""
    kind = str(event.get("subscriptionType") or event.get("eventType"))
    if kind == "contact.privacyDeletion":
        return True
    return kind == "object.privacyDeletion" and event.get("objectTypeId") == CONTACT


def _name(event: Mapping[str, Any]) -> str:
    """Ids of events are not unique; what happened to what, and when, is."""
    parts = ("portalId", "objectTypeId", "objectId", "propertyName", "occurredAt")
    kind = event.get("subscriptionType") or event.get("eventType")
    return ":".join(str(one) for one in [kind, *(event.get(part) for part in parts)])
