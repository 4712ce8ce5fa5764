"""What is kept about oneself, as a page and as a file; and a person erased by an admin."""

import json
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from console_house import NOW, WEEK, House
from sqlalchemy import event, update

from crm_loop.access.privacy import MATRIX, Item, Reader, Shown
from crm_loop.bootstrap import real_now
from crm_loop.records import Person, Subject, Task
from crm_loop.settings import Settings
from crm_loop.store import erased_file
from crm_loop.store.oneself import OWN, held
from crm_loop.store.tables import metadata
from crm_loop.store.traces import TRACES
from crm_loop.store.whose import person

REP, LEAD, ADMIN = "rep@acme.example", "lead@acme.example", "admin@acme.example"


def late(house: House) -> None:
    """Eleven minutes have passed since everybody's password was given."""
    sessions = metadata.tables["console_session"]
    earlier = {"proved_at": real_now() - timedelta(minutes=11)}
    with house.app.engine.begin() as connection:
        connection.execute(update(sessions).values(earlier))


def taken(house: House, email: str) -> Any:
    answer = house.browser(email).get("/privacy/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    return json.loads(answer.text)


def erase(house: House, email: str, *, again: str | None = None, by: str = ADMIN) -> Any:
    return house.browser(by).post(
        "/privacy/house/erase", email=email, again=email if again is None else again
    )


def trail(house: House, what: str) -> list[Any]:
    with house.app.look("acme") as state:
        return [one for one in state.trail.unsealed() if one.what == what]


def test_everybody_sees_how_much_is_kept_for_how_long_and_for_whom(house: House) -> None:
    page = house.browser(REP).get("/privacy?lang=en").text
    rows = dict(re.findall(r'scope="row">([^<]+)<.*?number"[^>]*>([\d,]+)<', page, re.DOTALL))
    assert rows == {"Figures": "3", "1on1s": "1", "Private notes": "0", "From the CRM": "1",
                    "Account": "2"}  # fmt: skip
    assert "25 months" in page
    assert "13 months" in page
    assert "There is no notice yet." in page


def test_the_file_holds_ones_own_and_nothing_about_anybody_else(house: House) -> None:
    with house.app.begin("acme") as state:
        state.crm.remember(
            "salesforce",
            Subject.PEOPLE,
            [
                Person(id="005R", email=REP, name="池田 彩"),
                Person(id="005P", email="x@y.example", name="x"),
            ],
        )
    held = taken(house, REP)["tables"]
    assert [one["kpi"] for one in held["kpi_value"]] == [
        "bookings", "meetings_held", "next_step_hygiene",
    ]  # fmt: skip
    assert [one["week"] for one in held["agenda"]] == [WEEK]
    assert [one["id"] for one in held["crm_person"]] == ["005R"]
    assert [one["email"] for one in held["console_user"]] == [REP]
    assert not {"manager_text", "password", "totp", "digest"} & {
        column for rows in held.values() for row in rows for column in row
    }
    said = json.dumps(held, ensure_ascii=False)
    assert "peer@acme.example" not in said
    assert "上長用" not in said


def test_nobodys_rows_are_read_to_find_ones_own(house: House) -> None:
    """A key that says only which organisation reads everybody's, in a large house for long."""
    asked: list[tuple[str, Any]] = []
    by_person = {name for own in OWN.values() for name, one in own.items() if one.person}

    def heard(*given: Any) -> None:
        asked.append((given[2], given[3]))

    with house.app.look("acme") as state:
        who = person(state.connection, "acme", REP)
    event.listen(house.app.engine, "before_cursor_execute", heard)
    for _, found in held(partial(house.app.look, "acme"), who):
        list(found)
    event.remove(house.app.engine, "before_cursor_execute", heard)
    plans = {}
    with house.app.look("acme") as state:
        for said, given in asked:
            table = said.partition("FROM ")[2].split()[0] if "FROM " in said else ""
            if table in by_person:
                rows = state.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
                plans[table] = " ".join(str(row[-1]) for row in rows)
    assert plans.keys() == by_person
    for table, plan in plans.items():
        assert re.search(r"\(organisation=\? AND \w+=\?", plan), (table, plan)


def test_a_manager_takes_nothing_of_the_team_along(house: House) -> None:
    held = taken(house, LEAD)
    assert set(held["tables"]) == {"member", "console_user", "console_session"}
    assert REP not in json.dumps(held)


def test_private_notes_are_named_by_their_week_and_stay_sealed(house: House) -> None:
    note = house.app.seal.lock("ひとりごと", "acme", "note", LEAD, REP, WEEK)
    with house.app.begin("acme") as state:
        state.notes.put((LEAD, REP, WEEK), note, at=NOW)
    assert taken(house, LEAD)["own_notes"] == [WEEK]
    assert taken(house, REP)["own_notes"] == []
    assert note not in json.dumps(taken(house, LEAD))


def test_whoever_takes_it_along_gave_the_password_just_now_and_is_in_the_trail(
    house: House,
) -> None:
    browser = house.browser(REP)
    assert browser.get("/privacy/export").status_code == 200
    (told,) = trail(house, "privacy.exported")
    assert (told.actor, REP in told.subject) == (house.user(REP).id, False)
    late(house)
    assert browser.get("/privacy/export").headers["location"].startswith("/prove")


def test_what_is_shown_to_oneself_is_what_the_matrix_gives_to_oneself() -> None:
    """Tables of what a person does not read about oneself are in no file of one's own."""
    tables = {name: own for several in OWN.values() for name, own in several.items()}
    held = {Item.FLAGS: "insight", Item.HYPOTHESES: "insight", Item.FIGURES: "kpi_value"}
    for item, table in held.items():
        given = MATRIX[item].get(Reader.REP, Shown.NEVER) is Shown.ALL
        assert (table in tables) is given, item
    for name, own in tables.items():
        columns = {column.name for column in metadata.tables[name].columns}
        assert {*own.hidden, *own.where} <= columns
        assert set(TRACES[name].hidden) <= set(own.hidden), name


def test_an_admin_erases_a_person_for_good(house: House) -> None:
    page = erase(house, "REP@acme.example", again="rep@ACME.example")
    assert page.status_code == 200
    assert "cl1a-acme-rep" not in page.text
    folder = Path(house.app.settings.secret_key_file).parent
    left = b"".join(file.read_bytes() for file in folder.glob("crm_loop.db*"))
    assert "池田 彩".encode() not in left
    (listed,) = erased_file.read(house.app.settings.erasures)
    assert listed[:2] == ("acme", "person")
    (told,) = trail(house, "privacy.erased")
    assert (told.actor, REP in told.subject) == (house.user(ADMIN).id, False)
    with house.app.look("acme") as state:
        assert REP not in [one.person for one in state.people.members()]


def test_the_list_of_erasures_is_kept_where_the_settings_say(tmp_path: Path) -> None:
    key = tmp_path / "secrets" / "crm-loop.key"
    said = Settings(_env_file=None, secret_key_file=key)
    assert said.erasures == key.parent / "crm-loop.key.erased"
    elsewhere = tmp_path / "kept" / "erasures"
    assert Settings(_env_file=None, secret_key_file=key, erasures_file=elsewhere).erasures == (
        elsewhere
    )


@pytest.mark.parametrize(
    ("lang", "says"), [("ja", "CRMでも直してください"), ("en", "mend them in the CRM")]
)
def test_an_admin_is_told_which_records_of_the_crm_name_whoever_is_erased(
    house: House, lang: str, says: str
) -> None:
    made: dict[str, Any] = {"due": None, "is_closed": False, "created_at": NOW, "modified_at": NOW}
    task = Task(id="00TNAMED", owner_id="005P", deal_id=None, custom={"memo": REP}, **made)
    with house.app.begin("acme") as state:
        state.crm.remember("salesforce", Subject.TASKS, [task])
    page = house.browser(ADMIN).post(f"/privacy/house/erase?lang={lang}", email=REP, again=REP).text
    assert "00TNAMED" in page
    assert says in page


def test_somebody_who_is_erased_is_signed_out_at_once(house: House) -> None:
    browser = house.browser(REP)
    assert browser.get("/privacy").status_code == 200
    erase(house, REP)
    assert browser.get("/privacy").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("email", "again"),
    [(REP, "peer@acme.example"), (REP, ""), ("", ""), ("nobody@acme.example", None),
     ("rep@rival.example", None), (ADMIN, None)],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_has_to_be_clear_that_and_whom(
    house: House, email: str, again: str | None, language: str
) -> None:
    path = f"/privacy/house/erase?lang={language}"
    answer = house.browser(ADMIN).post(path, email=email, again=email if again is None else again)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert ("Nothing was changed." in answer.text) is (language == "en")
    assert trail(house, "privacy.erased") == []


def test_the_password_is_asked_for_once_more_before_anybody_is_erased(house: House) -> None:
    browser = house.browser(ADMIN)
    late(house)
    answer = browser.post("/privacy/house/erase", email=REP, again=REP)
    assert answer.headers["location"].startswith("/prove")
    assert trail(house, "privacy.erased") == []


def test_an_admin_reads_how_long_things_are_kept(house: House) -> None:
    page = house.browser(ADMIN).get("/privacy/house?lang=en").text
    assert re.findall(r"<dd>([^<]+)</dd>", page) == [
        "25 months", "13 months", "as long as the person is active", "30 days",
    ]  # fmt: skip
