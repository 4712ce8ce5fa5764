"""What both faces stand on: faults of the wire, log, journal, reset, turns, a loaded export."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from time import sleep
from typing import Any
from urllib.error import HTTPError

import pytest
import requests

from crm_loop_sandbox.access_log import template
from crm_loop_sandbox.faults import ArmedFaults
from crm_loop_sandbox.world.csv_load import load_csv

KEY = "cl1t" + "0a" * 20
TASKS = "/services/data/v67.0/sobjects/Task"


class Client:
    """An admin's plain client of the Salesforce face."""

    def __init__(self, server: Any, *, seed: int = 7) -> None:
        server.post("/__reset", {"seed": seed})
        self.server = server
        user = server.get("/__access")["salesforce"]["username"]
        token = server.get(f"/__access?user={user}")["salesforce"]["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "User-Agent": "kernel-test"}

    def create(self, **fields: Any) -> requests.Response:
        body = {"Subject": "確認", "CrmLoop_Key__c": KEY, **fields}
        address = f"{self.server.url}{TASKS}"
        return requests.post(address, json=body, headers=self.headers, timeout=0.8)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.server.url}{path}", headers=self.headers, timeout=5)

    def arm(self, kind: str, **options: Any) -> None:
        self.server.post("/__faults", {"kind": kind, "path": "/services/", **options})

    def created(self) -> int:
        entries = self.server.get("/__journal")["entries"]
        return sum(one["op"] == "create" and one["key"] == KEY for one in entries)


@pytest.fixture(scope="module")
def server(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=4, weeks=6, rate_limits="off")


@pytest.fixture
def client(server: Any) -> Client:
    return Client(server)


@pytest.mark.parametrize("kind", ["refuse", "reset_before"])
def test_a_request_cut_off_before_is_not_applied(client: Client, kind: str) -> None:
    client.arm(kind)
    with pytest.raises(requests.ConnectionError):
        client.create()
    assert client.created() == 0
    assert client.create().status_code == 201


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset_after_apply", requests.ConnectionError),
        ("apply_then_timeout", requests.ReadTimeout),
        ("apply_then_truncate", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_a_lost_answer_was_applied(client: Client, kind: str, error: type[Exception]) -> None:
    client.arm(kind)
    with pytest.raises(error):
        client.create()
    assert client.created() == 1


@pytest.mark.parametrize(
    ("kind", "status", "media"),
    [("apply_then_500", 500, ""), ("apply_then_html", 200, "text/html")],
)
def test_a_wrong_answer_was_applied(client: Client, kind: str, status: int, media: str) -> None:
    client.arm(kind)
    answer = client.create()
    assert answer.status_code == status
    assert answer.headers.get("content-type", "").startswith(media)
    assert client.created() == 1


def test_a_late_write_is_applied_behind_the_callers_back(client: Client) -> None:
    client.arm("apply_late")
    with pytest.raises(requests.ConnectionError):
        client.create()
    assert client.created() == 0
    assert _at_last(lambda: client.created() == 1)


def test_a_dripping_answer_arrives_whole(client: Client) -> None:
    client.arm("slow_drip")
    answer = client.create()
    assert (answer.status_code, answer.json()["success"]) == (201, True)


def test_a_skewed_clock_shows_in_the_date_alone(client: Client) -> None:
    dates = [client.get(TASKS).headers["Date"]]
    client.arm("clock_skew")
    dates += [client.get(TASKS).headers["Date"] for _ in range(2)]
    assert dates[0] == dates[2] != dates[1]


def test_a_fault_waits_strikes_and_is_used_up(client: Client) -> None:
    client.arm("unauthorized", skip=1, times=2)
    assert [client.get(TASKS).status_code for _ in range(4)] == [200, 401, 401, 200]


def test_a_fault_strikes_only_its_method(client: Client) -> None:
    client.arm("unauthorized", method="POST")
    assert [client.get(TASKS).status_code, client.create().status_code] == [200, 401]


def test_disarmed_faults_do_not_strike(client: Client) -> None:
    client.arm("unauthorized", times=100)
    client.server.clear_faults()
    assert client.get(TASKS).status_code == 200


def test_the_same_seed_strikes_the_same_calls() -> None:
    struck = []
    for _ in range(2):
        armed = ArmedFaults()
        armed.arm({"kind": "refuse", "probability": 0.5, "seed": 3, "times": 1000})
        struck.append([armed.take("refuse", "salesforce") for _ in range(50)])
    assert struck[0] == struck[1]
    assert {True, False} == set(struck[0])


@pytest.mark.parametrize("fault", [{"kind": "earthquake"}, {"kind": "refuse", "colour": "red"}])
def test_an_unknown_fault_is_a_400(server: Any, fault: Any) -> None:
    with pytest.raises(HTTPError, match="400"):
        server.post("/__faults", fault)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/services/data/v67.0/sobjects/Task", "/services/data/{v}/sobjects/Task"),
        ("/services/data/v67.0/sobjects/Task/00T5g000001AbCdEAK",
         "/services/data/{v}/sobjects/Task/{id}"),
        (f"/services/data/v67.0/sobjects/Task/CrmLoop_Key__c/{KEY}",
         "/services/data/{v}/sobjects/Task/CrmLoop_Key__c/{key}"),
        ("/services/data/v67.0/query/0r8abc123-2000", "/services/data/{v}/query/{locator}"),
        ("/services/data/v67.0/sobjects/OpportunityHistory/describe",
         "/services/data/{v}/sobjects/OpportunityHistory/describe"),
        ("/crm/objects/2026-03/deals/12345", "/crm/objects/{v}/deals/{id}"),
        ("/crm/v3/objects/deals", "/crm/{v}/objects/deals"),
        ("/oauth/v1/access-tokens/secret", "/oauth/{v}/access-tokens/{id}"),
        ("/oauth/v1/refresh-tokens/na1-0a-1b", "/oauth/{v}/refresh-tokens/{id}"),
        ("/settings/v3/users/ann@a.example", "/settings/{v}/users/{id}"),
    ],
)  # fmt: skip
def test_the_log_names_the_changing_parts_of_a_path(path: str, shown: str) -> None:
    assert template(path) == shown


