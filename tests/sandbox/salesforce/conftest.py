"""An org on a served sandbox, spoken to in plain HTTP, and people at its screens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

PACKAGE = Path(__file__).parents[3] / "connectors/salesforce/force-app"
VERSION = "67.0"


class Api:
    """Signed in as the integration user; answers come as they are."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.access = server.get("/__access")["salesforce"]
        self.http = requests.Session()
        self.base = f"{server.url}/services/data/v{VERSION}"
        self.http.headers["Authorization"] = f"Bearer {self.token()}"

    def token(self, **form: str) -> str:
        return str(self.sign_in(**form).json()["access_token"])

    def sign_in(self, **form: str) -> requests.Response:
        client = {name: self.access[name] for name in ("client_id", "client_secret")}
        wanted = {"grant_type": "client_credentials", **client, **form}
        return requests.post(f"{self.server.url}/services/oauth2/token", data=wanted, timeout=20)

    def call(self, method: str, path: str, **given: Any) -> requests.Response:
        return self.http.request(method, f"{self.base}/{path}", timeout=20, **given)

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, params=params).json()

    def rows(self, query: str, resource: str = "query") -> list[dict[str, Any]]:
        answer = self.get(resource, q=query)
        assert isinstance(answer, dict), answer
        return list(answer["records"])

    def refusal(self, query: str) -> str:
        return str(self.get("query", q=query)[0]["errorCode"])

    def make(self, table: str, **fields: Any) -> str:
        made = self.call("POST", f"sobjects/{table}", json=fields)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def one(self, table: str, record_id: str) -> dict[str, Any]:
        found = self.rows(f"SELECT FIELDS(ALL) FROM {table} WHERE Id = '{record_id}' LIMIT 1",  # noqa: S608 - ours
                          "queryAll")  # fmt: skip
        return found[0]

    def deal(self, **fields: Any) -> str:
        usual = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
        return self.make("Opportunity", **{**usual, **fields})

    def people(self, do: str, record_id: str, **given: Any) -> Any:
        """What somebody does on the screens."""
        act = {"actor": "admin@sandbox.example", "do": do, "id": record_id, "face": "salesforce"}
        return self.server.post("/__people", act | given)

    def act(self, do: str, thing: str, **given: Any) -> str:
        """What somebody does on the screens to a thing by its name; returns its id."""
        act = {"actor": "admin@sandbox.example", "do": do, "object": thing, "face": "salesforce"}
        return str(self.server.post("/__people", act | given)["did"]["salesforce"])

    def later(self, days: float) -> None:
        self.server.post("/__clock", {"advance_days": days})

    def arm(self, kind: str, **given: Any) -> None:
        self.server.post("/__faults", {"kind": kind, "face": "salesforce", **given})


@pytest.fixture(scope="session")
def salesforce_server(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=4, weeks=6, rate_limits="off", package="full", package_dir=PACKAGE)


@pytest.fixture(scope="module")
def shared_api(salesforce_server: Any) -> Iterator[Api]:
    """One org for a file of tests: each makes what it looks at."""
    salesforce_server.post("/__reset")
    api = Api(salesforce_server)
    yield api
    api.http.close()


@pytest.fixture
def api(shared_api: Api) -> Iterator[Api]:
    yield shared_api
    shared_api.server.clear_faults()


@pytest.fixture
def new_api(salesforce_server: Any) -> Iterator[Api]:
    """An org as it is at the start, for tests that leave it otherwise."""
    salesforce_server.post("/__reset")
    api = Api(salesforce_server)
    yield api
    salesforce_server.post("/__reset")
    api.http.close()


@pytest.fixture(scope="module")
def slow_api(sandbox_server: Callable[..., Any]) -> Iterator[Api]:
    """An org whose bulk jobs take half a second."""
    api = Api(sandbox_server(reps=1, weeks=1, bulk_seconds=0.5))
    yield api
    api.http.close()
