"""/livez, /readyz and /metrics of one process, for whoever watches it on this machine."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App
from crm_loop.errors import CrmLoopError
from crm_loop.queue import progress
from crm_loop.store.heartbeats import HOUSE, PROBE, SCHEDULER, beat, heartbeats
from crm_loop_workers.metrics import text_of
from crm_loop_workers.own import Own

logger = logging.getLogger(__name__)

OK, NOT_FOUND, NOT_READY = 200, 404, 503

Answer = tuple[int, str, str]


#: A scheduler that has told nothing for this long is away: it does so every 15 seconds.
SILENT = timedelta(minutes=2)


def readiness(app: App, own: Own) -> tuple[bool, Mapping[str, Any]]:
    """Ready: the database takes a row, the key opens it, and work moves.

    A broker or a scheduler that is away makes no process unready, because each goes on without
    it; it is named under `degraded`.
    """
    try:
        now = app.clock()
        beat(app.engine, PROBE, at=now)
        found = progress(app.engine, now)
        with app.engine.connect() as connection:
            ticked = heartbeats(connection, SCHEDULER).get(HOUSE)
    except DBAPIError as error:
        return False, {"database": type(error).__name__}
    facts = {"database": "ok", **found.plain(now)}
    try:
        app.seal.fingerprint("")
    except CrmLoopError as error:
        return False, {**facts, "key": error.code}
    away = {
        "broker": own.broker_answers() is False,
        "scheduler": ticked is None or now - ticked.at > SILENT,
    }
    degraded = [name for name, is_away in away.items() if is_away]
    return found.moves(now), {**facts, "key": "ok", "degraded": degraded}


def liveness(own: Own) -> tuple[bool, Mapping[str, Any]]:
    """Alive: this process gets on. Nothing else is asked, so nothing else restarts it."""
    trouble = own.pulse.trouble()
    return trouble is None, {"alive": trouble is None, **({"why": trouble} if trouble else {})}


def answer(app: App, path: str, own: Own | None = None) -> Answer:
    """Status, kind and text of one question."""
    own = own or Own()
    if path == "/livez":
        return _told(*liveness(own))
    if path == "/readyz":
        ready, facts = readiness(app, own)
        return _told(ready, {"ready": ready, **facts})
    if path == "/metrics":
        return _measured(app, own)
    return NOT_FOUND, "application/json", json.dumps({"error": "not found"})


def _told(well: bool, facts: Mapping[str, Any]) -> Answer:  # noqa: FBT001 - the first half of what is told
    return OK if well else NOT_READY, "application/json", json.dumps(facts, default=str)


def _measured(app: App, own: Own) -> Answer:
    """Without a database there is nothing to tell, and whoever asks has to notice."""
    try:
        return OK, "text/plain; version=0.0.4", text_of(app, own)
    except DBAPIError as error:
        return NOT_READY, "text/plain", f"# the database does not answer: {type(error).__name__}\n"


@contextmanager
def served(app: App, bind: str | None, own: Own | None = None) -> Iterator[str | None]:
    """Answer until the block ends; a port that somebody else has is no reason not to work."""
    if bind is None:
        yield None
        return
    host, _, port = bind.rpartition(":")
    try:
        server = ThreadingHTTPServer((host.strip("[]"), int(port)), partial(_Handler, app, own))
    except OSError as error:
        logger.warning("nobody can ask how this process is: %s", type(error).__name__)
        yield None
        return
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, app: App, own: Own | None, *args: Any) -> None:
        self.app = app
        self.own = own
        super().__init__(*args)

    def do_GET(self) -> None:
        status, kind, text = answer(self.app, self.path, self.own)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: a question every few seconds is no news."""
