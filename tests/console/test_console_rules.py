"""Passwords, cookies and headers as the rules of the trade want them, and refusals in the trail."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from console_house import AWAY, PASSWORD, Browser, House, is_mistake
from jinja2 import Environment, PackageLoader
from opened_console import opened

from crm_loop.access import passwords
from crm_loop.access.sign_in import Doorkeeper
from crm_loop.bootstrap import real_now
from crm_loop.console.route import Scope
from crm_loop.console.routes import ROUTES
from crm_loop.errors import WrongUsage

REP, LEAD, ADMIN = "rep@acme.example", "lead@acme.example", "admin@acme.example"


@pytest.fixture
def https(seeded: Path, tmp_path: Path) -> Iterator[House]:
    more: dict[str, Any] = {"public_url": "https://notes.acme.example"}
    with opened(seeded, tmp_path / "https", **more) as house:
        yield house


def test_every_cookie_is_for_this_host_https_and_no_script(https: House) -> None:
    browser = https.browser().client
    answer = browser.get("/sign-in", headers={"host": "notes.acme.example"})
    cookies = answer.headers.get_list("set-cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-crm_loop_")
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/livez", "/api/v1/measure", "/team"])
def test_over_https_every_answer_says_so_for_a_year(https: House, path: str) -> None:
    answer = https.browser().client.get(path, headers={"host": "notes.acme.example"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_password_is_changed_by_whoever_gave_the_old_one_just_now(house: House) -> None:
    browser = house.browser(LEAD)
    assert browser.post("/account/password", password="three words in a row").status_code == 303
    kept = house.user(LEAD).password
    assert passwords.is_right("three words in a row", kept)
    late(house)
    answer = browser.post("/account/password", password="four words in a row!")
    assert answer.headers["location"].startswith("/prove")
    assert house.user(LEAD).password == kept


def late(house: House) -> None:
    """Let what was proved be of some time ago."""
    from crm_loop.store.tables.console import session

    with house.app.engine.begin() as connection:
        old = real_now() - timedelta(minutes=11)
        connection.execute(session.update().values(proved_at=old))


CHANGES = [
    route
    for route in ROUTES
    if not route.data
    and re.search(r"password|token_make|factor|^user_|^connect$|^privacy_e", route.name)
    and route.scope is not Scope.DOOR
]


def test_what_changes_a_way_in_asks_for_the_password_once_more(house: House) -> None:
    assert len(CHANGES) >= 10
    assert [route.name for route in CHANGES if not route.proof] == []
    browser = house.browser(ADMIN)
    late(house)
    for route in CHANGES:
        path = route.path.replace("{user}", house.user(REP).id)
        answer = browser.get(path) if route.is_safe else browser.post(path)
        assert answer.headers["location"].startswith("/prove"), route.name


#: Kana only, blanks, pictures, 64 characters, 82 characters.
FINE = (
    "かきくけこさしすせそたち",
    "            a b c",
    "🙂🙃😀😃😄😁😆😅🤣😂🙂a",
    "x1Y!" * 16,
    "ab" * 40 + "cd",
)


def test_common_passwords_are_known_and_any_signs_may_be_used() -> None:
    assert len(passwords.common()) > 30_000
    for common in [one for one in sorted(passwords.common()) if len(one) >= passwords.SHORTEST]:
        assert passwords.is_common(common)
    for fine in FINE:
        passwords.check(fine)


@pytest.mark.parametrize(
    "made_longer",
    ["Dragon2026!!", "password12345", "2026-monkey-06", "dragondragon", "QwertyQwertyQwerty",
     "monkeydragon", "SummerSunshine1", "000000000000"],
)  # fmt: skip
def test_a_common_password_is_not_made_a_good_one_by_what_everybody_adds(made_longer: str) -> None:
    with pytest.raises(WrongUsage, match="first that are tried"):
        passwords.check(made_longer)


@pytest.mark.parametrize(
    "phrase", ["a long walk by the sea", "48291047263519284756", "tokyo-osaka-kyoto", PASSWORD]
)
def test_a_few_words_or_many_digits_are_nobodys_first_guess(phrase: str) -> None:
    passwords.check(phrase)


def test_a_password_is_checked_exactly_as_it_was_given() -> None:
    kept = passwords.hashed("Ein langes Wort ")
    assert passwords.is_right("Ein langes Wort ", kept)
    for other in ("Ein langes Wort", "ein langes wort ", "Ein langes Wort  ", "Ｅin langes Wort "):
        assert not passwords.is_right(other, kept)


def test_passwords_are_kept_as_argon2id_with_todays_settings() -> None:
    found = extract_parameters(passwords.hashed(PASSWORD))
    assert found.type is Type.ID
    assert (found.memory_cost >= 19 * 1024, found.time_cost >= 2, found.hash_len >= 16) == (
        True, True, True,
    )  # fmt: skip
    assert found.salt_len >= 16


PASSWORD_FIELD = r'<input[^>]*name="password"[^>]*>'


def test_password_fields_are_masked_and_may_be_filled_by_managers() -> None:
    loader, pages = PackageLoader("crm_loop.console"), Environment(autoescape=True)
    sources = [loader.get_source(pages, name)[0] for name in loader.list_templates()]
    fields = [one for text in sources for one in re.findall(PASSWORD_FIELD, text)]
    assert len(fields) >= 4
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field


def test_what_must_not_be_guessed_has_bits_enough(house: House) -> None:
    """Forty-three signs of base64 hold 256 bits; no two are the same."""
    doorkeeper = house.app.doorkeeper
    user = house.user(REP)
    made = [doorkeeper.open(user) for _ in range(20)]
    made += [doorkeeper.token(user, label="x").removeprefix("crmloop_") for _ in range(20)]
    made += [
        doorkeeper.link("acme", email=f"{n}@acme.example", roles=("rep",), made_by="x")
        for n in range(20)
    ]
    assert len(set(made)) == 60
    assert min(map(len, made)) >= 43


def trail(house: House) -> list[tuple[str, str, str]]:
    with house.app.look("acme") as state:
        return [(one.actor, one.what, one.subject) for one in state.trail.unsealed()]


def test_every_attempt_to_sign_in_is_in_the_trail(house: House) -> None:
    user = replace(house.user(LEAD), password=passwords.hashed(PASSWORD))
    with house.app.begin("acme") as state:
        state.users.put(user)
    for password in ("something else", PASSWORD):
        browser = house.browser()
        csrf = re.search(r'name="csrf" value="(\w+)"', browser.get("/sign-in").text)
        assert csrf is not None
        values = {"csrf": csrf[1], "email": LEAD, "password": password}
        browser.client.post("/sign-in", data=values)
    assert ("anonymous", "user.refused", user.id) in trail(house)
    assert (user.id, "user.signed_in", user.id) in trail(house)


def test_what_was_refused_to_somebody_is_in_the_trail(house: House) -> None:
    """Another role's page, a colleague's, and a form that is not ours."""
    browser, rep = house.browser(REP), house.user(REP).id
    browser.get("/users")
    browser.get(f"/people/{house.person('peer@acme.example')}")
    browser.client.post("/account/language", data={"language": "en"})
    browser.client.get("/api/v1/jobs")
    refused = [(who, of) for who, what, of in trail(house) if what == "access.refused"]
    assert refused == [
        (rep, "users"), (rep, "figures"), (rep, "account_language"), (rep, "api_jobs"),
    ]  # fmt: skip


def test_a_field_that_a_form_does_not_have_changes_nothing(house: House) -> None:
    """Everything that an account is, sent along with what may be changed."""
    browser = house.browser(REP)
    before = house.user(REP)
    names = ("roles", "role", "email", "organisation", "disabled", "password", "totp", "id")
    more = dict.fromkeys(names, "admin")
    browser.post("/account/language", language="en", **more)
    assert house.user(REP) == replace(before, language="en")


def test_a_doorkeeper_needs_no_clock_of_a_browser(house: House) -> None:
    """Sessions end by the house's clock, whatever a request says."""
    cookie = house.app.doorkeeper.open(house.user(REP))
    later = real_now() + timedelta(days=1)
    assert Doorkeeper(house.app.engine, house.app.seal, lambda: later).visitor(cookie) is None
    browser: Browser = house.browser(REP)
    headers = {"date": "Mon, 01 Jan 2001 00:00:00 GMT", "if-modified-since": "x"}
    assert browser.get("/account", headers=headers).status_code == 200


def test_only_a_crm_that_is_away_excuses_an_answer_of_the_server() -> None:
    """What every test of many requests goes by."""
    for status, text, mistaken in ((503, AWAY, False), (503, "busy", True), (500, AWAY, True),
                                   (404, "", False)):  # fmt: skip
        assert is_mistake(SimpleNamespace(status_code=status, text=text)) is mistaken
