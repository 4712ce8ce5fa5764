"""Sign-in: every kind of grant, and what it says when it refuses."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(api: Any, key: Any = None, **claims: Any) -> str:
    given = api.access["jwt"]
    usual = {
        "iss": given["client_id"],
        "sub": given["username"],
        "aud": "https://login.salesforce.com",
        "exp": int((datetime.now(UTC) + timedelta(minutes=3)).timestamp()),
    }
    return jwt.encode({**usual, **claims}, key or given["private_key"], algorithm="RS256")


@pytest.mark.parametrize("kind", ["client_credentials", "password", "refresh_token", BEARER])
def test_a_grant_gives_a_token(api: Any, kind: str) -> None:
    names = ("username", "password", "refresh_token")
    form = {name: api.access[name] for name in names} | {"assertion": assertion(api)}
    answer = api.sign_in(grant_type=kind, **form).json()
    assert answer["id"].split("/")[-2] == api.access["org_id"]
    assert answer["token_type"] == "Bearer"
    assert "expires_in" not in answer


def test_the_answer_is_signed_with_the_clients_secret(api: Any) -> None:
    answer = api.sign_in().json()
    text = (answer["id"] + answer["issued_at"]).encode()
    digest = hmac.new(api.access["client_secret"].encode(), text, hashlib.sha256).digest()
    assert answer["signature"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "other"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password", "username": "nobody"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "gone"}, "invalid_grant"),
        ({"grant_type": BEARER, "assertion": "nothing"}, "invalid_grant"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
    ],
)
def test_a_grant_is_refused_by_name(api: Any, form: dict[str, str], error: str) -> None:
    answer = api.sign_in(**form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 1}, "assertion is expired"),
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"sub": "nobody@aoba.example"}, "user hasn't approved this consumer"),
    ],
)
def test_an_assertion_is_refused(api: Any, claims: dict[str, Any], words: str) -> None:
    answer = api.sign_in(grant_type=BEARER, assertion=assertion(api, **claims)).json()
    assert answer == {"error": "invalid_grant", "error_description": words}


def test_an_assertion_of_another_key_is_refused(api: Any) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    answer = api.sign_in(grant_type=BEARER, assertion=assertion(api, other)).json()
    assert answer["error_description"] == "invalid assertion"


def test_the_old_word_for_bearer_is_understood(api: Any) -> None:
    header = {"Authorization": f"OAuth {api.token()}"}
    assert requests.get(f"{api.base}/limits", headers=header, timeout=20).status_code == 200


def test_a_token_says_whose_it_is_and_whether_it_lives(api: Any) -> None:
    token = api.token()
    place = f"{api.server.url}/services/oauth2"
    client = (api.access["client_id"], api.access["client_secret"])
    form = {"token": token}

    def told() -> Any:
        asked = requests.post(f"{place}/introspect", form, auth=client, timeout=20)
        return asked.json()

    assert told()["username"] == api.access["username"]
    assert requests.post(f"{place}/revoke", form, timeout=20).status_code == 200
    assert told() == {"active": False}


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/{org_id}/{user}"])
def test_an_identity_is_told(api: Any, path: str) -> None:
    answer = api.sign_in().json()
    org_id, user = answer["id"].split("/")[-2:]
    place = api.server.url + path.format(org_id=org_id, user=user)
    header = {"Authorization": f"Bearer {answer['access_token']}"}
    shown = requests.get(place, headers=header, timeout=20).json()
    assert (shown["organization_id"], shown["user_id"]) == (org_id, user)


def test_signing_in_is_no_change_of_the_user(api: Any) -> None:
    before = api.rows("SELECT SystemModstamp FROM User WHERE LastLoginDate != null")
    api.later(0.01)
    api.token()
    found = "SELECT SystemModstamp, LastLoginDate FROM User WHERE LastLoginDate != null"
    after = api.rows(found)
    assert after[0]["SystemModstamp"] == before[0]["SystemModstamp"]
    assert after[0]["LastLoginDate"] > before[0]["SystemModstamp"]
