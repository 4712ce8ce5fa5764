"""/livez, /readyz and /metrics of one process, for whoever watches it on this machine."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App
from crm_loop.queue import progress
from crm_loop_workers.metrics import text_of

logger = logging.getLogger(__name__)

OK, NOT_FOUND, NOT_READY = 200, 404, 503

Answer = tuple[int, str, str]


def readiness(app: App) -> tuple[bool, Mapping[str, Any]]:
    """Ready: the database answers and work moves. A broker that is away costs time only."""
    try:
        now = app.clock()
        found = progress(app.engine, now)
    except DBAPIError as error:
        return False, {"database": type(error).__name__}
    return found.moves(now), {"database": "ok", **found.plain(now)}


def answer(app: App, path: str) -> Answer:
    """Status, kind and text of one question."""
    if path == "/livez":
        return OK, "application/json", json.dumps({"alive": True})
    if path == "/readyz":
        ready, facts = readiness(app)
        text = json.dumps({"ready": ready, **facts}, default=str)
        return OK if ready else NOT_READY, "application/json", text
    if path == "/metrics":
        return _measured(app)
    return NOT_FOUND, "application/json", json.dumps({"error": "not found"})


def _measured(app: App) -> Answer:
    """Without a database there is nothing to tell, and whoever asks has to notice."""
    try:
        return OK, "text/plain; version=0.0.4", text_of(app)
    except DBAPIError as error:
        return NOT_READY, "text/plain", f"# the database does not answer: {type(error).__name__}\n"


@contextmanager
def served(app: App, bind: str | None) -> Iterator[str | None]:
    """Answer until the block ends; a port that somebody else has is no reason not to work."""
    if bind is None:
        yield None
        return
    host, _, port = bind.rpartition(":")
    try:
        server = ThreadingHTTPServer((host.strip("[]"), int(port)), partial(_Handler, app))
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
    def __init__(self, app: App, *args: Any) -> None:
        self.app = app
        super().__init__(*args)

    def do_GET(self) -> None:
        status, kind, text = answer(self.app, self.path)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: a question every few seconds is no news."""
