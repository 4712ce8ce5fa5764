"""Names of another company's things, sent with every form: nothing of that company changes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from console_house import NOW, WEEK, Browser, House, is_mistake
from opened_console import opened
from sqlalchemy import select

from crm_loop.console.route import Route, Scope
from crm_loop.console.routes import ROUTES
from crm_loop.loop_records import WriteState
from crm_loop.queue import JobState, NewJob
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.tables import metadata

REP, ADMIN = "rep@rival.example", "admin@rival.example"
#: Each role of the company that asks, and of the one that it asks about.
OURS = ("admin@acme.example", "operator@acme.example", "lead@acme.example", "rep@acme.example")
THEIRS = (REP, "lead@rival.example", ADMIN)
FORMS = [route for route in ROUTES if not route.is_safe and route.scope is not Scope.DOOR]
#: It takes the session away with which the others are asked.
LAST = {"sign_out"}
#: Forms that do something to a thing which is named in them.
NAMING = {"job_park", "job_retry", "pause", "write_approve", "write_retry", "token_revoke",
          "user_roles", "user_link", "user_disable", "talk_note", "talk_enter", "flag",
          "privacy_erase", "api_writes_approve", "api_pause"}  # fmt: skip


@dataclass(frozen=True)
class Foreign:
    """A house, and what the other company's things are called in addresses and forms."""

    house: House
    path: dict[str, str]
    form: dict[str, str]

    def rows(self, *but: str) -> dict[str, list[Any]]:
        """All that is kept of the other company."""
        found = {}
        with self.house.app.engine.connect() as connection:
            for table in metadata.sorted_tables:
                if "organisation" in table.c and table.name not in but:
                    query = select(table).where(table.c.organisation == "rival")
                    found[table.name] = sorted(map(repr, connection.execute(query)))
        return found

    def send(self, browser: Browser, route: Route) -> Any:
        path = re.sub(r"{(\w+)}", lambda name: self.path[name[1]], route.path)
        return browser.post(path, **(self.form | _also(route)))


def _also(route: Route) -> dict[str, str]:
    """What a form needs beside names, so that it does something."""
    return {"talk_enter": {"kind": "topic", "text": "x"}}.get(route.name, {})


@pytest.fixture
def foreign(seeded: Path, tmp_path: Path) -> Iterator[Foreign]:
    with opened(seeded, tmp_path / "house") as house:
        house.app.doorkeeper.token(house.user(ADMIN), label="theirs")
        owner = house.user(ADMIN).id
        with house.app.begin("rival") as state:
            state.connections.put(ConnectionRow(name="theirs", kind="salesforce", url="https://x"))
            state.jobs.add(NewJob(id="pull:theirs", kind="pull", connection="theirs"), now=NOW)
            (key,) = [row.key for row in state.writes.rows()]
            (token,) = state.users.tokens(owner)
        yield Foreign(
            house,
            path={"person": house.person(REP), "kpi": "meetings_held", "week": WEEK,
                  "name": "theirs", "user": house.user(REP).id, "kind": "hubspot"},
            form={"id": "pull:theirs", "key": key, "run": "run-1", "digest": token.digest,
                  "email": REP, "again": REP, "person": REP, "rep": REP, "name": "theirs",
                  "connection": "theirs", "slot": "1", "note": "x", "role": "auditor"},
        )  # fmt: skip


def test_names_of_another_company_change_nothing_there(foreign: Foreign) -> None:
    before = foreign.rows()
    assert sum(map(len, before.values())) >= 15
    for email in OURS:
        browser = foreign.house.browser(email)
        for route in FORMS:
            if route.name in LAST:
                continue
            answer = foreign.send(browser, route)
            assert not is_mistake(answer), (email, route.name)
            status = answer.status_code
            if status != 403 and ("{person}" in route.path or "{user}" in route.path):
                assert status == 404, (email, route.name)
    after = foreign.rows()
    assert {name for name in after if after[name] != before[name]} == set()


def test_their_own_people_do_change_it_with_the_same_forms(foreign: Foreign) -> None:
    """So that the test before is not blind: every name in it is the name of something."""
    changed = set()
    for email in THEIRS:
        browser = foreign.house.browser(email)
        for route in sorted(FORMS, key=_gently):
            if route.name not in NAMING:
                continue
            _prepare(foreign, route)
            before = foreign.rows("audit", "audit_text", "console_session")
            foreign.send(browser, route)
            if foreign.rows("audit", "audit_text", "console_session") != before:
                changed.add(route.name)
    assert changed == NAMING


def _gently(route: Route) -> tuple[int, str]:
    """Whatever ends somebody's account or takes data away comes last."""
    ends = ("user_roles", "user_disable", "privacy_erase")
    return ends.index(route.name) + 1 if route.name in ends else 0, route.name


def _prepare(foreign: Foreign, route: Route) -> None:
    """A job that can be tried again, or a write that was refused, for the forms that need one."""
    with foreign.house.app.begin("rival") as state:
        if route.name == "job_park":
            state.jobs.again(["pull:theirs"], now=NOW)
        if route.name == "job_retry":
            state.jobs.park("pull:theirs", reason="x")
        if "approve" in route.name or route.name == "write_retry":
            table, wanted = metadata.tables["write"], WriteState.PLANNED
            if route.name == "write_retry":
                wanted = WriteState.REFUSED
            values = {"state": wanted, "approved_by": None, "settled_at": NOW - timedelta(1)}
            mine = table.c.organisation == "rival"
            state.connection.execute(table.update().where(mine).values(values))
        if "pause" in route.name:
            for row in state.connections.all():
                state.connections.put(replace(row, paused=False))


def test_a_job_of_another_company_is_as_if_there_were_none(foreign: Foreign) -> None:
    browser = foreign.house.browser("operator@acme.example")
    for path in ("/jobs/retry", "/jobs/park"):
        for id_ in ("pull:theirs", "pull:nobody"):
            assert browser.post(path, id=id_).status_code == 404, (path, id_)
    with foreign.house.app.look("rival") as state:
        job = state.jobs.get("pull:theirs")
    assert job is not None
    assert job.state is JobState.READY


def test_the_pages_of_another_companys_account_are_not_there(foreign: Foreign) -> None:
    browser = foreign.house.browser("operator@acme.example")
    assert browser.get("/connections/theirs/check").status_code == 404
    assert "theirs" not in browser.get("/connections").text
