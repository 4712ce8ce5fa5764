"""Sends events in batches, signed, and again when nobody takes them."""

import http.client
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from crm_loop_sandbox.hubspot.webhooks import signing
from crm_loop_sandbox.hubspot.webhooks.feed import Event

#: HubSpot sends fewer than a hundred events at once and waits five seconds for an answer.
_MOST = 99
_TIMEOUT = 5.0
_ATTEMPTS = 10
#: HubSpot spreads its attempts over a day; a sandbox has not that long.
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
#: Events that come close together travel together.
_GATHER = 0.05
_AGENT = "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)"
#: Nothing leaves this machine.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True, eq=False)
class _Batch:
    url: str
    events: list[Event]
    due: float
    attempt: int = 0


@dataclass(slots=True)
class Sender:
    """Runs a thread of its own while there is something to send. `real_time` in seconds."""

    secret: str
    real_time: Callable[[], float] = time.time
    _waiting: list[_Batch] = field(default_factory=list)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _running: bool = False

    def send(self, url: str, events: list[Event]) -> None:
        due = time.monotonic() + _GATHER
        with self._lock:
            self._waiting.append(_Batch(url, events, due))
            self._lock.notify()
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    def _run(self) -> None:
        while (batches := self._due()) is not None:
            for batch in batches:
                if not self._deliver(batch):
                    self._put_back(batch)

    def _due(self) -> list[_Batch] | None:
        """Wait for what is to be sent next; None when nothing is left at all."""
        with self._lock:
            if not self._waiting:
                self._running = False
                return None
            self._lock.wait(max(min(one.due for one in self._waiting) - time.monotonic(), 0))
            now = time.monotonic()
            # What is new travels with the first of the new ones.
            leaves = any(one.due <= now and not one.attempt for one in self._waiting)
            due = [one for one in self._waiting if one.due <= now or (leaves and not one.attempt)]
            self._waiting = [one for one in self._waiting if one not in due]
        return list(_gathered(due))

    def _deliver(self, batch: _Batch) -> bool:
        for event in batch.events:
            event["attemptNumber"] = batch.attempt
        body = orjson.dumps(batch.events)
        ms = int(self.real_time() * 1000)
        headers = signing.headers(self.secret, batch.url, body, ms=ms)
        headers |= {"Content-Type": "application/json", "User-Agent": _AGENT}
        try:
            status = _post(batch.url, body, headers)
        except (OSError, http.client.HTTPException):
            return False
        return 200 <= status < 300  # noqa: PLR2004 - HTTP's own

    def _put_back(self, batch: _Batch) -> None:
        wait = min(_FIRST_WAIT * 2**batch.attempt, _LONGEST_WAIT)
        batch.attempt += 1
        batch.due = time.monotonic() + wait
        if batch.attempt <= _ATTEMPTS:
            with self._lock:
                self._waiting.append(batch)


def _gathered(due: Iterable[_Batch]) -> Iterable[_Batch]:
    """New events for one address together; what is sent again stays as it was."""
    fresh: dict[str, _Batch] = {}
    for batch in due:
        if batch.attempt:
            yield batch
            continue
        held = fresh.setdefault(batch.url, _Batch(batch.url, [], batch.due))
        held.events += batch.events
    for batch in fresh.values():
        for start in range(0, len(batch.events), _MOST):
            yield _Batch(batch.url, batch.events[start : start + _MOST], batch.due)


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
