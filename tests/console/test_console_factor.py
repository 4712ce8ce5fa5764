"""The second factor: asked for when it is set, needed by admins in production, each code once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pyotp
import pytest
from console_house import PASSWORD, Browser, House
from opened_console import opened
from typer.testing import CliRunner

from crm_loop.access import passwords
from crm_loop.access.roles import ConsoleRole
from crm_loop.access.second_factor import new_secret, picture_of, step_of
from crm_loop.cli.mount import app as commands
from crm_loop.console.route import Route
from crm_loop.console.routes import ROUTES

LEAD, ADMIN = "lead@acme.example", "admin@acme.example"
NOW = datetime(2026, 11, 28, 5, 0, 10, tzinfo=UTC)
HASH = passwords.hashed(PASSWORD)


def code_of(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


def test_the_codes_of_the_standard_are_right() -> None:
    """Appendix B of RFC 6238, its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert step_of(secret, code, now=datetime.fromtimestamp(seconds, UTC)) == seconds // 30


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    secret = new_secret()
    for off, right in ((0, True), (30, True), (-30, True), (61, False), (-61, False)):
        code = code_of(secret, NOW + timedelta(seconds=off))
        assert (step_of(secret, code, now=NOW) is not None) is right, off


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "000000"]
)
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", code, now=NOW) is None


def with_password(house: House, email: str) -> None:
    user = replace(house.user(email), password=HASH)
    with house.app.begin(user.organisation) as state:
        state.users.put(user)


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found is not None
    return found[1]


def sign_in(house: House, email: str, code: str = "") -> tuple[int, Browser]:
    browser = house.browser()
    page = browser.get("/sign-in").text
    values = {"csrf": csrf_in(page), "email": email, "password": PASSWORD, "code": code}
    return browser.client.post("/sign-in", data=values).status_code, browser


def set_up(house: House, email: str) -> tuple[str, Browser]:
    """Switch it on as a person does; the secret of the app."""
    browser = house.browser(email)
    page = browser.get("/account/second-factor").text
    shown = re.search(r'class="link-box">([A-Z2-7 ]+)<', page)
    offered = re.search(r'name="offered" value="([^"]+)"', page)
    assert shown is not None
    assert offered is not None
    secret = shown[1].replace(" ", "")
    code = code_of(secret, datetime.now(UTC) - timedelta(seconds=30))
    answer = browser.post("/account/second-factor", offered=offered[1], code=code)
    assert answer.headers["location"] == "/account?said=factor_on"
    return secret, browser


def test_the_picture_says_the_same_as_the_text_beside_it(house: House) -> None:
    page = house.browser(LEAD).get("/account/second-factor").text
    shown = re.search(r'class="link-box">([A-Z2-7 ]+)<', page)
    address = re.search(r'href="(otpauth://[^"]+)"', page)
    assert shown is not None
    assert address is not None
    assert f"secret={shown[1].replace(' ', '')}" in unescape(address[1])
    picture = picture_of(unescape(address[1]))
    assert picture in page
    assert picture_of(unescape(address[1]) + "x") not in page
    # A reader needs dark on white, and the page's policy takes no style of its own.
    assert 'fill="#fff"' in picture
    assert not re.search(r"style|script|href|class", picture)


def test_whoever_has_a_second_factor_is_shown_no_picture(house: House) -> None:
    _, browser = set_up(house, LEAD)
    assert "<svg" not in browser.get("/account/second-factor").text


def test_a_password_alone_is_not_enough_any_more(house: House) -> None:
    with_password(house, LEAD)
    secret, _ = set_up(house, LEAD)
    assert sign_in(house, LEAD)[0] == 401
    assert sign_in(house, LEAD, "000000")[0] == 401
    status, browser = sign_in(house, LEAD, code_of(secret, datetime.now(UTC)))
    assert status == 303
    assert browser.get("/team").status_code == 200


def test_a_code_counts_once(house: House) -> None:
    with_password(house, LEAD)
    secret, _ = set_up(house, LEAD)
    code = code_of(secret, datetime.now(UTC))
    assert [sign_in(house, LEAD, code)[0] for _ in range(2)] == [303, 401]


def test_the_code_without_the_password_is_worth_nothing(house: House) -> None:
    secret, _ = set_up(house, LEAD)
    assert sign_in(house, LEAD, code_of(secret, datetime.now(UTC)))[0] == 401


def test_guessing_codes_is_slowed_down_as_guessing_passwords(house: House) -> None:
    with_password(house, LEAD)
    set_up(house, LEAD)
    assert [sign_in(house, LEAD, "000000")[0] for _ in range(6)] == [401] * 5 + [429]


def test_the_secret_lies_sealed_and_is_not_shown_again(house: House, tmp_path: Path) -> None:
    secret, browser = set_up(house, LEAD)
    raw = b"".join(file.read_bytes() for file in (tmp_path / "house").glob("crm_loop.db*"))
    assert secret.encode() not in raw
    page = browser.get("/account/second-factor").text
    assert secret not in page.replace(" ", "")


