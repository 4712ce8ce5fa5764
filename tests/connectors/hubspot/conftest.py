"""A HubSpot that answers what a test wrote down, and a portal of the sandbox to mirror."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from crm_loop.connector.contract import Account, Connector, Cursor, Ports, Token
from crm_loop.records import Record, Subject
from crm_loop_hubspot import connect
from crm_loop_hubspot.paths import Paths
from crm_loop_hubspot.transport import Api

NOW = datetime(2026, 6, 15, 3, 0, tzinfo=UTC)
DETAILS = {"portalId": 4711, "timeZone": "Asia/Tokyo", "companyCurrency": "JPY"}
V = "2026-03"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it came over the wire."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    raw: str

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(kw_only=True)
class Reply:
    """`cut`: bytes of the body that are never sent; `hang_up`: no answer at all."""

    status: int = 200
    data: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    hang_up: bool = False


class ScriptedHubSpot:
    """Answers each path with its replies in turn; the last one stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self.waits: list[float] = []
        self.peers: set[int] = set()
        self.gate = RecordingGate()
        self.vault = MemoryVault()
        self._replies: dict[tuple[str, str], deque[Reply]] = defaultdict(deque)
        self.says("GET", f"/account-info/{V}/details", DETAILS)
        self.says("GET", f"/crm/properties/{V}/tasks/crm_loop_key", {"hasUniqueValue": True})

    def says(self, method: str, path: str, body: Any = None, **reply: Any) -> None:
        """Add an answer; text goes out as it is, everything else as JSON."""
        data = body.encode() if isinstance(body, str) else json.dumps(body or {}).encode()
        self._replies[method, path].append(Reply(data=data, **reply))

    def forget(self, method: str, path: str) -> None:
        self._replies.pop((method, path), None)

    def reply_to(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        waiting = self._replies[seen.method, seen.path]
        if not waiting:
            return Reply(status=404, data=b'{"message":"resource not found"}')
        return waiting.popleft() if len(waiting) > 1 else waiting[0]

    def last(self, method: str, path: str) -> Reply:
        return self._replies[method, path][-1]

    def asked(self, method: str, path: str) -> list[Seen]:
        return [one for one in self.seen if (one.method, one.path) == (method, path)]

    def account(self, **settings: Any) -> Account:
        credentials = settings.pop("credentials", {"access_token": "pat-secret"})
        return Account(
            organisation="acme",
            connection="hubspot",
            url=self.url,
            settings={"allow_loopback": True, "read_timeout": 0.5, **settings},
            credentials=credentials,
        )

    def ports(self) -> Ports:
        return Ports(gate=self.gate, vault=self.vault, notebook=MemoryNotebook(), clock=lambda: NOW)

    def connector(self, **settings: Any) -> Connector:
        return connect(self.account(**settings), self.ports())

    def api(self, **settings: Any) -> Api:
        """The transport alone, which notes how long it would have waited."""
        account = self.account(**settings)
        return Api(account, self.ports(), paths=Paths(), sleep=self.waits.append)


class RecordingGate:
    def __init__(self) -> None:
        self.acquired: list[str] = []
        self.observed: list[Mapping[str, str]] = []

    def acquire(self, kind: str, calls: int = 1) -> None:
        self.acquired += [kind] * calls

    def observe(self, headers: Mapping[str, str]) -> None:
        self.observed.append(headers)


class MemoryVault:
    """Keeps one token until it is refused or has expired."""

    def __init__(self) -> None:
        self.kept: Token | None = None

    def token(self, refresh: Callable[[str | None], Token], *, refused: str | None = None) -> Token:
        kept = self.kept
        expired = kept is not None and kept.expires_at is not None and kept.expires_at <= NOW
        if kept is None or expired or kept.value == refused:
            self.kept = refresh(kept.refresh_token if kept else None)
        assert self.kept is not None
        return self.kept


class MemoryNotebook:
    def __init__(self) -> None:
        self._pages: dict[str, Mapping[str, Any]] = {}

    def get(self, name: str) -> Mapping[str, Any] | None:
        return self._pages.get(name)

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        if value is None:
            self._pages.pop(name, None)
        else:
            self._pages[name] = value


class OpenGate:
    """Lets every call through; the sandbox's own limits are what counts."""

    def acquire(self, kind: str, calls: int = 1) -> None:
        del kind, calls

    def observe(self, headers: Mapping[str, str]) -> None:
        del headers


class Mirror:
    """Pulls one portal of a sandbox again and again, as the core does, and keeps the rows."""

    def __init__(self, server: Any, **settings: Any) -> None:
        self.server = server
        self.access = server.get("/__access")["hubspot"]
        self.rows: dict[Subject, dict[str, Record]] = {subject: {} for subject in Subject}
        self.credentials = {"access_token": self.access["access_token"]}
        self.merged: dict[Subject, dict[str, str]] = {subject: {} for subject in Subject}
        self._settings = {"allow_loopback": True, "read_timeout": 1, **settings}
        self.cursors: dict[Subject, Cursor | None] = {}
        self._notebook = MemoryNotebook()

    def connector(self) -> Connector:
        account = Account(
            organisation="acme",
            connection="hubspot",
            url=self.access["base_url"],
            settings={
                "portal_id": self.access["portal_id"],
                "retry_wait": 0.01,
                **self._settings,
            },
            credentials=self.credentials,
        )
        ports = Ports(
            gate=OpenGate(),
            vault=MemoryVault(),
            notebook=self._notebook,
            clock=lambda: datetime.now(UTC),
        )
        return connect(account, ports)

    def pull(self, connector: Connector | None = None) -> dict[Subject, int]:
        """Everything as the core does it: ask what there is, then subject by subject."""
        connector = connector or self.connector()
        subjects = connector.capabilities().subjects
        connector.clock()
        return {s: self._keep(s, connector) for s in Subject if s in subjects}

    def write(self, method: str, path: str, body: Any) -> Any:
        """What a stranger's software does through the API."""
        headers = {"Authorization": f"Bearer {self.access['access_token']}"}
        url = f"{self.access['base_url']}/crm/objects/{V}/{path}"
        answer = urllib3.request(method, url, json=body, headers=headers)
        assert answer.status in {200, 201, 204}, answer.data
        return json.loads(answer.data or b"{}")

    def created(self, kind: str, properties: Mapping[str, str]) -> str:
        """The id of a record that a stranger's software has just made."""
        return str(self.write("POST", kind, {"properties": properties})["id"])

    def tie(self, kind: str, one: str, other: str, to: str) -> None:
        self.write("PUT", f"{kind}/{one}/associations/default/{other}/{to}", None)

    def untie(self, kind: str, one: str, other: str, to: str) -> None:
        self.write("DELETE", f"{kind}/{one}/associations/{other}/{to}", None)

    def now(self) -> str:
        return str(self.server.get("/__clock")["now"])

    def _keep(self, subject: Subject, connector: Connector) -> int:
        kept, pulled, seen = self.rows[subject], 0, set[str]()
        before = set(kept)
        for batch in connector.pull(subject, self.cursors.get(subject)):
            if batch.complete:
                kept.clear()
            seen |= {*batch.present}
            self.merged[subject] |= batch.merged
            left = [
                row.id for row in kept.values() if getattr(row, "deal_id", "") in batch.whole_of
            ]
            gone = [*batch.removed, *left, *(before - seen if batch.swept else ())]
            for one in gone:
                kept.pop(one, None)
            kept |= {row.id: row for row in batch.rows}
            self.cursors[subject] = batch.cursor
            pulled += len(batch.rows)
        return pulled


@pytest.fixture(scope="session")
def mirror_of() -> type[Mirror]:
    return Mirror


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two would wait for each other

    def handle_any(self) -> None:
        self.server.script.peers.add(self.client_address[1])  # type: ignore[attr-defined] # set below
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        seen = Seen(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query),
            headers=dict(self.headers),
            raw=self.rfile.read(size).decode(),
        )
        self._send(self.server.script.reply_to(seen))  # type: ignore[attr-defined] # set below

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of the base class

    def _send(self, reply: Reply) -> None:
        self.close_connection = reply.hang_up or bool(reply.cut)
        if reply.hang_up:
            return
        self.send_response_only(reply.status)
        for name, value in {"Date": format_datetime(NOW, usegmt=True), **reply.headers}.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.data)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.data[: len(reply.data) - reply.cut])

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def hubspot() -> Iterator[ScriptedHubSpot]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    script = ScriptedHubSpot(f"http://127.0.0.1:{server.server_port}")
    server.script = script  # type: ignore[attr-defined] # handlers have no other way to it
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield script
    server.shutdown()
    thread.join()
    server.server_close()
