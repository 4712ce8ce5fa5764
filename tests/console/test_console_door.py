"""Coming in and going out."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from console_house import ADDRESS, PASSWORD, Browser, House, settings_of
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from crm_loop.access import passwords
from crm_loop.access.sign_in import IDLE, LONGEST, Doorkeeper
from crm_loop.bootstrap import App, build, real_now
from crm_loop.console.command import say_where
from crm_loop.console.first import first_link
from crm_loop.console.serving import create
from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.settings import Environment

HASH = passwords.hashed(PASSWORD)


def with_password(house: House, email: str) -> None:
    user = replace(house.user(email), password=HASH)
    with house.app.begin(user.organisation) as state:
        state.users.put(user)


def sign_in(browser: Browser, email: str, password: str, **more: str) -> Any:
    """Fill in the form as a person does."""
    page = browser.get("/sign-in")
    csrf = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert csrf is not None
    values = {"csrf": csrf[1], "email": email, "password": password, **more}
    return browser.client.post("/sign-in", data=values)


def test_the_right_password_opens_the_page_that_was_asked_for(house: House) -> None:
    with_password(house, "lead@acme.example")
    browser = house.browser()
    there = browser.get("/one-on-ones").headers["location"]
    assert there == "/sign-in?next=%2Fone-on-ones"
    answer = sign_in(browser, "LEAD@acme.example", PASSWORD, next="/one-on-ones")
    assert (answer.status_code, answer.headers["location"]) == (303, "/one-on-ones")
    assert browser.get("/one-on-ones").status_code == 200


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_led_elsewhere_after_signing_in(house: House, elsewhere: str) -> None:
    with_password(house, "lead@acme.example")
    answer = sign_in(house.browser(), "lead@acme.example", PASSWORD, next=elsewhere)
    assert answer.headers["location"] == "/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(house: House) -> None:
    with_password(house, "lead@acme.example")
    wrong = sign_in(house.browser(), "lead@acme.example", "something else")
    unknown = sign_in(house.browser(), "nobody@acme.example", "something else")
    assert wrong.status_code == unknown.status_code == 401
    bare = [re.sub(r"[0-9a-f]{64}|value=\S+", "", page.text) for page in (wrong, unknown)]
    assert bare[0] == bare[1]


def test_after_five_failures_even_the_right_password_has_to_wait(house: House) -> None:
    with_password(house, "lead@acme.example")
    for _ in range(5):
        sign_in(house.browser(), "lead@acme.example", "something else")
    assert sign_in(house.browser(), "lead@acme.example", PASSWORD).status_code == 429


def test_signing_in_makes_a_new_session_whatever_cookie_came_along(house: House) -> None:
    with_password(house, "lead@acme.example")
    browser = house.browser()
    browser.client.cookies.set("crm_loop_session", "chosen-by-somebody-else")
    sign_in(browser, "lead@acme.example", PASSWORD)
    assert house.app.doorkeeper.visitor("chosen-by-somebody-else") is None


def test_signing_out_ends_the_session_itself(house: House) -> None:
    browser = house.browser("lead@acme.example")
    cookie = browser.client.cookies["crm_loop_session"]
    browser.post("/sign-out")
    assert house.app.doorkeeper.visitor(cookie) is None


@pytest.mark.parametrize(("idle", "old"), [(IDLE, timedelta()), (timedelta(), LONGEST)])
def test_a_session_ends_by_itself(house: House, idle: timedelta, old: timedelta) -> None:
    cookie = house.app.doorkeeper.open(house.user("lead@acme.example"))
    later = real_now() + max(idle, old) + timedelta(seconds=1)
    assert Doorkeeper(house.app.engine, house.app.seal, lambda: later).visitor(cookie) is None


def test_a_disabled_user_is_out_at_once(house: House) -> None:
    browser = house.browser("rep@acme.example")
    admin = house.browser("admin@acme.example")
    admin.post(f"/users/{house.user('rep@acme.example').id}/disable")
    assert browser.get("/people/me").status_code == 303


def test_the_first_admin_comes_in_by_a_link_that_works_once(house: House) -> None:
    link = first_link(house.app, "fresh")
    assert link is not None
    path = link.removeprefix(ADDRESS)
    browser = house.browser()
    page = browser.get(path)
    csrf = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert csrf is not None
    values = {"csrf": csrf[1], "name": "Suzuki", "email": "suzuki@fresh.example"}
    weak = browser.client.post(path, data={**values, "password": "suzuki"})
    assert weak.status_code == 422
    csrf = re.search(r'name="csrf" value="(\w+)"', weak.text)
    assert csrf is not None
    values |= {"csrf": csrf[1], "password": PASSWORD}
    assert browser.client.post(path, data=values).headers["location"] == "/"
    assert browser.get("/setup").status_code == 200
    assert house.browser().get(path).status_code == 410
    assert first_link(house.app, "fresh") is None


def test_a_link_for_a_password_adds_no_role_and_ends_other_sessions(house: House) -> None:
    browser = house.browser("rep@acme.example")
    house_ = house.app.doorkeeper
    secret = house_.link("acme", email="rep@acme.example", roles=(), made_by="system")
    user = house_.use_link(secret, email="", name="", password=PASSWORD, language="ja")
    assert user.roles == ("rep",)
    assert browser.get("/people/me").status_code == 303


def test_a_link_for_nobody_we_know_makes_no_account_without_a_role(house: House) -> None:
    secret = house.app.doorkeeper.link("acme", email="new@acme.example", roles=(), made_by="system")
    with pytest.raises(CrmLoopError):
        house.app.doorkeeper.use_link(secret, email="", name="", password=PASSWORD, language="ja")


def test_users_are_changed_only_by_whoever_gave_the_password_just_now(house: House) -> None:
    cookie = house.app.doorkeeper.open(house.user("admin@acme.example"))
    visitor = house.app.doorkeeper.visitor(cookie)
    assert visitor is not None
    assert visitor.proved(real_now())
    assert not visitor.proved(real_now() + timedelta(minutes=11))


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "passwordpassword", "x" * 129])
def test_a_password_that_is_easily_found_is_not_taken(password: str) -> None:
    with pytest.raises(WrongUsage):
        passwords.check(password)


def test_a_name_with_a_number_is_no_password() -> None:
    with pytest.raises(WrongUsage):
        passwords.check("yoshidakaori2026", about=("yoshidakaori",))


def test_every_answer_tells_the_browser_to_trust_nobody_else(house: House) -> None:
    for path in ("/sign-in", "/nothing", "/static/console.css"):
        headers = house.browser().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert house.browser().get("/sign-in").headers["cache-control"] == "no-store"


def test_a_host_that_is_not_ours_gets_no_answer(house: House) -> None:
    answer = house.browser().get("/sign-in", headers={"host": "evil.example"})
    assert answer.status_code == 400


def test_production_is_served_by_https_only(house: House, tmp_path: Any) -> None:
    wanted = {"env": Environment.PRODUCTION, "clock_file": None}
    folder = tmp_path / "house"
    settings = settings_of(folder).model_copy(update=wanted)
    app = replace(house.app, settings=settings)
    with pytest.raises(WrongUsage, match="https"):
        create(app)
    public = settings.model_copy(update={"public_url": "https://notes.example"})
    client = TestClient(create(replace(house.app, settings=public)),
                        base_url="https://notes.example")  # fmt: skip
    answer = client.get("/sign-in")
    assert "max-age" in answer.headers["strict-transport-security"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_production_does_not_start_without_a_key(tmp_path: Any) -> None:
    settings = settings_of(tmp_path).model_copy(
        update={"env": Environment.PRODUCTION, "clock_file": None}
    )
    with pytest.raises(CrmLoopError, match="key file"):
        build(settings)


def test_a_form_that_is_far_too_large_is_not_read(house: House) -> None:
    browser = house.browser("rep@acme.example")
    answer = browser.post("/account/language", language="x" * 1_100_000)
    assert answer.status_code == 413


def test_a_console_whose_database_is_away_gets_no_visitors(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = house.browser()
    assert browser.get("/readyz").status_code == 200

    def away(_app: object) -> None:
        raise OperationalError("select", {}, Exception("Tanaka"))

    monkeypatch.setattr(App, "organisations", away)
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
    assert browser.get("/livez").status_code == 200


def test_the_first_admins_link_gets_into_no_log(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    production = house.app.settings.model_copy(update={"env": Environment.PRODUCTION})
    say_where(replace(house.app, settings=production), "empty", as_json=False)
    said = capsys.readouterr().err
    assert "The console is at" in said
    assert "/welcome/" not in said
