"""How a token is got and kept: for which audience, from which grant, and never twice in vain."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import responses

from crm_loop.connector.contract import Account, Token
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import NeedsAttention, Transient
from crm_loop_salesforce.connector import SalesforceConnector

MY_DOMAIN = "https://acme.my.salesforce.com"
DATE = {"Date": "Mon, 15 Jun 2026 03:00:00 GMT"}
EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
APP = {"client_id": "3MVG9", "client_secret": "secret"}


class Door:
    """The sign-in of one org, whatever its address, and one call behind it."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock
        self.memory = MemoryPorts()

    def opens(self, url: str = MY_DOMAIN, /, **more: Any) -> None:
        identity = f"{url}/id/00D5g000004AbcDEAS/0055g000001AbCdEAK"
        token = {"access_token": "00D!x", "instance_url": MY_DOMAIN, "id": identity, **more}
        self.mock.post(f"{url}/services/oauth2/token", json=token)

    def refuses(self, status: int, body: Any) -> None:
        self.mock.post(f"{MY_DOMAIN}/services/oauth2/token", json=body, status=status)

    def answers(self, status: int = 200, body: Any = None) -> None:
        url = f"{MY_DOMAIN}/services/data/v67.0/"
        self.mock.get(url, json=body or {"query": "/"}, status=status, headers=DATE)

    def enter(self, url: str = MY_DOMAIN, **credentials: str) -> datetime:
        account = Account(
            organisation="acme", connection="sf", url=url, credentials=credentials or APP
        )
        return SalesforceConnector(account, self.memory.ports, sleep=lambda _: None).clock()

    def forms(self) -> list[dict[str, str]]:
        bodies = [call.request.body for call in self.mock.calls if call.request.method == "POST"]
        return [{k: v[0] for k, v in parse_qs(str(body)).items()} for body in bodies]


@pytest.fixture
def door() -> Iterator[Door]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Door(mock)


@pytest.fixture(scope="module")
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        (MY_DOMAIN, "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://login.salesforce.com", "https://login.salesforce.com"),
    ],
)
def test_an_assertion_is_for_the_login_host_of_the_org(
    door: Door, private_key: str, url: str, audience: str
) -> None:
    door.opens(url)
    door.answers()
    door.enter(url, client_id="3MVG9", username="loop@acme.example", private_key=private_key)
    claims = jwt.decode(door.forms()[0]["assertion"], options={"verify_signature": False})
    assert claims["aud"] == audience


def test_a_key_that_is_none_needs_attention(door: Door) -> None:
    with pytest.raises(NeedsAttention):
        door.enter(client_id="3MVG9", username="loop@acme.example", private_key="-----BEGIN")
    assert not door.mock.calls


def test_the_newest_refresh_token_is_kept_and_used(door: Door) -> None:
    door.opens(refresh_token="second")
    door.answers(401, EXPIRED)
    door.answers()
    door.enter(**APP, refresh_token="first")
    assert [form["refresh_token"] for form in door.forms()] == ["first", "second"]


def test_a_security_token_follows_the_password(door: Door) -> None:
    door.opens()
    door.answers()
    door.enter(**APP, username="a@acme.example", password="pass", security_token="TOKEN")
    assert door.forms()[0]["password"] == "passTOKEN"


def test_one_token_serves_until_it_is_old(door: Door) -> None:
    door.opens()
    door.answers()
    start = datetime(2026, 6, 15, 3, tzinfo=UTC)
    times = iter([start, start + timedelta(minutes=20), start + timedelta(minutes=31)])
    door.memory = MemoryPorts(clock=lambda: next(times, start + timedelta(minutes=31)))
    door.enter()
    assert len(door.forms()) == 1
    door.enter()
    door.enter()
    assert len(door.forms()) == 2


def test_a_token_turned_down_is_renewed_once(door: Door) -> None:
    door.opens()
    door.answers(401, EXPIRED)
    door.answers()
    assert door.enter() == datetime(2026, 6, 15, 3, tzinfo=UTC)
    assert len(door.forms()) == 2


