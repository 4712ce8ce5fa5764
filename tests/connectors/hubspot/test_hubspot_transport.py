"""Calls over the wire: retries, waits, tokens, time-outs."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_loop.connector.contract import Token
from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop_hubspot.errors import Ambiguous, TooLong
from crm_loop_hubspot.paths import Paths
from crm_loop_hubspot.transport import Api

PATH = "/crm/objects/2026-03/deals"
TOKEN_PATH = "/oauth/2026-03/token"
OAUTH = {"client_id": "app", "client_secret": "s3cret", "refresh_token": "na1-first"}
GRANT = {"access_token": "CN-new", "refresh_token": "na1-next", "expires_in": 1800, "hub_id": 4711}
EXPIRED = {"category": "EXPIRED_AUTHENTICATION", "message": "expired 7 second(s) ago"}


def test_a_read_is_signed_and_counted(hubspot: Any) -> None:
    hubspot.says("GET", PATH, {"results": []})
    assert hubspot.api().get(PATH, [("limit", "1")]) == {"results": []}
    (seen,) = hubspot.seen
    assert seen.headers["Authorization"] == "Bearer pat-secret"
    assert seen.query == {"limit": ["1"]}
    assert hubspot.gate.acquired == ["read"]


class Turnstile:
    """Turns away whoever comes first, for so long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked = 0

    def acquire(self, kind: str, calls: int = 1) -> None:
        del kind, calls
        self.asked += 1
        if self.asked == 1:
            raise Transient("later", code="budget.empty", retry_after=self.seconds)

    def observe(self, headers: Any) -> None:
        del headers


def test_a_line_at_a_low_pace_is_stood_in(hubspot: Any) -> None:
    hubspot.says("GET", PATH, {"results": []})
    hubspot.gate = Turnstile(31)
    hubspot.api().get(PATH)
    assert hubspot.waits == [31]


def test_an_hour_is_left_to_the_caller(hubspot: Any) -> None:
    hubspot.gate = Turnstile(3600)
    with pytest.raises(Transient):
        hubspot.api().get(PATH)
    assert hubspot.waits == []


def test_the_days_limit_is_told_to_the_gate(hubspot: Any) -> None:
    limits = {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "990"}
    hubspot.says("GET", PATH, {}, headers=limits)
    hubspot.says("GET", PATH, {})
    api = hubspot.api()
    api.get(PATH)
    api.get(PATH)
    told = {"limit-max": "1000", "limit-used": "10", "limit-share": "0.6"}
    assert hubspot.gate.observed == [told]
    assert api.day_left == 0.99


@pytest.mark.parametrize("status", [423, 429, 500, 502, 504, 524])
def test_a_read_is_tried_again_after_a_passing_failure(hubspot: Any, status: int) -> None:
    hubspot.says("GET", PATH, "<html>oh no</html>", status=status)
    hubspot.says("GET", PATH, {"results": []})
    assert hubspot.api().get(PATH) == {"results": []}
    assert hubspot.gate.acquired == ["read", "read"]


def test_a_read_gives_up_after_four_tries(hubspot: Any) -> None:
    hubspot.says("GET", PATH, status=503)
    with pytest.raises(Transient):
        hubspot.api().get(PATH)
    assert len(hubspot.seen) == 4
    assert hubspot.waits == [0.5, 1, 2]


def test_an_address_that_is_too_long_is_neither_tried_nor_tried_again(hubspot: Any) -> None:
    with pytest.raises(TooLong):
        hubspot.api().get(PATH, [("properties", ",".join(["hs_v2_date_entered_x"] * 400))])
    assert hubspot.seen == []
    hubspot.says("GET", PATH, "<html>414</html>", status=414)
    with pytest.raises(TooLong):
        hubspot.api().get(PATH)
    assert len(hubspot.seen) == 1


def test_a_throttled_search_waits_as_long_as_its_window(hubspot: Any) -> None:
    hubspot.says("POST", PATH, {"message": "You have reached your secondly limit."}, status=429)
    hubspot.says("POST", PATH, {"results": []})
    hubspot.api().ask(PATH, {}, kind="search")
    assert hubspot.waits == [1]