def test_the_log_counts_by_client_and_never_the_administration(client: Client) -> None:
    client.server.post("/__log/reset")
    client.get(TASKS)
    client.get(TASKS)
    client.server.get("/__state")
    counted = {"GET /services/data/{v}/sobjects/Task": 2}
    assert client.server.get("/__log") == counted
    assert client.server.get("/__log?client=Kernel-Test") == counted
    assert client.server.get("/__log?client=somebody") == {}


def test_the_journal_is_read_page_by_page(client: Client) -> None:
    for number in range(3):
        client.create(CrmLoop_Key__c=f"cl1t{number:040x}")
    whole = client.server.get("/__journal")
    first = client.server.get("/__journal?limit=2")
    second = client.server.get(f"/__journal?after={first['next']}&limit=2")
    assert len(whole["entries"]) == 3
    assert first["entries"] + second["entries"] == whole["entries"]
    assert [one["n"] for one in whole["entries"]] == [1, 2, 3]
    assert second["next"] == whole["next"]


def test_a_reset_gives_the_same_world_again(client: Client) -> None:
    before = _seen(client)
    client.create()
    client.server.post("/__turn", {"days": 2})
    assert _seen(client) != before
    assert _seen(Client(client.server)) == before


def test_another_seed_gives_another_world_with_other_ids(client: Client) -> None:
    deals = "/services/data/v67.0/query?q=SELECT Id, Name FROM Opportunity"
    before = client.get(deals).json()["records"]
    other = Client(client.server, seed=8).get(deals).json()["records"]
    assert {row["Name"] for row in before} != {row["Name"] for row in other}
    assert not {row["Id"] for row in before} & {row["Id"] for row in other}


def test_two_days_and_five_are_a_week(server: Any) -> None:
    weeks = []
    for turns in ([7], [2, 5]):
        client = Client(server)
        assert client.create(ActivityDate=server.get("/__clock")["now"][:10]).status_code == 201
        for days in turns:
            server.post("/__turn", {"days": days})
        weeks.append(_seen(client))
    assert weeks[0] == weeks[1]
    assert len(weeks[0]["journal"]["entries"]) > 10


def test_time_does_not_run_backwards_in_a_turn(server: Any) -> None:
    with pytest.raises(HTTPError, match="400"):
        server.post("/__turn", {"until": "2000-01-01T00:00:00+00:00"})


def test_an_export_is_loaded_whole_in_each_crm(shared: Path) -> None:
    world = load_csv(shared / "data" / "maven_crm", seed=7, start=None)
    for face in ("salesforce", "hubspot"):
        last = [deal.steps[-1].fields for deal in world.deals if face in deal.faces]
        stages = [world.stages[fields["stage"]] for fields in last]
        won = [fields["amount"] for fields, stage in zip(last, stages, strict=True) if stage.is_won]
        is_open = [stage for stage in stages if not stage.is_closed]
        assert (len(last), len(won), len(is_open)) == (8800, 4238, 2089)
        assert len(last) - len(won) - len(is_open) == 2473
        assert sum(won) == Decimal(10_005_534)


def _seen(client: Client) -> dict[str, Any]:
    """Everything about the world that the administration shows."""
    names = ("state", "journal", "clock", "truth")
    return {name: client.server.get(f"/__{name}") for name in names}


def _at_last(condition: Callable[[], bool]) -> bool:
    """Whether something is so within some seconds."""
    for _ in range(250):
        if condition():
            return True
        sleep(0.02)
    return False