def test_a_new_token_that_is_turned_down_is_not_renewed_again(door: Door) -> None:
    door.opens()
    door.answers(401, EXPIRED)
    with pytest.raises(Transient):
        door.enter()
    assert len(door.forms()) == 2


@pytest.mark.parametrize("words", ["Login Rate Exceeded", "retry your request"])
def test_a_refusal_that_passes_by_itself_is_no_wrong_credential(door: Door, words: str) -> None:
    door.refuses(400, {"error": "invalid_grant", "error_description": words})
    with pytest.raises(Transient):
        door.enter()


@pytest.mark.parametrize("status", [302, 404])
def test_an_address_where_nobody_signs_in_needs_attention(door: Door, status: int) -> None:
    url = f"{MY_DOMAIN}/services/oauth2/token"
    door.mock.post(url, body="<html>", status=status, headers={"Location": "https://evil.example"})
    with pytest.raises(NeedsAttention):
        door.enter()
    assert len(door.mock.calls) == 1


@pytest.mark.parametrize("missing", ["access_token", "instance_url", "id"])
def test_an_incomplete_answer_is_asked_for_again_later(door: Door, missing: str) -> None:
    door.opens(**{missing: None})
    with pytest.raises(Transient):
        door.enter()


def test_sign_ins_and_calls_go_through_the_gate_which_hears_the_limits(door: Door) -> None:
    door.opens()
    info = {"Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=a)"}
    door.mock.get(f"{MY_DOMAIN}/services/data/v67.0/", json={}, headers={**DATE, **info})
    door.enter()
    assert door.memory.gate.calls == {"sign_in": 1, "track": 1}
    assert door.memory.gate.observed == {"limit-used": "25", "limit-max": "5000"}


def test_an_answer_that_sends_us_elsewhere_is_not_followed(door: Door) -> None:
    door.opens()
    url = f"{MY_DOMAIN}/services/data/v67.0/"
    door.mock.get(url, status=302, headers={"Location": "https://evil.example/"})
    with pytest.raises(Transient):
        door.enter()
    assert all("evil" not in str(call.request.url) for call in door.mock.calls)


REFUSED = {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}


def test_a_refused_sign_in_is_not_tried_again_at_once(door: Door) -> None:
    door.refuses(400, REFUSED)
    for _ in range(3):
        with pytest.raises(NeedsAttention, match="hasn't approved this consumer"):
            door.enter()
    assert len(door.forms()) == 1


def test_other_credentials_are_tried_at_once(door: Door) -> None:
    door.refuses(400, REFUSED)
    with pytest.raises(NeedsAttention):
        door.enter()
    door.opens()
    door.answers()
    door.enter(client_id="3MVG9", client_secret="the right one")


def test_a_refused_sign_in_is_tried_again_later(door: Door) -> None:
    now = [datetime(2026, 6, 15, tzinfo=UTC)]
    door.memory = MemoryPorts(clock=lambda: now[0])
    door.refuses(400, REFUSED)
    with pytest.raises(NeedsAttention):
        door.enter()
    now[0] += timedelta(minutes=5)
    door.opens()
    door.answers()
    door.enter()
    assert door.memory.notebook.pages == {}


def test_the_org_that_was_connected_is_the_only_one_that_is_opened(door: Door) -> None:
    door.opens()
    account = Account(
        organisation="acme",
        connection="sf",
        url=MY_DOMAIN,
        credentials=APP,
        account_id="00D000000000000AAA",
    )
    with pytest.raises(NeedsAttention, match="another Salesforce org"):
        SalesforceConnector(account, door.memory.ports).clock()


def test_an_address_that_was_kept_is_checked_before_a_token_is_sent_there(door: Door) -> None:
    kept = {"instance_url": "https://evil.example", "org_id": "00D", "user_id": "005"}
    door.memory.vault.kept = Token(value="00D!x", facts=kept)
    with pytest.raises(NeedsAttention, match="no address of this CRM"):
        door.enter()
    assert len(door.mock.calls) == 0
