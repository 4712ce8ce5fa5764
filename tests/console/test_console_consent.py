"""A CRM is connected by its own page of consent: there and back once, and never for a forger."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from consent_page import PORTAL, Portal, TokenEnd, token_end
from console_house import ADDRESS, Browser, House
from opened_console import opened
from sqlalchemy import select

from crm_loop.bootstrap import open_credentials
from crm_loop.connector.consent import new_secret
from crm_loop.errors import Refused
from crm_loop.setup.consenting import LONGEST, NOBODY, ConsentDesk, Intended
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.key_rotation import rotate
from crm_loop.store.tables.console import consent

ADMIN, PAGE = "admin@acme.example", "/connections/consent/hubspot"
APP = {"client_id": "app-of-ours", "client_secret": "secret-canary"}


@pytest.fixture(scope="module")
def end() -> Iterator[TokenEnd]:
    with token_end() as found:
        yield found


@pytest.fixture
def make(seeded: Path, tmp_path: Path, end: TokenEnd) -> Iterator[Callable[..., House]]:
    """A console whose HubSpot answers as this portal."""
    end.seen.clear()
    left = []

    def one(portal: str = PORTAL) -> House:
        room = opened(
            seeded, tmp_path / "house", connector=partial(Portal, id_=portal),
            allow_loopback_crm=True, console_bind=ADDRESS.removeprefix("http://"),
        )  # fmt: skip
        left.append(room)
        return room.__enter__()

    yield one
    for room in left:
        room.__exit__(None, None, None)


def asked(browser: Browser, end: TokenEnd, **more: str) -> dict[str, str]:
    """What the link asks HubSpot."""
    page = browser.post(PAGE, **{"name": "hubspot", "url": end.url, **APP, **more})
    assert page.status_code == 200, page.text
    (link,) = re.findall(r'href="(http[^"]*authorize[^"]*)"', page.text)
    parts = urlsplit(unescape(link))
    query = {name: one for name, (one,) in parse_qs(parts.query).items()}
    return {**query, "at": f"{parts.scheme}://{parts.netloc}{parts.path}", "page": page.text}


def back(browser: Browser, state: str, **more: str) -> Any:
    return browser.get(f"{PAGE}/return", params={"code": "good", "state": state, **more})


def connected(house: House) -> ConnectionRow | None:
    with house.app.look("acme") as state:
        return state.connections.get("hubspot")


def test_whoever_agrees_is_connected_with_sealed_tokens(
    make: Callable[..., House], end: TokenEnd
) -> None:
    house = make()
    browser = house.browser(ADMIN)
    link = asked(browser, end)
    assert link["at"] == f"{end.url}/oauth/authorize"
    assert link["redirect_uri"] == f"{ADDRESS}{PAGE}/return"
    assert link["redirect_uri"] in browser.get(PAGE).text
    assert (link["code_challenge_method"], len(link["code_challenge"])) == ("S256", 43)
    assert "crm.objects.contacts.write" in link["scope"]
    answer = back(browser, link["state"])
    assert answer.headers["location"] == "/connections/hubspot/check?said=connected"
    row = connected(house)
    assert row is not None
    assert row.account_id == PORTAL
    assert "canary" not in repr(row.credentials)
    assert open_credentials(house.app.seal, "acme", row)["refresh_token"] == "refresh-canary"
    (form,) = end.seen
    assert form["redirect_uri"] == link["redirect_uri"]
    assert form["grant_type"] == "authorization_code"


def test_no_secret_stands_in_a_page_or_a_row(make: Callable[..., House], end: TokenEnd) -> None:
    house = make()
    browser = house.browser(ADMIN)
    link = asked(browser, end)
    with house.app.engine.connect() as connection:
        (row,) = connection.execute(select(consent)).all()
    kept = " ".join(map(str, row))
    assert link["state"] not in kept
    assert "canary" not in kept + link["page"]
    refused = back(browser, link["state"], code="canary-code")
    assert "canary" not in refused.text
    with house.app.engine.connect() as connection:
        assert connection.execute(select(consent)).all() == []


def test_an_answer_counts_once_and_its_code_is_sent_once(
    make: Callable[..., House], end: TokenEnd
) -> None:
    house = make()
    browser = house.browser(ADMIN)
    state = asked(browser, end)["state"]
    assert back(browser, state).status_code == 303
    assert back(browser, state).status_code == 409
    assert len(end.seen) == 1


@pytest.mark.parametrize("forged", ["", "x", "flipped", "of_another_crm"])
def test_a_forged_answer_is_sent_nowhere(
    make: Callable[..., House], end: TokenEnd, forged: str
) -> None:
    house = make()
    browser = house.browser(ADMIN)
    state = asked(browser, end)["state"]
    if forged == "of_another_crm":
        answer = browser.get("/connections/consent/salesforce/return", params={"state": state})
        assert answer.status_code == 404
    else:
        other = state[:-1] + ("A" if state[-1] != "A" else "B")
        answer = back(browser, other if forged == "flipped" else forged)
        assert answer.status_code == 409
        assert "このブラウザーで始めた手続きへの返事ではない" in answer.text
    assert (end.seen, connected(house)) == ([], None)
    # The true one still counts.
    assert back(browser, state).status_code == 303


@pytest.mark.parametrize("who", [ADMIN, "admin@rival.example"])
def test_no_other_session_and_no_other_organisation_brings_an_answer_back(
    make: Callable[..., House], end: TokenEnd, who: str
) -> None:
    house = make()
    state = asked(house.browser(ADMIN), end)["state"]
    assert back(house.browser(who), state).status_code == 409
    assert back(house.browser(), state).status_code == 303  # to the door
    assert (end.seen, connected(house)) == ([], None)


def test_who_declines_is_told_so_and_has_to_begin_again(
    make: Callable[..., House], end: TokenEnd
) -> None:
    house = make()
    browser = house.browser(ADMIN)
    state = asked(browser, end)["state"]
    answer = back(browser, state, error="access_denied")
    assert (answer.status_code, "許可されませんでした" in answer.text) == (409, True)
    assert back(browser, state).status_code == 409
    assert end.seen == []


def test_a_consent_of_another_portal_leaves_the_old_connection(
    make: Callable[..., House], end: TokenEnd
) -> None:
    house = make()
    before = ConnectionRow(name="hubspot", kind="hubspot", url=end.url, account_id="1")
    with house.app.begin("acme") as state:
        state.connections.put(before)
    browser = house.browser(ADMIN)
    link = asked(browser, end)
    assert link["at"] == f"{end.url}/oauth/1/authorize"
    answer = back(browser, link["state"])
    assert (answer.status_code, "1" in answer.text) == (409, True)
    assert connected(house) == before


def test_a_portal_that_answers_as_another_one_is_not_connected(
    make: Callable[..., House], end: TokenEnd
) -> None:
    house = make(portal="99")
    browser = house.browser(ADMIN)
    answer = back(browser, asked(browser, end)["state"])
    assert answer.status_code == 409
    assert "99" in answer.text
    assert connected(house) is None


def test_an_address_that_is_not_hubspots_gets_no_link(
    make: Callable[..., House], end: TokenEnd
) -> None:
    browser = make().browser(ADMIN)
    for url in ("https://evil.example", "https://api.hubapi.com.evil.example", "http://10.0.0.1"):
        answer = browser.post(PAGE, name="hubspot", url=url, **APP)
        assert answer.status_code == 422, url
        assert "/oauth/" not in answer.text
    link = browser.post(PAGE, name="hubspot", url="https://api.hubapi.com", **APP).text
    assert 'href="https://app.hubspot.com/oauth/authorize?' in link


def desk_of(house: House, clock: Callable[[], datetime] | None = None) -> ConsentDesk:
    app = house.app
    return ConsentDesk(begin=app.begin, seal=app.seal, clock=clock or app.clock,
                       organisation="acme", kind="hubspot")  # fmt: skip


def test_what_the_command_line_prepared_is_gone_on_with_in_a_browser(
    make: Callable[..., House], end: TokenEnd
) -> None:
    house = make()
    browser = house.browser(ADMIN)
    intended = Intended(name="eu", url=end.url, **APP)
    secret = desk_of(house).keep(intended, session=NOBODY, by="system")
    page = browser.get(PAGE, params={"prepared": secret})
    assert "「eu」" in page.text
    assert "canary" not in page.text
    link = asked(browser, end, prepared=secret)
    assert browser.get(PAGE, params={"prepared": secret}).status_code == 409
    assert browser.post(PAGE, prepared=secret).status_code == 422
    assert back(browser, link["state"]).headers["location"].startswith("/connections/eu/check")


def test_no_flipped_bit_and_no_late_answer_is_taken(house: House) -> None:
    now = house.app.clock()
    intended = Intended(name="hubspot", url="https://x", **APP)
    secret = desk_of(house).keep(intended, session="s", by="admin")
    forged = {secret[:i] + chr(ord(one) ^ 1) + secret[i + 1 :] for i, one in enumerate(secret)}
    forged |= {new_secret() for _ in range(200)} | {"", secret + "x", secret[:-1]}
    for one in forged:
        with pytest.raises(Refused):
            desk_of(house).take(one, session="s")
    for session in ("", "t", "S"):
        with pytest.raises(Refused):
            desk_of(house).take(secret, session=session)
    late = desk_of(house, lambda: now + LONGEST + timedelta(minutes=1))
    with pytest.raises(Refused):
        late.take(secret, session="s")
    with pytest.raises(Refused):
        desk_of(house).take(secret, session="s")


def test_a_rotated_house_still_takes_the_answer(house: House) -> None:
    intended = Intended(name="hubspot", url="https://x", **APP)
    secret = desk_of(house).keep(intended, session="s", by="admin")
    app = house.app
    list(rotate(app.engine, app.seal.provider, now=app.clock(), data_keys=True))  # type: ignore[attr-defined]
    assert desk_of(house).take(secret, session="s") == intended


def test_what_nobody_came_back_for_is_forgotten_with_the_next_question(house: House) -> None:
    now = house.app.clock()
    intended = Intended(name="hubspot", url="https://x", **APP)
    desk_of(house, lambda: now - LONGEST * 2).keep(intended, session="s", by="admin")
    desk_of(house).keep(intended, session="s", by="admin")
    with house.app.engine.connect() as connection:
        assert len(connection.execute(select(consent)).all()) == 1
