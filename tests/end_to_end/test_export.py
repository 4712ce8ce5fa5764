"""The demonstration on a real export: the command, as a newcomer types it."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from plain_export import KPIS, QUARTERS, agents_of, lines_of, plainly

from crm_loop.calendars import named_period
from crm_loop.kpi.catalogue import catalogue

pytestmark = [pytest.mark.slow, pytest.mark.long(12), pytest.mark.xdist_group("export")]

CRMS = ("salesforce", "hubspot")
FIRST, SECOND = "2017-W51", "2017-W52"
AGENTS, MANAGERS = 35, 6


@dataclass(frozen=True, slots=True)
class Run:
    """What the command printed, and the database that it left."""

    report: dict[str, Any]
    database: Path

    def memos(self, week: str) -> list[str]:
        query = "SELECT body FROM write WHERE kind = 'memo' AND week = ? AND state = 'confirmed'"
        with sqlite3.connect(self.database) as connection:
            return [body for (body,) in connection.execute(query, (week,))]


@pytest.fixture(scope="module")
def run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("export")
    command = [sys.executable, "-m", "crm_loop", "demo", "--csv", shared / "data" / "maven_crm",
               "--weeks", "2", "--start", "2017-12-18", "--json"]  # fmt: skip
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
    return Run(json.loads(done.stdout)["data"], folder / "var" / "demo" / "crm_loop.db")


@pytest.mark.parametrize("crm", CRMS)
def test_each_crm_holds_the_export_as_it_is(run: Run, crm: str) -> None:
    totals = run.report["totals"][crm]
    assert (totals["won"], totals["lost"], totals["open"]) == (4238, 2473, 2089)
    assert (totals["deals"], totals["won_value"]) == (8800, 10_005_534)
    assert totals["people"] >= AGENTS + MANAGERS
    assert totals["duplicates"] == 0


@pytest.mark.parametrize("crm", CRMS)
def test_every_agent_gets_figures_and_a_memo_each_week(run: Run, crm: str) -> None:
    for week in run.report["weeks"]:
        assert week["connections"][crm]["agendas"] == AGENTS
        kpis = Counter(one["rep"] for one in week["kpis"] if f"@{crm}." in one["rep"])
        assert (len(kpis), set(kpis.values())) == (AGENTS, {len(catalogue())})


@pytest.mark.parametrize("crm", CRMS)
def test_what_was_agreed_becomes_tasks(run: Run, crm: str) -> None:
    assert all(week["connections"][crm]["tasks_created"] for week in run.report["weeks"])


def test_the_second_week_knows_what_was_done(run: Run) -> None:
    assert run.report["weeks"][0]["actions"]["done_seen_in_crm"] > 0
    assert not any("-> done" in memo for memo in run.memos(FIRST))
    assert sum("-> done" in memo for memo in run.memos(SECOND)) > AGENTS // 2


def test_a_holiday_before_the_talks_leaves_no_memo_without_figures(run: Run) -> None:
    assert len(run.memos(SECOND)) == 2 * AGENTS
    assert all("Figures as of Thu 21 December" in memo for memo in run.memos(SECOND))


@pytest.mark.parametrize("name", QUARTERS)
def test_each_quarter_of_the_command_is_what_plain_python_finds(
    run: Run, shared: Path, name: str
) -> None:
    """Calendar quarters, of all agents in both CRMs; nothing decided is no data, never zero."""
    command = [sys.executable, "-m", "crm_loop", "measure", "--period", name, "--json"]
    house = os.environ | {
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{run.database}",
        "CRM_LOOP_SECRET_KEY_FILE": str(run.database.with_name("key")),
    }
    done = subprocess.run(command, env=house, stdout=subprocess.PIPE, check=True)
    found = {(one["rep"], one["kpi"]): one for one in json.loads(done.stdout)["data"]["values"]}
    quarter, lines, agents = named_period(name, fiscal_start=1), lines_of(shared), agents_of(shared)
    assert len(agents) == AGENTS
    for agent in agents:
        expected = plainly(lines, agent, quarter.start, quarter.end)
        for crm in CRMS:
            rep = f"{agent.lower().replace(' ', '.')}@{crm}.example"
            got = {kpi: found[rep, kpi] for kpi in KPIS}
            assert {kpi: one["value"] for kpi, one in got.items()} == pytest.approx(expected)
            nothing = {one["value_status"] for one in got.values() if one["value"] is None}
            assert nothing <= {"no_data"}
