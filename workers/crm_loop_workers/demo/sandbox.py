"""The sandbox's administration, as a demonstration uses it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.request import Request, urlopen

#: The sandbox answers at once, but a week of simulated people takes its time.
TIMEOUT_SECONDS = 120


class Sandbox:
    """Talks to the administration endpoints of one sandbox on loopback."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        return json.loads(self._open(path))

    def text(self, path: str) -> str:
        return self._open(path).decode()

    def post(self, path: str, value: Mapping[str, Any] | None = None) -> Any:
        return json.loads(self._open(path, json.dumps(value or {}).encode()))

    def move_clock(self, now: datetime) -> None:
        self.post("/__clock", {"now": now.isoformat()})

    def turn_until(self, now: datetime) -> None:
        """Let the people of the sandbox work until then."""
        self.post("/__turn", {"until": now.isoformat()})

    def calls(self, user_agent: str = "") -> dict[str, int]:
        """Calls since the log was last reset, by CRM."""
        counted = {"salesforce": 0, "hubspot": 0}
        for call, count in self.get(f"/__log?client={user_agent}").items():
            face = "salesforce" if " /services/" in call else "hubspot"
            counted[face] += count
        self.post("/__log/reset")
        return counted

    def _open(self, path: str, body: bytes | None = None) -> bytes:
        request = Request(  # noqa: S310 - a loopback address that we were given by our own child
            f"{self.url}{path}", data=body, headers={"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the same
            return bytes(answer.read())
