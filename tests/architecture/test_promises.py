"""Promises that the folders make, kept by tests."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from crm_loop.cli.mount import OWN, _listed, brought
from crm_loop.settings import Settings
from crm_loop.setup.findings import _texts as findings
from crm_loop_workers.demo.story import _texts as story
from crm_loop_workers.handlers import HANDLERS
from crm_loop_workers.schedules import SCHEDULES

ROOT = Path(__file__).parents[2]
PROJECTS = [
    ROOT / "pyproject.toml",
    *sorted(ROOT.glob("connectors/*/pyproject.toml")),
    ROOT / "workers" / "pyproject.toml",
    ROOT / "sandbox" / "pyproject.toml",
]
HEAVY = ("polars", "scipy", "hubspot", "simple_salesforce")


def test_the_example_of_settings_names_each_one_and_nothing_else() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    named = re.findall(r"^(CRM_LOOP_[A-Z_]+)=", text, re.MULTILINE)
    assert sorted(named) == sorted(f"CRM_LOOP_{name.upper()}" for name in Settings.model_fields)


def test_all_distributions_carry_one_version() -> None:
    versions = {tomllib.loads(file.read_text("utf-8"))["project"]["version"] for file in PROJECTS}
    assert len(versions) == 1


def test_the_lock_file_names_hashes_and_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_the_core_names_no_vendor() -> None:
    """What people read of a CRM stands in texts and profiles; code of the core knows none."""
    names = [path.name for path in (ROOT / "connectors").iterdir() if path.is_dir()]
    vendors = re.compile("|".join(names), re.IGNORECASE)
    named = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if vendors.search(line)
    ]
    assert named == []


def test_every_document_that_code_names_is_one_that_a_stranger_can_open() -> None:
    there = {path.name for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]}
    named = {
        f"{path.relative_to(ROOT)}: {name}"
        for part in ("src", "connectors", "workers", "sandbox", "bench")
        for path in (ROOT / part).rglob("*.py")
        if "node_modules" not in path.parts
        for name in re.findall(r"\b[\w-]+\.md\b", path.read_text("utf-8"))
        if name not in there
    }
    assert named == set()


def test_the_overview_says_what_every_command_is_for() -> None:
    told = {one: str(_listed(one).help) for one in (*OWN, *(one.name for one in brought()))}
    assert [one for one, line in told.items() if not line.strip(" .")] == []


def test_every_job_that_a_schedule_makes_has_a_handler() -> None:
    from datetime import UTC, datetime

    from crm_loop_workers.scheduler import Slot

    moment = datetime(2026, 6, 8, tzinfo=UTC)
    slot = Slot("x", moment, ("salesforce", "hubspot"), moment)
    kinds = {job.kind for schedule in SCHEDULES for job, _ in schedule.jobs(slot)}
    assert kinds == set(HANDLERS)


@pytest.mark.parametrize("texts", [findings, story])
def test_every_text_is_there_in_both_languages(texts: object) -> None:
    both = texts()  # type: ignore[operator]  # a loader of texts
    assert both["ja"].keys() == both["en"].keys()


COMMANDS = sorted({*OWN, *(entry.name for entry in brought())})

#: Each command in a process of its own; only what is not ours is loaded once for all of them.
CHILD = """
import json, os, runpy, sys
import pydantic, rich.console, sqlalchemy, typer
asked = {}
for name in json.load(sys.stdin):
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(tell, 1)
        sys.argv = ["crm-loop", name, "--help"]
        code = 0
        try:
            runpy.run_module("crm_loop", run_name="__main__")
        except SystemExit as end:
            code = end.code
        except BaseException:
            code = 70
        sys.stdout.flush()
        os._exit(code or 0)
    os.close(tell)
    with open(told) as said:
        text = said.read()
    asked[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text
print(json.dumps(asked))
"""


@pytest.fixture(scope="module")
def helped() -> dict[str, tuple[int, str]]:
    """Code and text of `python -m crm_loop COMMAND --help`, by command."""
    command = [sys.executable, "-c", CHILD]
    asked = json.dumps(COMMANDS)
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_can_be_asked_for_help(
    helped: dict[str, tuple[int, str]], name: str
) -> None:
    code, text = helped[name]
    assert code == 0
    assert "Usage" in text
    assert f"crm-loop {name}" in text


def test_the_command_line_loads_nothing_heavy_before_it_is_told_what_to_do() -> None:
    text = f"import sys, crm_loop.cli; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("script", ["alone.py", "sizes.py"])
def test_each_distribution_and_each_file_keeps_its_measure(script: str) -> None:
    command = [sys.executable, str(Path(__file__).parent / script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
