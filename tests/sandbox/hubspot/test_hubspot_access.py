"""Tokens, scopes, rate limits, faults of the wire."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3
from starlette.requests import Request

TOKEN_PATHS = ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token"]


def _token(sandbox: Any, path: str = "/oauth/v3/token", **form: str) -> tuple[int, Any]:
    client = {name: sandbox.access[name] for name in ("client_id", "client_secret")}
    http = urllib3.PoolManager()
    answer = http.request(
        "POST",
        sandbox.url + path,
        body=urlencode(client | form),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        retries=False,
    )
    http.clear()
    return answer.status, json.loads(answer.data or b"null")


def _refresh(sandbox: Any, path: str = "/oauth/v3/token") -> tuple[int, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": sandbox.access["refresh_token"]}
    return _token(sandbox, path, **form)


@pytest.mark.parametrize("path", TOKEN_PATHS)
def test_a_refresh_token_buys_half_an_hour(sandbox: Any, path: str) -> None:
    status, body = _refresh(sandbox, path)
    assert (status, body["token_type"], body["expires_in"]) == (200, "bearer", 1800)
    assert body["hub_id"] == sandbox.access["portal_id"]
    assert sandbox.call("GET", "/crm/v3/owners", token=body["access_token"]).status == 200


def test_the_typed_client_refreshes(sandbox: Any) -> None:
    made = sandbox.client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=sandbox.access["client_id"],
        client_secret=sandbox.access["client_secret"],
        refresh_token=sandbox.access["refresh_token"],
    )
    known = sandbox.client.oauth.access_tokens_api.get(made.access_token)
    assert known.hub_id == sandbox.access["portal_id"]


def test_a_bad_refresh_token_says_so(sandbox: Any) -> None:
    status, body = _token(sandbox, grant_type="refresh_token", refresh_token="na1-gone")
    assert (status, body["error"], body["status"]) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")


def test_an_authorization_code_works_once(sandbox: Any) -> None:
    redirect = "http://127.0.0.1:1/back"
    query = {
        "client_id": sandbox.access["client_id"],
        "redirect_uri": redirect,
        "scope": "oauth crm.objects.deals.read",
        "state": "s",
    }
    http = urllib3.PoolManager()
    url = f"{sandbox.url}/oauth/authorize?{urlencode(query)}"
    location = http.request("GET", url, redirect=False).headers["Location"]
    http.clear()
    answer = parse_qs(urlsplit(location).query)
    form = {"grant_type": "authorization_code", "redirect_uri": redirect, "code": answer["code"][0]}
    status, body = _token(sandbox, **form)
    assert (answer["state"], status) == (["s"], 200)
    assert body["scopes"] == ["oauth", "crm.objects.deals.read"]
    assert sandbox.call("GET", "/crm/v3/owners", token=body["access_token"]).status == 403
    assert _token(sandbox, **form)[0] == 400


@pytest.mark.parametrize(("verifier", "status"), [("v" * 43, 200), ("w" * 43, 400), ("", 400)])
def test_a_code_with_a_challenge_wants_its_verifier(
    sandbox: Any, verifier: str, status: int
) -> None:
    redirect = "http://127.0.0.1:1/back"
    digest = urlsafe_b64encode(sha256(b"v" * 43).digest()).rstrip(b"=").decode()
    query = {"client_id": sandbox.access["client_id"], "redirect_uri": redirect, "scope": "oauth",
             "code_challenge": digest, "code_challenge_method": "S256"}  # fmt: skip
    http = urllib3.PoolManager()
    url = f"{sandbox.url}/oauth/{sandbox.access['portal_id']}/authorize?{urlencode(query)}"
    location = http.request("GET", url, redirect=False).headers["Location"]
    elsewhere = http.request("GET", url.replace("/oauth/", "/oauth/9"), redirect=False)
    http.clear()
    (code,) = parse_qs(urlsplit(location).query)["code"]
    form = {"grant_type": "authorization_code", "redirect_uri": redirect, "code": code}
    assert _token(sandbox, **form, code_verifier=verifier)[0] == status
    assert elsewhere.status == 400


@pytest.mark.parametrize(("name", "status"), [("scope", 400), ("optional_scope", 302)])
def test_only_optional_scopes_may_be_beyond_the_account(
    serve: Callable[..., Any], name: str, status: int
) -> None:
    sandbox = serve(tier="free")
    query = {
        "client_id": sandbox.access["client_id"],
        "redirect_uri": "http://127.0.0.1:1/back",
        name: "crm.objects.goals.read",
    }
    http = urllib3.PoolManager()
    url = f"{sandbox.url}/oauth/authorize?{urlencode(query)}"
    answer = http.request("GET", url, redirect=False, retries=False)
    http.clear()
    assert answer.status == status


@pytest.mark.parametrize(
    ("path", "scope"),
    [("/forms/v2/forms", "forms"), ("/crm/v3/lists/search", "crm.lists.read")],
)
def test_what_was_not_granted_is_refused_by_scope(sandbox: Any, path: str, scope: str) -> None:
    answer = sandbox.call("GET", path)
    context = answer.body["errors"][0]["context"]
    assert (answer.status, context) == (403, {"requiredGranularScopes": [scope]})
    assert sandbox.call("GET", path, token="none").status == 401


def test_an_expired_token_is_told_from_an_unknown_one(sandbox: Any) -> None:
    token = _refresh(sandbox)[1]["access_token"]
    sandbox.now += 1801
    expired = sandbox.call("GET", "/crm/v3/owners", token=token)
    unknown = sandbox.call("GET", "/crm/v3/owners", token="pat-na1-none")
    assert (expired.status, expired.body["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert (unknown.status, unknown.body["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_person_has_a_token_of_their_own(sandbox: Any) -> None:
    token = sandbox.face.access("ann@example.com", sandbox.url)["access_token"]
    assert token != sandbox.access["access_token"]
    assert sandbox.call("GET", "/crm/v3/owners", token=token).status == 200


def test_every_error_carries_the_correlation_id_of_its_header(sandbox: Any) -> None:
    answer = sandbox.call("GET", "/crm/v3/objects/deals/1")
    assert (answer.status, answer.body["message"]) == (404, "resource not found")
    assert answer.body["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


def test_normal_answers_tell_the_limits(sandbox: Any) -> None:
    headers = sandbox.call("GET", "/crm/v3/owners").headers
    assert headers["X-HubSpot-RateLimit-Max"] == "190"
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert headers["X-HubSpot-RateLimit-Daily"] == "625000"
    assert headers["Content-Type"] == "application/json;charset=utf-8"


def test_an_oauth_token_has_no_daily_limit(sandbox: Any) -> None:
    token = _refresh(sandbox)[1]["access_token"]
    headers = sandbox.call("GET", "/crm/v3/owners", token=token).headers
    assert headers["X-HubSpot-RateLimit-Max"] == "110"
    assert "X-HubSpot-RateLimit-Daily" not in headers


def test_the_sixth_search_of_a_second_is_refused(
    serve: Callable[..., Any],
) -> None:
    sandbox = serve(rate_limits=True)
    answers = [sandbox.call("POST", "/crm/v3/objects/deals/search", {}) for _ in range(6)]
    body = answers[5].body
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert body["message"] == "You have reached your secondly limit."
    assert (body["category"], "policyName" in body) == ("RATE_LIMITS", False)
    assert "X-HubSpot-RateLimit-Max" not in answers[5].headers


def test_a_day_that_is_used_up_ends_at_midnight_of_the_account(serve: Callable[..., Any]) -> None:
    sandbox = serve(rate_limits=True)
    usage = "/account-info/v3/api-usage/daily/private-apps"
    (today,) = sandbox.call("GET", usage).body["results"]
    sandbox.face.portal.limits.used_today = today["usageLimit"]
    refused = sandbox.call("GET", "/crm/v3/owners")
    searched = sandbox.call("POST", "/crm/v3/objects/deals/search", {})
    sandbox.now = datetime.fromisoformat(today["resetsAt"]).timestamp()
    assert (refused.status, refused.body["policyName"]) == (429, "DAILY")
    assert refused.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert searched.body["message"] == "You have reached your daily limit."
    assert sandbox.call("GET", "/crm/v3/owners").status == 200


def test_an_oauth_app_has_no_day_to_use_up(serve: Callable[..., Any]) -> None:
    sandbox = serve(rate_limits=True)
    token = _refresh(sandbox)[1]["access_token"]
    sandbox.call("GET", "/crm/v3/owners")
    sandbox.face.portal.limits.used_today = 625_000
    assert sandbox.call("GET", "/crm/v3/owners", token=token).status == 200


def test_a_free_account_has_a_hundred_calls_in_ten_seconds(serve: Callable[..., Any]) -> None:
    sandbox = serve(rate_limits=True, tier="free")
    statuses = [sandbox.call("GET", "/crm/v3/owners").status for _ in range(100)]
    refused = sandbox.call("GET", "/crm/v3/owners")
    sandbox.now += 10.0
    assert (set(statuses), refused.status) == ({200}, 429)
    assert refused.body["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert sandbox.call("GET", "/crm/v3/owners").status == 200


def test_a_token_can_be_looked_into_and_revoked(sandbox: Any) -> None:
    token = sandbox.access["refresh_token"]
    known = _token(sandbox, "/oauth/v3/token/introspect", token=token)[1]
    revoked = _token(sandbox, "/oauth/2026-03/token/revoke", token=token)[0]
    assert (known["active"], known["hub_id"]) == (True, sandbox.access["portal_id"])
    assert revoked == 204
    assert _token(sandbox, "/oauth/v3/token/introspect", token=token)[1] == {"active": False}
    assert _refresh(sandbox)[0] == 400


def test_the_token_of_a_private_app_tells_its_account(sandbox: Any) -> None:
    body = {"tokenKey": sandbox.access["access_token"]}
    found = sandbox.call("POST", "/oauth/v2/private-apps/get/access-token-info", body).body
    assert found["hubId"] == sandbox.access["portal_id"]
    assert "crm.objects.deals.read" in found["scopes"]


def _request(path: str, token: str = "") -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "method": "GET", "path": path, "headers": headers})


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ("unauthorized", 401, "INVALID_AUTHENTICATION"),
        ("token_503_html", 503, "<title>503"),
        ("limit_secondly", 429, "secondly limit"),
        ("limit_daily", 429, "DAILY"),
        ("limit_total", 429, "TEN_SECONDLY_ROLLING"),
        ("limit_concurrent", 429, "TEN_SECONDLY_ROLLING"),
    ],
)
def test_faults_of_the_wire_have_the_shape_of_the_vendor(
    sandbox: Any, fault: str, status: int, word: str
) -> None:
    answer = sandbox.face.answer(fault, _request("/crm/v3/objects/deals"))
    assert answer.status_code == status
    assert word in bytes(answer.body).decode()


def test_an_unauthorized_oauth_token_is_called_expired(sandbox: Any) -> None:
    token = _refresh(sandbox)[1]["access_token"]
    answer = sandbox.face.answer("unauthorized", _request("/crm/v3/owners", token))
    assert json.loads(bytes(answer.body))["category"] == "EXPIRED_AUTHENTICATION"
