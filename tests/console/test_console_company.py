"""Signing in with the company's own account, and every way in which it must not work."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from console_house import ADDRESS, House, settings_of
from identity_provider import CLIENT, SECRET, IdentityProvider, served
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from opened_console import opened
from starlette.testclient import TestClient

REP, LEAD = "rep@acme.example", "lead@acme.example"


@pytest.fixture(scope="module")
def issuer() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    with served(provider):
        yield provider


@dataclass
class World:
    provider: IdentityProvider
    house: House

    def browser(self) -> TestClient:
        return TestClient(self.house.served, base_url=ADDRESS, follow_redirects=False)

    def leave(self, browser: TestClient, **query: str) -> str:
        answer = browser.get("/sign-in/company", params=query)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def there_and_back(self, browser: TestClient, **changed: str) -> Any:
        told = self.provider.let_in(self.leave(browser)) | changed
        return browser.get("/sign-in/company/return", params=told)

    def is_in(self, browser: TestClient) -> bool:
        return bool(browser.get("/account").status_code == 200)


@pytest.fixture
def world(issuer: IdentityProvider, seeded: Path, tmp_path: Path) -> Iterator[World]:
    issuer.claims, issuer.sign, issuer.facts = lambda _: None, None, {}
    issuer.who = {"email": REP.upper()}
    secret = tmp_path / "oidc-secret"
    secret.write_text(f"{SECRET}\n", "utf-8")
    more = {"oidc_issuer": issuer.issuer, "oidc_client_id": CLIENT, "oidc_secret_file": secret,
            "allow_loopback_crm": True}  # fmt: skip
    with opened(seeded, tmp_path / "company", **more) as house:
        yield World(issuer, house)


def test_who_was_invited_comes_in_and_is_led_back(world: World) -> None:
    browser = world.browser()
    told = world.provider.let_in(world.leave(browser, next="/people/me"))
    answer = browser.get("/sign-in/company/return", params=told)
    assert (answer.status_code, answer.headers["location"]) == (303, "/people/me")
    assert world.is_in(browser)
    with world.house.app.look("acme") as state:
        assert "user.identity_bound" in [one.what for one in state.trail.unsealed()]


def test_the_sign_in_page_offers_it_only_where_it_is_set_up(world: World, house: House) -> None:
    assert "/sign-in/company" in world.browser().get("/sign-in").text
    assert "/sign-in/company" not in house.browser().get("/sign-in").text
    assert house.browser().get("/sign-in/company").status_code == 404


def test_afterwards_issuer_and_subject_count_and_the_address_does_not(world: World) -> None:
    assert world.there_and_back(world.browser()).status_code == 303
    world.provider.who = {"email": "renamed@elsewhere.example"}
    browser = world.browser()
    assert world.there_and_back(browser).status_code == 303
    assert REP in browser.get("/account").text


def test_another_subject_with_the_same_address_is_somebody_else(world: World) -> None:
    assert world.there_and_back(world.browser()).status_code == 303
    world.provider.who = {"email": REP, "sub": "somebody else"}
    browser = world.browser()
    assert world.there_and_back(browser).status_code == 401
    assert not world.is_in(browser)


@pytest.mark.parametrize(
    "who",
    [{"email": "stranger@acme.example"}, {"email": REP, "email_verified": False},
     {"email": REP, "email_verified": "true"}, {}, {"email": None}],
)  # fmt: skip
def test_nobody_comes_in_without_an_invited_and_verified_address(world: World, who: Any) -> None:
    world.provider.who = who
    browser = world.browser()
    assert world.there_and_back(browser).status_code == 401
    assert not world.is_in(browser)


def test_who_is_disabled_does_not_come_in(world: World) -> None:
    assert world.there_and_back(world.browser()).status_code == 303
    disabled = replace(world.house.user(REP), disabled=True)
    with world.house.app.begin("acme") as state:
        state.users.put(disabled)
    assert world.there_and_back(world.browser()).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [{"state": "other"}, {"state": ""}, {"iss": "https://evil.example"}, {"iss": ""},
     {"code": "other"}, {"code": ""}],
)  # fmt: skip
def test_an_answer_that_was_changed_on_its_way_signs_nobody_in(
    world: World, changed: dict[str, str]
) -> None:
    browser = world.browser()
    assert world.there_and_back(browser, **changed).status_code == 401
    assert not world.is_in(browser)


def test_an_answer_without_the_issuer_that_was_promised_is_refused(world: World) -> None:
    browser = world.browser()
    told = world.provider.let_in(world.leave(browser))
    del told["iss"]
    assert browser.get("/sign-in/company/return", params=told).status_code == 401


def test_an_answer_for_another_browser_is_refused(world: World) -> None:
    told = world.provider.let_in(world.leave(world.browser()))
    other = world.browser()
    assert other.get("/sign-in/company/return", params=told).status_code == 401
    world.leave(other)
    assert other.get("/sign-in/company/return", params=told).status_code == 401
    assert not world.is_in(other)


def test_an_answer_counts_once(world: World) -> None:
    browser = world.browser()
    cookie = None
    told = world.provider.let_in(world.leave(browser))
    cookie = browser.cookies["crm_loop_asked"]
    assert browser.get("/sign-in/company/return", params=told).status_code == 303
    again = world.browser()
    again.cookies.set("crm_loop_asked", cookie)
    assert again.get("/sign-in/company/return", params=told).status_code == 401
    assert world.provider.refused[-1] == "code"


def test_a_code_is_worth_nothing_to_whoever_does_not_know_the_verifier(world: World) -> None:
    """The attacker's code in the victim's browser: state would have to match, and PKCE does not."""
    attacker, victim = world.browser(), world.browser()
    stolen = world.provider.let_in(world.leave(attacker))
    own = world.provider.let_in(world.leave(victim))
    mixed = {**own, "code": stolen["code"]}
    assert victim.get("/sign-in/company/return", params=mixed).status_code == 401
    assert world.provider.refused[-1] == "verifier"


def without(name: str) -> Any:
    return lambda claims: claims.pop(name)


def saying(**changed: Any) -> Any:
    return lambda claims: claims.update(changed)


CLAIMS = {
    "another issuer": saying(iss="https://evil.example"),
    "no issuer": without("iss"),
    "for another client": saying(aud="other"),
    "for two, without a party": saying(aud=[CLIENT, "other"]),
    "another party": saying(aud=[CLIENT, "other"], azp="other"),
    "no audience": without("aud"),
    "an answer to another question": saying(nonce="other"),
    "no nonce": without("nonce"),
    "over": saying(exp=1_000_000_000),
    "endless": without("exp"),
    "from tomorrow": lambda claims: claims.update(iat=claims["iat"] + 86_400),
    "nobody": without("sub"),
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
def test_a_token_that_does_not_say_what_it_must_signs_nobody_in(world: World, claims: Any) -> None:
    world.provider.claims = claims
    browser = world.browser()
    assert world.there_and_back(browser).status_code == 401
    assert not world.is_in(browser)


def unsigned(_: IdentityProvider, claims: dict[str, Any]) -> str:
    head = encoded(b'{"alg":"none"}')
    return f"{head}.{encoded(json.dumps(claims).encode())}."


def by_another_key(_: IdentityProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, RSAKey.generate_key(2048))


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_the_public_key(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    """What everybody knows, taken for a shared secret."""
    head = encoded(b'{"alg":"HS256","kid":"1"}')
    said = f"{head}.{encoded(json.dumps(claims).encode())}"
    public = provider.key.as_pem(private=False)
    return f"{said}.{encoded(hmac.digest(public, said.encode(), 'sha256'))}"


def by_our_secret(_: IdentityProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 2))


def flipped(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    token = provider.signed(claims)
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def with_another_body(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    head, _, signature = provider.signed(claims).split(".")
    return f"{head}.{provider.signed({**claims, 'sub': 'x'}).split('.')[1]}.{signature}"


@pytest.mark.parametrize(
    "sign",
    [unsigned, by_another_key, by_the_public_key, by_our_secret, flipped, with_another_body,
     lambda *_: "", lambda *_: "a.b.c", lambda *_: "x"],
)  # fmt: skip
def test_a_token_that_the_issuer_did_not_sign_signs_nobody_in(world: World, sign: Any) -> None:
    world.provider.sign = sign
    browser = world.browser()
    assert world.there_and_back(browser).status_code == 401
    assert not world.is_in(browser)


@pytest.mark.parametrize(
    "facts",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"},
     {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": ""}],
)  # fmt: skip
def test_a_provider_that_speaks_for_another_one_is_not_asked(world: World, facts: Any) -> None:
    world.provider.facts = facts
    assert world.browser().get("/sign-in/company").status_code == 401


def test_a_question_of_long_ago_is_over(world: World) -> None:
    from datetime import timedelta

    from crm_loop.access import oidc
    from crm_loop.bootstrap import real_now

    app, browser = world.house.app, world.browser()
    old = oidc.question("", now=real_now() - oidc.LONGEST - timedelta(seconds=1))
    browser.cookies.set("crm_loop_asked", app.seal.lock(old.text(), "", "oidc question"))
    told = {"code": "x", "state": old.state, "iss": world.provider.issuer}
    assert browser.get("/sign-in/company/return", params=told).status_code == 401


def test_proving_it_once_more_asks_the_provider_anew(world: World) -> None:
    browser = world.browser()
    world.there_and_back(browser)
    assert "/sign-in/company" in browser.get("/prove?next=/account").text
    address = world.leave(browser, next="/account")
    assert "prompt=login" in address
    first, now = browser.cookies["crm_loop_session"], int(time.time())
    for signed_in_there, status in ((now - 3600, 401), (None, 401), ("now", 401), (now, 303)):
        world.provider.who = {"email": REP, "auth_time": signed_in_there}
        if signed_in_there is None:
            del world.provider.who["auth_time"]
        assert world.there_and_back(browser).status_code == status, signed_in_there
    assert browser.cookies["crm_loop_session"] != first


def test_whoever_is_signed_in_does_not_come_back_as_somebody_else(world: World) -> None:
    browser = world.browser()
    world.there_and_back(browser)
    world.provider.who = {"email": LEAD, "sub": "lead", "auth_time": int(time.time())}
    assert world.there_and_back(browser).status_code == 401
    assert REP in browser.get("/account").text


def test_nothing_of_the_question_can_be_read_by_the_browser(world: World) -> None:
    browser = world.browser()
    address = world.leave(browser)
    asked = urlsplit(address).query
    assert "code_verifier" not in asked
    assert "nonce=" in asked
    assert browser.cookies["crm_loop_asked"].strip('"').startswith("v1.")
    assert SECRET not in address


def test_production_speaks_to_no_provider_without_https(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs https"):
        settings_of(tmp_path, env="production", clock_file=None, oidc_issuer="http://idp.example")
