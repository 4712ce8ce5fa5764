"""HTTP sessions and waits that do not keep whoever uses them.

Whoever is held in a circle stays, with open connections, until the collector comes by.
"""

from collections.abc import Callable
from importlib.metadata import version
from threading import local
from typing import Any, Protocol
from weakref import ref

import requests
import tenacity
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from crm_loop.connector.contract import Token
from crm_loop.errors import Transient

#: How we call ourselves.
_AGENT = f"crm_loop/{version('crm-loop-salesforce')}"

Wait = Callable[[tenacity.RetryCallState], float]


class Listener(Protocol):
    """Whoever is told each answer besides what was asked."""

    def hear(self, answer: requests.Response) -> None: ...


class Own(local):
    """What each thread that talks to an org has for itself: no client serves two of them.

    `purpose` is what the budget is told that reading calls are for: read, load (a first time) or
    track.
    """

    purpose = "track"
    session: requests.Session | None = None
    client: Salesforce | None = None
    token: Token | None = None


class PlainHttp(HTTPAdapter):
    """The client library insists on https; a sandbox on loopback speaks plain http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **options)


def a_session(listener: Listener) -> requests.Session:
    """A new session that tells what it hears for as long as there is somebody to be told."""
    known = ref(listener)

    def hear(answer: requests.Response, **_: Any) -> None:
        there = known()
        if there is not None:
            there.hear(answer)

    session = requests.Session()
    session.headers["User-Agent"] = _AGENT
    session.hooks["response"].append(hear)
    return session


def as_asked_or(backoff: Wait) -> Wait:
    """Wait for as long as the CRM has asked, else by growing waits."""

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, Transient) else None
        return asked if asked is not None else float(backoff(state))

    return wait
