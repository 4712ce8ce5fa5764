"""Secrets and names that are known to us, and where they must not be after a day's work."""

import base64
import json
import logging
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from canaries import CREDENTIALS
from console_house import COMPANIES, NOW, PASSWORD, ROLES, WEEK, House
from opened_console import opened
from typer.testing import CliRunner

from crm_loop.access import passwords
from crm_loop.bootstrap import seal_credentials
from crm_loop.budget import DatabaseVault
from crm_loop.cli.mount import app as commands
from crm_loop.connector.contract import Token
from crm_loop.console.routes import ROUTES
from crm_loop.logs import JsonLines, PlainLines
from crm_loop.store.connections import ConnectionRow
from crm_loop_workers.metrics import text_of

REP, LEAD, ADMIN = "rep@acme.example", "lead@acme.example", "admin@acme.example"
ACCESS, REFRESH = "00D5g000004kanaria!AQEAQkanaria", "kanaria-refresh-of-the-vault"
WRONG, NOTE = "kanaria wrong password 123", "カナリアのひとりごと"
NAMES = {name for people in COMPANIES.values() for _, name, _, _ in people}
ADDRESSES = {email for people in COMPANIES.values() for email, *_ in people} | set(ROLES)


@dataclass
class Day:
    """What a day's work left behind, by where."""

    html: dict[str, str] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    logs: str = ""
    metrics: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    backup: bytes = b""
    secrets: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def day(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("canaries") / "house"
    day, lines = Day(), Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        with opened(seeded, folder, connector=breaking) as house:
            begin(house, day)
            at_the_door(house, day)
            on_every_page(house, day)
            at_the_command_line(house, day, folder)
            day.metrics = text_of(house.app)
            day.files = {file.name: file.read_bytes() for file in folder.glob("crm_loop.db*")}
    finally:
        root.removeHandler(lines)
        root.setLevel(level)
    day.logs = "\n".join(lines.said)
    return day


def breaking(account: Any, _ports: Any) -> Any:
    """A connector with a mistake in it, whose words hold what it was given."""
    message = f"{NAMES} cannot sign in with {account.credentials}"
    raise RuntimeError(message)


class Lines(logging.Handler):
    """Everything that any library logs, down to its debugging."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # What the test's own browser says of what it asks for is not ours.
        if not record.name.startswith("http"):
            self.said += [form().format(record) for form in (JsonLines, PlainLines)]


def begin(house: House, day: Day) -> None:
    """Credentials, a token of the CRM, a note for oneself, a password."""
    app = house.app
    sealed = seal_credentials(app.seal, "acme", "salesforce", CREDENTIALS)
    note = app.seal.lock(NOTE, "acme", "note", LEAD, REP, WEEK)
    row = ConnectionRow(name="salesforce", kind="salesforce", url="https://x", credentials=sealed)
    from dataclasses import replace

    user = replace(house.user(LEAD), password=passwords.hashed(PASSWORD))
    with app.begin("acme") as state:
        state.connections.put(row)
        state.notes.put((LEAD, REP, WEEK), note, at=NOW)
        state.users.put(user)
    vault = DatabaseVault(app.engine, "acme", "salesforce", "token:x", app.seal, "me")
    ends = datetime.now(UTC) + timedelta(hours=1)
    token = Token(value=ACCESS, expires_at=ends, facts={}, refresh_token=REFRESH)
    assert vault.token(lambda _: token).value == ACCESS
    key = app.settings.secret_key_file.read_bytes().strip()
    day.secrets |= CREDENTIALS | {
        "access": ACCESS, "refresh": REFRESH, "password": PASSWORD, "wrong": WRONG,
        "key": key.decode(), "key in hex": base64.urlsafe_b64decode(key).hex(),
    }  # fmt: skip


def at_the_door(house: House, day: Day) -> None:
    """Right and wrong passwords, a cookie, a link, a token."""
    browser = house.browser()
    for password in (WRONG, PASSWORD):
        page = browser.get("/sign-in").text
        csrf = re.search(r'name="csrf" value="(\w+)"', page)
        assert csrf is not None
        values = {"csrf": csrf[1], "email": LEAD, "password": password}
        answer = browser.client.post("/sign-in", data=values)
        day.html[f"sign-in with {password[:7]}"] = answer.text
    doorkeeper = house.app.doorkeeper
    day.secrets |= {
        "cookie": browser.client.cookies["crm_loop_session"],
        "link": doorkeeper.link("acme", email="new@acme.example", roles=["rep"], made_by="x"),
        "token": doorkeeper.token(house.user(REP), label="nightly"),
    }
    headers = {"authorization": f"Bearer {day.secrets['token']}"}
    day.html["api"] = house.browser().get("/api/v1/measure", headers=headers).text
    day.html["link"] = house.browser().get(f"/welcome/{day.secrets['link']}x").text


def on_every_page(house: House, day: Day) -> None:
    """Every page as somebody who may, and forms that fail."""
    people = {"rep": REP, "manager": LEAD, "admin": ADMIN, "operator": "operator@acme.example",
              "auditor": "auditor@acme.example"}  # fmt: skip
    browsers = {role: house.browser(email) for role, email in people.items()}
    for browser in browsers.values():
        # A mistake of ours is an answer here, as for a browser.
        browser.client._transport.raise_server_exceptions = False  # noqa: SLF001
    given = {"person": house.person(REP), "kpi": "bookings", "week": WEEK, "name": "salesforce",
             "user": "none", "secret": "none", "kind": "salesforce"}  # fmt: skip
    for route in ROUTES:
        path = re.sub(r"{(\w+)}", lambda found: given[found[1]], route.path)
        for role in sorted(route.roles) if route.is_safe else ():
            day.html[f"{role} {route.name}"] = browsers[role].get(path).text
    values = {f"{kind}.{name}": secret for kind in ("jwt", "token", "oauth")
              for name, secret in CREDENTIALS.items()}  # fmt: skip
    answer = browsers["admin"].post("/connections/new", kind="salesforce", name="second",
                                    url="https://x", **values)  # fmt: skip
    day.html["a connection that fails"] = answer.text
    answer = browsers["admin"].post("/prove", password=WRONG)
    day.html["a wrong proof"] = answer.text


def at_the_command_line(house: House, day: Day, folder: Path) -> None:
    """Commands over the same house, for people and for scripts."""
    environment = {
        f"CRM_LOOP_{name.upper()}": str(getattr(house.app.settings, name))
        for name in ("database_url", "secret_key_file", "redis_url", "clock_file")
    } | {"CRM_LOOP_LOG_LEVEL": "DEBUG"}
    backup = folder / "a.backup"
    for command in ("doctor", "jobs list", "writes list", "audit list", "audit verify", "measure",
                    "agenda", "cycle", "people export", "pull", f"backup {backup}"):  # fmt: skip
        arguments = command.split() + ([str(folder / "people.csv")] if "people" in command else [])
        for form in ((), ("--json",)) if "backup" not in command else ((),):
            said = CliRunner().invoke(
                commands, [*arguments, "--organisation", "acme", *form], env=environment
            )
            day.printed[f"{command} {form}"] = said.output + said.stderr
    with zipfile.ZipFile(backup) as archive:
        day.backup = b"\n".join(archive.read(name) for name in archive.namelist())
    day.printed["people.csv"] = (folder / "people.csv").read_text("utf-8")


def hits(places: Mapping[str, Any], wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where one of these stands, as it is or as JSON writes it."""
    return [
        (place, name)
        for place, content in places.items()
        for name, one in wanted.items()
        if any(form in _text(content) for form in (one, json.dumps(one)[1:-1]))
    ]


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("utf-8", "replace")


def test_the_day_was_a_real_one(day: Day) -> None:
    """Otherwise nothing that follows says anything."""
    assert len(day.secrets) >= 13
    assert len(day.html) > 60
    assert "RuntimeError" in day.logs
    assert len([text for text in day.printed.values() if text]) > 15
    assert len(day.logs) > 500
    assert b"v1." in day.backup
    assert hits({"backup": day.backup}, {name: name for name in NAMES})
    assert any("crmloop_" in text for text in day.metrics.splitlines())


def test_no_secret_is_in_the_database_its_log_or_a_backup(day: Day) -> None:
    assert hits({**day.files, "backup": day.backup}, day.secrets) == []


def test_no_secret_is_on_a_page_or_printed(day: Day) -> None:
    assert hits(day.html, day.secrets) == []
    assert hits(day.printed, day.secrets) == []


def test_no_secret_is_logged_or_measured(day: Day) -> None:
    assert hits({"logs": day.logs, "metrics": day.metrics}, day.secrets) == []


def test_nobodys_name_or_address_is_logged_or_measured(day: Day) -> None:
    people = {one: one for one in NAMES | ADDRESSES}
    assert hits({"logs": day.logs, "metrics": day.metrics}, people) == []


def test_a_note_for_oneself_is_on_ones_own_page_and_nowhere_else(day: Day) -> None:
    note = {"note": NOTE}
    places = {**day.html, **day.printed, **day.files, "backup": day.backup, "logs": day.logs}
    assert hits(places, note) == [("manager talk", "note")]


def test_admins_and_operators_see_what_is_written_of_nobody(day: Day) -> None:
    pages = {name: text for name, text in day.html.items()
             if name.startswith(("admin", "operator", "auditor"))}  # fmt: skip
    assert hits(pages, {"body": "ひみつの本文", "memo": "何がよかったと思いますか"}) == []
