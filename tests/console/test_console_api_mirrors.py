"""/api/v1 answers what the command of that name says with --json, of those one may read about."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from console_house import House
from typer.testing import CliRunner

from crm_loop.cli.mount import app as commands
from crm_loop.console.api_routes import API
from crm_loop.loop_records import Target

ADMIN, LEAD, REP = "admin@acme.example", "lead@acme.example", "rep@acme.example"
#: Whom the lead reads about.
TEAM = ("rep@acme.example", "peer@acme.example")
DAY = "2026-07-05"


@pytest.fixture
def cli(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """The command line of the same house."""
    own = house.app.settings
    known = {
        "DATABASE_URL": own.database_url,
        "SECRET_KEY_FILE": own.secret_key_file,
        "CLOCK_FILE": own.clock_file,
        "REDIS_URL": "none",
        "LANG": "ja",
    }
    for name, value in known.items():
        monkeypatch.setenv(f"CRM_LOOP_{name}", str(value))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Any:
        said = CliRunner().invoke(commands, [*words, "--organisation", "acme", "--json"])
        assert said.exit_code == 0, said.output
        return json.loads(said.stdout)

    return run


def script(house: House, email: str) -> Any:
    browser = house.browser()
    token = house.app.doorkeeper.token(house.user(email), label="test")
    browser.client.headers["authorization"] = f"Bearer {token}"
    return browser.client


def asked(house: House, email: str, path: str, **params: str) -> Any:
    answer = script(house, email).get(f"/api/v1/{path}", params={"lang": "ja", **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def team_only(name: str, key: str) -> Callable[[Any], Any]:
    return lambda found: found | {name: [one for one in found[name] if one[key] in TEAM]}


def whole(found: Any) -> Any:
    return found


def without_texts(found: Any) -> Any:
    """What memos say is shown to whoever has the terminal, and to no operator of the pages."""
    return found | {"writes": [one | {"before": None, "after": None} for one in found["writes"]]}


SAME: Mapping[str, tuple[str, tuple[str, ...], dict[str, str], Callable[[Any], Any]]] = {
    "kpi/list": (REP, ("kpi", "list"), {}, whole),
    "kpi/chosen": (REP, ("kpi", "chosen"), {}, whole),
    "templates/list": (REP, ("templates", "list"), {}, whole),
    "map": (ADMIN, ("map",), {}, whole),
    "config/export": (ADMIN, ("config", "export"), {}, whole),
    "people/export": (ADMIN, ("people", "export"), {}, whole),
    "targets/export": (ADMIN, ("targets", "export"), {}, whole),
    "targets/review": (LEAD, ("targets", "review"), {}, team_only("proposals", "person")),
    "targets/history": (LEAD, ("targets", "history"), {}, team_only("changes", "person")),
    "stage": (ADMIN, ("stage",), {}, whole),
    "learn": (LEAD, ("learn",), {}, whole),
    "rhythm": (LEAD, ("rhythm", "--as", LEAD), {}, whole),
    "writes/preview": (ADMIN, ("writes", "preview"), {}, without_texts),
    "writes/preview by part": (
        ADMIN,
        ("writes", "preview", "--offset", "1", "--limit", "1"),
        {"offset": "1", "limit": "1"},
        without_texts,
    ),
    "writes": (ADMIN, ("writes", "list"), {}, without_texts),
    "writes by part": (
        ADMIN,
        ("writes", "list", "--offset", "2", "--limit", "2"),
        {"offset": "2", "limit": "2"},
        without_texts,
    ),
    "cycle": (LEAD, ("cycle",), {}, team_only("cycles", "rep")),
    "jobs": (ADMIN, ("jobs", "list"), {}, whole),
    "measure": (LEAD, ("measure",), {}, team_only("values", "rep")),
    "measure by week": (
        LEAD,
        ("measure", "--week", "2026-W26"),
        {"week": "2026-W26"},
        team_only("values", "rep"),
    ),
    "measure by period": (
        LEAD,
        ("measure", "--period", "2026-06"),
        {"period": "2026-06"},
        team_only("values", "rep"),
    ),
    "explain": (
        LEAD,
        ("explain", "meetings_held", "--rep", REP, "--week", "2026-W26"),
        {"kpi": "meetings_held", "rep": REP, "week": "2026-W26"},
        whole,
    ),
    "waterfall": (
        LEAD,
        ("waterfall", "--from", "2026-06-01", "--to", DAY),
        {"from": "2026-06-01", "to": DAY},
        whole,
    ),
}
#: Compared in test_console_api.py, asks a CRM, or tells of the moment at which it is asked.
ELSEWHERE = {
    "agenda", "doctor", "health", "writes/approve", "writes/undo", "pause", "resume", "audit",
    "audit/verify",
}  # fmt: skip


def test_every_route_is_compared_or_named() -> None:
    paths = {one.path.removeprefix("/api/v1/") for one in API}
    assert paths == {name.partition(" by ")[0] for name in SAME} | ELSEWHERE


@pytest.mark.parametrize("name", SAME)
def test_a_script_is_told_what_the_terminal_says(
    house: House, cli: Callable[..., Any], name: str
) -> None:
    with house.app.begin("acme") as state:
        state.figures.put_targets([a_target(one) for one in (*TEAM, "far@acme.example")])
    email, words, params, readable = SAME[name]
    said = cli(*words)
    answer = asked(house, email, name.partition(" by ")[0], **params)
    assert answer["command"] == said["command"]
    assert answer["data"] == readable(said["data"])


def a_target(person: str) -> Target:
    return Target(
        person=person,
        kpi="meetings_held",
        period_start=date(2026, 7, 1),
        period_end=date(2026, 7, 31),
        value=12.0,
        set_by="team",
        source="file",
    )


def test_what_is_no_day_is_refused_in_words(house: House) -> None:
    client = script(house, LEAD)
    for path, params in (
        ("waterfall", {"from": "soon", "to": DAY}),
        ("waterfall", {"to": DAY}),
        ("measure", {"week": "soon"}),
        ("measure", {"period": "soon"}),
    ):
        answer = client.get(f"/api/v1/{path}", params=params)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "usage.api")


def test_undoing_needs_to_be_told_what(house: House) -> None:
    client = script(house, ADMIN)
    assert client.post("/api/v1/writes/undo", data={}).status_code == 422
    assert client.post("/api/v1/writes/undo", data={"run": "x", "all": "yes"}).status_code == 422
