"""A served sandbox for clients that have never heard of it."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter


class SandboxAddress(HTTPAdapter):
    """The clients insist on https and on Salesforce's own hosts; the network leads them here."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        rest = str(request.url).split("/", 3)[3]
        request.url = f"{self._url}/{rest}"
        return super().send(request, *args, **options)


@pytest.fixture(scope="session")
def sandbox(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=6, weeks=16, package="full", rate_limits="off")


@pytest.fixture
def session(sandbox: Any) -> Any:
    with requests.Session() as session:
        session.mount("https://", SandboxAddress(sandbox.url))
        yield session
