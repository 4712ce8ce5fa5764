"""What an operator is told of the loop's health, asked of the database alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tables
import yaml
from sqlalchemy import insert, update

from crm_loop.access.chain import seal
from crm_loop.bootstrap import App, build
from crm_loop.cli.health import plain
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.setup import vital_signs
from crm_loop.setup.vital_signs import Account, Signs, examine, seen
from crm_loop.store.audit import record
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.store.tables.crm import cursor
from crm_loop.store.tables.work import api_call, audit

RULES = Path(__file__).parents[2] / "deploy/monitoring/rules.yaml"
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
NONE = timedelta()
WELL = Signs(database_seconds=0.01, work_waits=NONE, parked=0, accounts=(), sealed=9, unsealed=1,
             sealing_waits=NONE, broken_at=None)  # fmt: skip
ACCOUNT = Account(name="sf", kind="salesforce", paused=False, lag=timedelta(hours=1),
                  calls_left=0.9, refused=0, unknown=None)  # fmt: skip


def codes(signs: Signs) -> list[str]:
    return [one.code for one in examine(signs)]


def test_nothing_is_found_where_all_is_well() -> None:
    signs = replace(WELL, accounts=[ACCOUNT])
    assert codes(signs) == []
    assert plain(signs, [], "en")["healthy"] is True


@pytest.mark.parametrize(
    ("signs", "code"),
    [
        (replace(WELL, database_seconds=2.1), "health.database_slow"),
        (replace(WELL, work_waits=timedelta(minutes=16)), "health.work_waits"),
        (replace(WELL, scheduler_silent=timedelta(minutes=6)), "health.scheduler_silent"),
        (replace(WELL, parked=1), "jobs.parked"),
        (replace(WELL, broken_at=7), "health.trail_broken"),
        (replace(WELL, sealing_waits=timedelta(minutes=11)), "health.trail_unsealed"),
        *(
            (replace(WELL, accounts=[replace(ACCOUNT, **change)]), code)
            for change, code in (
                ({"lag": timedelta(hours=37)}, "health.reading_lags"),
                ({"calls_left": 0.19}, "health.calls_short"),
                ({"unknown": timedelta(minutes=31)}, "health.outcome_unknown"),
                ({"refused": 2}, "health.writes_refused"),
            )
        ),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_trouble_is_found_and_said(signs: Signs, code: str, language: str) -> None:
    found = examine(signs)
    assert [one.code for one in found] == [code]
    shown = plain(signs, found, language)
    assert shown["healthy"] is False
    assert shown["findings"][0]["title"]
    assert shown["findings"][0]["do"]


@pytest.mark.parametrize(
    ("change", "code"), [({"lag": None}, "health.never_read"), ({"paused": True}, "health.paused")]
)
def test_what_was_meant_is_no_trouble(change: Any, code: str) -> None:
    signs = replace(WELL, accounts=[replace(ACCOUNT, **change)])
    assert codes(signs) == [code]
    assert plain(signs, examine(signs), "ja")["healthy"] is True


def test_it_is_found_where_the_alert_rules_find_it() -> None:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    limits = {
        rule["alert"]: float(re.findall(r"[\d.]+$", rule["expr"].strip())[0])
        for group in groups
        for rule in group["rules"]
        if re.search(r"[\d.]+$", rule["expr"].strip())
    }
    ours = vital_signs
    assert limits["CrmLoopWorkWaits"] == ours.WORK_WAITS.total_seconds()
    assert limits["CrmLoopReadingLags"] == ours.READING_LAGS.total_seconds()
    assert limits["CrmLoopOutcomeUnknown"] == ours.OUTCOME_UNKNOWN.total_seconds()
    assert limits["CrmLoopAuditUnsealed"] == ours.SEALING_WAITS.total_seconds()
    assert limits["CrmLoopBudgetShort"] == ours.SHARE_OF_CALLS
    assert limits["CrmLoopDatabaseSlow"] == ours.DATABASE_SECONDS


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    settings = Settings(
        database_url=f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}",
        secret_key_file=tmp_path / "key",
    )
    app = build(settings, connectors={})
    for name in ("acme", "rival"):
        with app.begin(name) as state:
            state.connections.put_organisation(Organisation(name=name))
    yield app
    app.close()


def look(app: App) -> Signs:
    with app.look("acme") as state:
        return seen(state, now=NOW, business_now=NOW)


def test_it_sees_what_the_database_shows_of_its_own_organisation(app: App) -> None:
    with app.begin("acme") as state:
        state.connections.put(ConnectionRow(name="sf", kind="salesforce", url="x"))
        state.connections.put(ConnectionRow(name="hs", kind="hubspot", url="x", paused=True))
        state.jobs.add(NewJob(id="late", kind="pull"), now=NOW - timedelta(minutes=20))
        for subject, hours in (("deals", 40), ("people", 1)):
            at = NOW - timedelta(hours=hours)
            row = {"organisation": "acme", "connection": "sf", "subject": subject, "pulled_at": at}
            state.connection.execute(insert(cursor).values(row))
        told = {"organisation": "acme", "connection": "sf", "kind": "day", "tokens": 0,
                "refilled_at": NOW, "used_today": 900, "day": NOW.date(),
                "limit_today": 1000}  # fmt: skip
        state.connection.execute(insert(api_call).values(told))
    with app.begin("rival") as state:
        state.jobs.add(NewJob(id="older", kind="pull"), now=NOW - timedelta(days=2))
    signs = look(app)
    hs, sf = signs.accounts
    assert signs.work_waits == timedelta(minutes=20)
    assert (hs.name, hs.paused, hs.lag, hs.calls_left) == ("hs", True, None, None)
    assert (sf.lag, round(sf.calls_left or 0, 3)) == (timedelta(hours=40), 0.1)


def test_a_changed_entry_at_the_end_of_the_trail_is_noticed(app: App) -> None:
    for number in range(60):
        with app.begin("acme") as state:
            record(state, actor="x", what="y", subject=str(number), at=NOW)
    seal(app.begin, "acme")
    assert (look(app).sealed, look(app).broken_at) == (60, None)
    with app.begin("acme") as state:
        state.connection.execute(update(audit).where(audit.c.n == 40).values(actor="z"))
    assert look(app).broken_at == 40


def test_an_entry_that_waits_for_its_seal_is_seen(app: App) -> None:
    with app.begin("acme") as state:
        record(state, actor="x", what="y", subject="z", at=NOW - timedelta(minutes=12))
    signs = look(app)
    assert (signs.unsealed, signs.sealing_waits) == (1, timedelta(minutes=12))
