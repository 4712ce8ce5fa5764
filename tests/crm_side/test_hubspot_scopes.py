"""The app asks for exactly the scopes that the connector's work needs."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from crm_loop.connector.contract import Account, Change, Op, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import CrmLoopError
from crm_loop.records import Subject
from crm_loop_hubspot.connector import HubSpotConnector

APP = Path(__file__).parents[2] / "connectors/hubspot/app/src/app/app-hsmeta.json"
SCOPES = frozenset(json.loads(APP.read_bytes())["config"]["auth"]["requiredScopes"])
#: Not in every subscription, so an app that must be installable everywhere cannot require them.
BOUGHT = {Subject.QUOTAS, Subject.LEADS, Subject.SPLITS}
#: HubSpot holds neither.
KEPT_NOWHERE = {Subject.PERIODS, Subject.PARTICIPANTS}
#: The base of every app, and what HubSpot's manual demands for names of stages and properties.
TAKEN_ON_TRUST = {"oauth", "crm.schemas.deals.read"}


def token(server: Any, scopes: frozenset[str]) -> str:
    """What an app gets that was granted these scopes."""
    access = server.get("/__access")["hubspot"]
    back = "http://127.0.0.1/back"
    asked = {"client_id": access["client_id"], "redirect_uri": back,
             "scope": " ".join(sorted(scopes))}  # fmt: skip
    sent = requests.get(f"{server.url}/oauth/authorize", params=asked, timeout=20,
                        allow_redirects=False)  # fmt: skip
    code = parse_qs(urlsplit(sent.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "client_id": access["client_id"], "client_secret": access["client_secret"]}  # fmt: skip
    answer = requests.post(f"{server.url}/oauth/2026-03/token", data=form, timeout=20)
    return str(answer.json()["access_token"])


def work(server: Any, scopes: frozenset[str]) -> dict[str, str]:
    """What the connector gets done with an app of these scopes: rows, or why not."""
    server.post("/__reset")
    access = server.get("/__access")["hubspot"]
    account = Account(organisation="o", connection="c", url=access["base_url"],
                      settings={"allow_loopback": True},
                      credentials={"access_token": token(server, scopes)})  # fmt: skip
    connector = HubSpotConnector(account, MemoryPorts().ports)
    done = {"made": told(connector.provision)}
    for subject in sorted(set(Subject) - KEPT_NOWHERE):
        done[subject] = told(lambda subject=subject: rows(connector, subject))
    fields = TaskFields(owner_id=_owner(server, access), subject="x",
                        body="", due=date(2026, 6, 19))  # fmt: skip
    change = Change(key=f"cl1t{1:040x}", op=Op.CREATE, fields=fields)
    done["pages"] = told(connector.booking_urls)
    done["task"] = told(lambda: connector.apply([change])[0].result)
    return done


def rows(connector: HubSpotConnector, subject: Subject) -> list[str]:
    return [repr(row) for batch in connector.pull(subject, None) for row in batch.rows]


def _owner(server: Any, access: Any) -> str:
    headers = {"Authorization": f"Bearer {access['access_token']}"}
    found = requests.get(f"{server.url}/crm/owners/2026-03", headers=headers, timeout=20)
    return str(found.json()["results"][0]["id"])


def told(act: Callable[[], Any]) -> str:
    try:
        return repr(act())
    except CrmLoopError as error:
        return f"refused: {error.code}"


@pytest.fixture(scope="module")
def server(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=2, weeks=3, rate_limits="off", tier="enterprise", faces="both")


@pytest.fixture(scope="module")
def with_all(server: Any) -> dict[str, str]:
    return work(server, SCOPES)


@pytest.mark.slow
def test_with_them_everything_works_that_every_subscription_has(
    with_all: dict[str, str],
) -> None:
    refused = {name for name, found in with_all.items() if found.startswith("refused: ")}
    assert {name for name in refused if with_all[name] == "refused: connection.missing_scope"} <= (
        BOUGHT
    )
    assert with_all["made"] == "['property group crm_loop', 'property crm_loop_key']"


@pytest.mark.slow
@pytest.mark.parametrize("scope", sorted(SCOPES - TAKEN_ON_TRUST))
def test_without_one_of_them_something_is_lost(
    server: Any, with_all: dict[str, str], scope: str
) -> None:
    assert work(server, SCOPES - {scope}) != with_all


def test_nothing_of_a_deal_can_be_written_with_them() -> None:
    writing = {scope for scope in SCOPES if scope.endswith(("write", "read_write"))}
    assert writing == {"crm.objects.contacts.write", "crm.schemas.contacts.write"}