def test_only_searches_wait_for_the_limit_that_only_counts_searches(hubspot: Any) -> None:
    for policy in ("SECONDLY", "TEN_SECONDLY_ROLLING"):
        hubspot.says("POST", PATH, {"policyName": policy}, status=429)
    hubspot.says("POST", PATH, {"results": []})
    hubspot.api().ask(PATH, {}, kind="search")
    assert hubspot.gate.observed == [
        {"retry-after": "1.0", "retry-after-of": "search"},
        {"retry-after": "10.0"},
    ]


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Tokyo", 12), ("America/New_York", 1)])
def test_the_daily_limit_is_told_at_once_with_the_time_until_midnight_in_the_portal(
    hubspot: Any, zone: str, hours: int
) -> None:
    ports = hubspot.ports()
    Api(hubspot.account(), ports, paths=Paths()).zone = ZoneInfo(zone)
    hubspot.says("GET", PATH, {"policyName": "DAILY"}, status=429)
    with pytest.raises(Transient) as caught:
        # Another process, whose first call this is.
        Api(hubspot.account(), ports, paths=Paths()).get(PATH)
    assert caught.value.retry_after == timedelta(hours=hours).total_seconds()
    assert len(hubspot.seen) == 1


def test_a_daily_limit_before_the_portal_told_its_time_zone_is_asked_about_again_in_an_hour(
    hubspot: Any,
) -> None:
    hubspot.says("GET", PATH, {"policyName": "DAILY"}, status=429)
    with pytest.raises(Transient) as caught:
        hubspot.api().get(PATH)
    assert caught.value.retry_after == timedelta(hours=1).total_seconds()


@pytest.mark.parametrize("body", ["<html>maintenance</html>", '{"results": [', "[]", ""])
def test_an_unreadable_answer_to_a_write_leaves_it_open(hubspot: Any, body: str) -> None:
    hubspot.says("POST", PATH, body, status=201)
    with pytest.raises(Ambiguous):
        hubspot.api().write("POST", PATH, {})
    assert len(hubspot.seen) == 1


@pytest.mark.parametrize("reply", [{"hang_up": True}, {"cut": 3}])
def test_a_broken_connection_leaves_a_write_open(hubspot: Any, reply: dict[str, Any]) -> None:
    hubspot.says("POST", PATH, {"results": []}, **reply)
    with pytest.raises(Ambiguous):
        hubspot.api().write("POST", PATH, {})
    assert len(hubspot.seen) == 1


@pytest.mark.parametrize("status", [423, 500, 503])
def test_a_write_is_never_repeated_by_the_transport(hubspot: Any, status: int) -> None:
    hubspot.says("POST", PATH, status=status)
    with pytest.raises(Ambiguous):
        hubspot.api().write("POST", PATH, {})
    assert len(hubspot.seen) == 1


def test_a_refused_connection_is_surely_not_applied(hubspot: Any) -> None:
    hubspot.url = "http://127.0.0.1:9"
    with pytest.raises(Transient) as caught:
        hubspot.api().write("POST", PATH, {})
    assert not isinstance(caught.value, Ambiguous)
    assert caught.value.code == "crm.unreachable"


def test_a_redirect_is_not_followed(hubspot: Any) -> None:
    hubspot.says("GET", PATH, status=302, headers={"Location": f"{hubspot.url}/elsewhere"})
    with pytest.raises(NeedsAttention) as caught:
        hubspot.api().get(PATH)
    assert caught.value.code == "connection.redirected"
    assert len(hubspot.seen) == 1


def test_an_error_page_need_not_be_utf8(hubspot: Any) -> None:
    hubspot.says("GET", PATH, status=400)
    hubspot.last("GET", PATH).data = b"\xff\xfe"
    with pytest.raises(Refused):
        hubspot.api().get(PATH)


def test_a_token_that_hubspot_repeats_never_reaches_a_message(hubspot: Any) -> None:
    hubspot.says("GET", PATH, {"message": "bad token pat-secret"}, status=400)
    with pytest.raises(Refused) as caught:
        hubspot.api().get(PATH)
    assert "pat-secret" not in str(caught.value)


def test_a_refused_fixed_token_is_tried_once_more_and_then_reported(hubspot: Any) -> None:
    hubspot.says("GET", PATH, EXPIRED, status=401)
    with pytest.raises(NeedsAttention) as caught:
        hubspot.api().get(PATH)
    assert caught.value.code == "connection.token_refused"
    assert len(hubspot.seen) == 2


