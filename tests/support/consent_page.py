"""The end of HubSpot that exchanges codes, as far as a consent needs it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

from crm_loop.connector.contract import Capabilities

PORTAL = "4711"


@dataclass
class TokenEnd:
    """Gives one refresh token for the code "good"; `seen` are the forms that it was sent."""

    url: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)
    portal: str = PORTAL

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.seen.append(form)
        if form["code"] != "good":
            said = f"missing or unknown auth code {form['code']} of {form['client_secret']}"
            return 400, {"status": "BAD_AUTH_CODE", "message": said}
        return 200, {
            "access_token": "access-canary",
            "refresh_token": "refresh-canary",
            "hub_id": int(self.portal),
            "expires_in": 1800,
        }


@contextmanager
def token_end(end: TokenEnd | None = None) -> Iterator[TokenEnd]:
    end = end or TokenEnd()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            status, body = end.answer(dict(parse_qsl(raw.decode())))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01})
    thread.start()
    end.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield end
    server.shutdown()
    server.server_close()


class Portal:
    """A connector as far as connecting asks for one."""

    def __init__(self, account: Any, _ports: Any = None, *, id_: str = PORTAL) -> None:
        self.account, self.id = account, id_

    def provision(self) -> list[str]:
        return []

    def capabilities(self) -> Capabilities:
        return Capabilities(
            account_id=self.id, account_name="Aoba", time_zone="Asia/Tokyo", currency="JPY",
            fiscal_start=None, subjects=frozenset(), missing={}, unique_key=True, key_field=True,
            managers=False, private_tasks=False, can_delete=True, deal_url="", task_url="",
        )  # fmt: skip
