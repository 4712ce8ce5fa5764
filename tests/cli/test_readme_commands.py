"""What the README tells a new admin to type works as it stands there, in its order."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ja.md")
#: Ends only when somebody ends it; tests/browser and tests/install run it.
SERVES = ("up",)
DONE, IN_PART = 0, 5


def commands(readme: str) -> list[list[str]]:
    """Lines of the page that begin with our command, without what stands behind a #."""
    lines = (ROOT / readme).read_text("utf-8").splitlines()
    typed = [line.strip() for line in lines if line.startswith("    crm-loop ")]
    return [line.partition("  #")[0].partition(" #")[0].split()[1:] for line in typed]


def test_both_languages_name_the_same_commands() -> None:
    english, japanese = map(commands, READMES)
    plain = [[one for one in line if one not in ("--lang", "ja")] for line in japanese]
    assert plain == english


@pytest.mark.parametrize("readme", READMES)
def test_every_command_of_the_readme_runs(
    terminal: Any,
    sandbox_server: Callable[..., Any],
    credentials_of: Callable[..., Any],
    readme: str,
) -> None:
    server = sandbox_server(reps=6, weeks=12, start="2026-06-08", rate_limits="off")
    known = facts(terminal, server, credentials_of)
    ran = 0
    for line in commands(readme):
        if line[0] in SERVES:
            continue
        said = terminal(*[known.get(one, one) for one in filled(line, server)])
        assert said.code in (DONE, IN_PART), (line, said.err or said.out)
        ran += 1
    assert ran >= 15


def filled(line: list[str], server: Any) -> list[str]:
    """`…` stands for the address of one's own org."""
    return [server.url if one == "…" else one for one in line]


def facts(terminal: Any, server: Any, credentials_of: Callable[..., Any]) -> dict[str, str]:
    """What stands in the place of the README's names: a sandbox, and one of its reps."""
    with urlopen(f"{server.url}/__truth?file=people.csv", timeout=60) as answer:
        people = answer.read().decode()
    (terminal.folder / "people.csv").write_text(people, encoding="utf-8")
    rows = list(csv.DictReader(StringIO(people)))
    rep = next(row for row in rows if row["manager_email"] and row["role"] != "Manager")
    urls = {}
    for kind, file in (("salesforce", "sf.json"), ("hubspot", "hs.json")):
        urls[kind], secrets = credentials_of(server, kind)
        (terminal.folder / file).write_text(json.dumps(secrets), encoding="utf-8")
    token = server.get("/__access?user=admin@sandbox.example")["salesforce"]["access_token"]
    (terminal.folder / "admin.json").write_text(json.dumps({"access_token": token}), "utf-8")
    return {
        "https://acme.my.salesforce.com": urls["salesforce"],
        "https://api.hubapi.com": urls["hubspot"],
        "tanaka@example.com": rep["email"],
    }
