"""The key of the house is replaced in the browser, by whoever has a second factor at hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyotp
import pytest
from console_house import ADDRESS, House, settings_of
from opened_console import opened
from sqlalchemy import delete

from crm_loop.access import second_factor
from crm_loop.bootstrap import build, seal_credentials
from crm_loop.errors import Transient
from crm_loop.store.tables import work
from crm_loop.store.tables.keys import data_key

ADMIN = "admin@acme.example"


@pytest.fixture
def single(seeded: Path, tmp_path: Path) -> Any:
    """A house of one organisation, whose admin has an authenticator app."""
    with opened(seeded, tmp_path / "house") as house:
        with house.app.engine.begin() as connection:
            rival = work.organisation_.c.organisation == "rival"
            connection.execute(delete(work.organisation_).where(rival))
        yield house


def code_of(house: House) -> str:
    secret, user = second_factor.new_secret(), house.user(ADMIN)
    with house.app.begin("acme") as state:
        state.users.set_totp(user.id, None)
    sealed = second_factor.sealed(house.app.seal, user, secret)
    with house.app.begin("acme") as state:
        state.users.set_totp(user.id, sealed)
    return pyotp.TOTP(secret).at(house.app.clock())


def wrapped(house: House) -> set[str]:
    with house.app.engine.connect() as connection:
        return {row.wrapped for row in connection.execute(data_key.select())}


def test_a_new_key_wraps_everything_and_opens_what_was_sealed(single: House) -> None:
    code, before = code_of(single), wrapped(single)
    answer = single.browser(ADMIN).post("/keys", code=code)
    assert answer.status_code == 200
    assert not before & wrapped(single)
    user = single.user(ADMIN)
    assert user.totp is not None
    again = build(settings_of(Path(single.app.settings.secret_key_file).parent))
    assert again.seal.open(user.totp, "acme", "totp", user.id)
    again.close()


@pytest.mark.parametrize("code", ["", "000000x"])
def test_without_the_apps_code_it_stays(single: House, code: str) -> None:
    code_of(single)
    before = wrapped(single)
    assert single.browser(ADMIN).post("/keys", code=code).status_code == 422
    assert wrapped(single) == before


def test_an_admin_without_an_app_is_sent_to_set_one_up(single: House) -> None:
    page = single.browser(ADMIN).get("/keys").text
    assert "/account/second-factor" in page
    assert 'name="code"' not in page
    assert single.browser(ADMIN).post("/keys", code="123456").status_code == 422


def test_where_several_live_it_is_replaced_at_the_machine(house: House) -> None:
    answer = house.browser(ADMIN).post("/keys", code=code_of(house))
    assert (answer.status_code, "crm-loop keys rotate" in answer.text) == (422, True)


def asleep(_account: Any, _ports: Any) -> Any:
    """A CRM that signs us in and answers nothing else."""

    class Asleep:
        def capabilities(self) -> Any:
            raise Transient("The CRM is away.")

    return Asleep()


@pytest.mark.parametrize("answer", ["private", "open"])
def test_who_sees_tasks_is_answered_with_a_button(
    seeded: Path, tmp_path: Path, answer: str
) -> None:
    """The answer is kept even where the CRM cannot be asked at once what follows from it."""
    with opened(seeded, tmp_path / "house", connector=asleep) as house:
        sealed = seal_credentials(house.app.seal, "acme", "salesforce", {})
        with house.app.begin("acme") as state:
            (row,) = state.connections.all()
            state.connections.put(replace(row, credentials=sealed))
        browser, path = house.browser(ADMIN), "/connections/salesforce/tasks"
        assert browser.post(path, tasks=answer).status_code == 503
        with house.app.look("acme") as state:
            (row,) = state.connections.all()
        assert row.settings["tasks_private"] is (answer == "private")
        assert browser.post(path, tasks="perhaps").status_code == 404
        assert browser.post("/connections/none/tasks", tasks="open").status_code == 404


def test_what_is_held_about_somebody_streams_as_one_file(house: House) -> None:
    client = house.browser("rep@acme.example").client
    with client.stream("GET", f"{ADDRESS}/privacy/export") as answer:
        assert "content-length" not in answer.headers
        assert json.loads(b"".join(answer.iter_bytes()))