def test_the_refresh_token_is_exchanged_before_the_first_call(hubspot: Any) -> None:
    hubspot.says("POST", TOKEN_PATH, GRANT)
    hubspot.says("GET", PATH, {})
    hubspot.api(credentials=OAUTH).get(PATH)
    exchange, read = hubspot.seen
    assert "grant_type=refresh_token" in exchange.raw
    assert "refresh_token=na1-first" in exchange.raw
    assert read.headers["Authorization"] == "Bearer CN-new"
    assert hubspot.vault.kept.facts == {"portal_id": "4711"}
    assert hubspot.vault.kept.expires_at == datetime(2026, 6, 15, 3, 25, tzinfo=UTC)


def test_an_expired_token_is_exchanged_once_in_the_middle_of_reading(hubspot: Any) -> None:
    hubspot.vault.kept = Token(value="CN-old", refresh_token="na1-kept")
    hubspot.says("POST", TOKEN_PATH, GRANT)
    hubspot.says("GET", PATH, EXPIRED, status=401)
    hubspot.says("GET", PATH, {"results": []})
    assert hubspot.api(credentials=OAUTH).get(PATH) == {"results": []}
    assert "refresh_token=na1-kept" in hubspot.asked("POST", TOKEN_PATH)[0].raw


def test_a_revoked_refresh_token_needs_a_person(hubspot: Any) -> None:
    bad = {"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN", "message": "revoked"}
    hubspot.says("POST", TOKEN_PATH, bad, status=400)
    with pytest.raises(NeedsAttention) as caught:
        hubspot.api(credentials=OAUTH).get(PATH)
    assert caught.value.code == "connection.token_refused"


def test_a_wrong_client_secret_is_not_told_as_an_uninstalled_app(hubspot: Any) -> None:
    bad = {"error": "invalid_client", "status": "BAD_CLIENT_ID", "message": "unknown"}
    hubspot.says("POST", TOKEN_PATH, bad, status=400)
    with pytest.raises(NeedsAttention) as caught:
        hubspot.api(credentials=OAUTH).get(PATH)
    assert caught.value.code == "connection.credentials_incomplete"


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, {"status": "BAD_GRANT_TYPE", "message": "unknown grant type"}, NeedsAttention,
         "connection.sign_in_refused"),
        (404, {"message": "resource not found"}, NeedsAttention, "connection.sign_in_refused"),
        (404, "<html>maintenance</html>", Transient, "crm.sign_in"),
        (400, "<html>bad gateway</html>", Transient, "crm.sign_in"),
    ],
)  # fmt: skip
def test_only_what_hubspot_says_of_the_refresh_token_means_an_uninstalled_app(
    hubspot: Any, status: int, body: Any, kind: type[Exception], code: str
) -> None:
    hubspot.says("POST", TOKEN_PATH, body, status=status)
    with pytest.raises(kind) as caught:
        hubspot.api(credentials=OAUTH).get(PATH)
    assert getattr(caught.value, "code", "") == code


def test_incomplete_credentials_are_reported_before_anything_is_sent(hubspot: Any) -> None:
    with pytest.raises(NeedsAttention) as caught:
        hubspot.api(credentials={"client_id": "app"})
    assert caught.value.code == "connection.credentials_incomplete"


def test_the_clock_is_the_one_of_hubspot(hubspot: Any) -> None:
    assert hubspot.api().time() == datetime(2026, 6, 15, 3, 0, tzinfo=UTC)


def test_all_calls_share_one_connection(hubspot: Any) -> None:
    api = hubspot.api()
    hubspot.says("GET", PATH, {})
    for _ in range(5):
        api.get(PATH)
    assert len(hubspot.peers) == 1


@pytest.mark.parametrize(
    "url", ["https://api.hubapi.com.evil.example", "http://api.hubapi.com", "https://evil.example"]
)
def test_a_token_goes_to_no_other_host(hubspot: Any, url: str) -> None:
    hubspot.url = url
    with pytest.raises(NeedsAttention) as caught:
        hubspot.api()
    assert caught.value.code == "connection.host"


def test_loopback_is_for_those_who_allow_it(hubspot: Any) -> None:
    with pytest.raises(NeedsAttention):
        hubspot.api(allow_loopback=False)