def test_a_secret_that_was_offered_to_somebody_else_is_not_taken(house: House) -> None:
    page = house.browser(ADMIN).get("/account/second-factor").text
    offered = re.search(r'name="offered" value="([^"]+)"', page)
    assert offered is not None
    house.browser(LEAD).post("/account/second-factor", offered=offered[1], code="000000")
    assert house.user(LEAD).totp is None


def test_an_admin_lets_somebody_back_in_whose_telephone_is_gone(house: House) -> None:
    with_password(house, LEAD)
    _, browser = set_up(house, LEAD)
    house.browser(ADMIN).post(f"/users/{house.user(LEAD).id}/second-factor/off")
    assert browser.get("/team").status_code == 303
    assert sign_in(house, LEAD)[0] == 303


def test_the_only_admin_is_let_back_in_from_the_command_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("database_url", "secret_key_file", "redis_url", "clock_file"):
        value = str(getattr(house.app.settings, name))
        monkeypatch.setenv(f"CRM_LOOP_{name.upper()}", value)
    set_up(house, ADMIN)
    command = ["admin", "unlock", "--organisation", "acme", "--person"]
    assert CliRunner().invoke(commands, [*command, ADMIN]).exit_code == 0
    assert house.user(ADMIN).totp is None
    assert CliRunner().invoke(commands, [*command, "nobody@acme.example"]).exit_code == 2


@pytest.fixture
def serious(seeded: Path, tmp_path: Path) -> Iterator[House]:
    """The same house in production."""
    key = seeded / "key"
    more: dict[str, Any] = {"env": "production", "clock_file": None, "secret_key_file": key,
                            "public_url": "https://notes.acme.example"}  # fmt: skip
    with opened(seeded, tmp_path / "serious", **more) as house:
        yield house


def at_home(serious: House, email: str) -> tuple[Browser, dict[str, str]]:
    """A browser as production wants it: the cookie of https, the right host."""
    with_password(serious, email)
    browser = serious.browser(email)
    cookie = browser.client.cookies.pop("crm_loop_session")
    headers = {"cookie": f"__Host-crm_loop_session={cookie}", "host": "notes.acme.example"}
    return browser, headers


def set_factor(house: House, email: str) -> None:
    user = house.user(email)
    sealed = house.app.seal.lock(new_secret(), "acme", "totp", user.id)
    with house.app.begin("acme") as state:
        state.users.set_totp(user.id, sealed)


ADMINS = [one for one in ROUTES if ConsoleRole.ADMIN in one.roles]


def asked(browser: Browser, route: Route, headers: dict[str, str]) -> Any:
    values = {"csrf": browser.csrf, "label": "nightly", "key": "nothing"}
    path = re.sub(r"{\w+}", "none", route.path)
    sent = {} if route.is_safe else {"data": values}
    return browser.client.request(route.method, path, headers=headers, **sent)


def test_in_production_an_admin_does_nothing_without_it(serious: House) -> None:
    browser, headers = at_home(serious, ADMIN)
    for route in ADMINS:
        if route.name in ("second_factor", "prove", "sign_out"):
            continue
        answer = asked(browser, route, headers)
        if route.data:
            assert answer.status_code == 403, route.name
            assert answer.json()["error"]["code"] == "access.factor", route.name
        else:
            assert answer.headers["location"] == "/account/second-factor", route.name
    own = serious.user(ADMIN).id
    with serious.app.look("acme") as state:
        assert state.users.tokens(own) == []
    assert browser.client.get("/account/second-factor", headers=headers).status_code == 200
    set_factor(serious, ADMIN)
    for path in ("/users", "/account", "/api/v1/writes"):
        assert browser.client.get(path, headers=headers).status_code == 200, path
    page = browser.client.post(
        "/account/tokens", headers=headers, data={"csrf": browser.csrf, "label": "nightly"}
    )
    assert "crmloop_" in page.text


def test_no_token_gets_an_admin_round_it(serious: House) -> None:
    """One may be left from a time when its user was no admin, or the house not in production."""
    with_password(serious, ADMIN)
    token = serious.app.doorkeeper.token(serious.user(ADMIN), label="old")
    headers = {"authorization": f"Bearer {token}", "host": "notes.acme.example"}
    script = serious.browser()
    scripted = [route for route in ADMINS if route.data]
    assert any(not route.is_safe for route in scripted)
    for route in scripted:
        answer = asked(script, route, headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "access.factor")
    with serious.app.look("acme") as state:
        assert all(row.approved_by is None for row in state.writes.rows())
    set_factor(serious, ADMIN)
    assert script.client.get("/api/v1/writes", headers=headers).status_code == 200


def test_tokens_of_before_end_when_it_is_set_up(house: House) -> None:
    token = house.app.doorkeeper.token(house.user(ADMIN), label="old")
    headers = {"authorization": f"Bearer {token}"}
    script = house.browser().client
    assert script.get("/api/v1/writes", headers=headers).status_code == 200
    set_up(house, ADMIN)
    assert script.get("/api/v1/writes", headers=headers).status_code == 401


def test_for_others_it_is_theirs_to_decide(serious: House) -> None:
    browser, headers = at_home(serious, LEAD)
    assert browser.client.get("/team", headers=headers).status_code == 200
