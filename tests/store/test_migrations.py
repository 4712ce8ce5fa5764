"""The tables that migrations make are those that the code names, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from rig.memory_crm import NOW, an_intent
from sqlalchemy import Engine, text

import crm_loop.store.engine
from crm_loop.loop_records import WriteState
from crm_loop.queue import Claims, NewJob
from crm_loop.store import State
from crm_loop.store.engine import migrate, newest, open_engine
from crm_loop.store.tables import metadata


@pytest.fixture
def engine(bare_database_url: str) -> Iterator[Engine]:
    engine = open_engine(bare_database_url)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_an_empty_database_becomes_the_one_that_the_code_names(engine: Engine) -> None:
    migrate(engine)
    assert differences(engine) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)
    assert differences(engine) == []


def test_the_newest_file_is_the_head_of_the_chain() -> None:
    folder = Path(crm_loop.store.engine.__file__).parent / "migrations"
    script = ScriptDirectory(str(folder))
    assert script.get_heads() == [newest()]


@pytest.mark.parametrize("back", ["-1", "-3"])
def test_work_under_way_survives_versions_back_and_forth(engine: Engine, back: str) -> None:
    """A write that was sent, a job in somebody's hands, one that waits, and a slot that fired."""
    migrate(engine)
    intent = an_intent()
    with engine.begin() as connection:
        state = State(connection, "acme")
        state.writes.plan([intent], run="r")
        state.writes.approve([intent.key], by="rule", at=NOW)
        claimed = state.writes.claim(
            "salesforce", now=NOW, business_now=NOW, lease=timedelta(seconds=30)
        )
        state.writes.send(claimed, at=NOW)
        for name in ("running", "waiting"):
            job = NewJob(id=name, kind="write", connection="salesforce")
            state.jobs.add(job, now=NOW, waits_for=["running"] if name == "waiting" else ())
        state.slots.fire("publish", NOW, now=NOW)
    claims = Claims(engine, timedelta(seconds=30))
    mine = claims.claim("acme", "running", holder="me", now=NOW)
    before = under_way(engine)
    move(engine, back)
    migrate(engine)
    assert under_way(engine) == before
    assert [row.state for row in before[0]] == [WriteState.SENT]
    assert mine is not None
    assert claims.due(NOW) == []
    assert claims.done(mine, now=NOW)
    assert claims.due(NOW) == [("acme", "waiting")]


def under_way(engine: Engine) -> tuple[Any, ...]:
    with engine.begin() as connection:
        state = State(connection, "acme")
        return state.writes.rows(), state.jobs.all(), state.slots.latest("publish")


def move(engine: Engine, revision: str) -> None:
    """Go back, as an operator does who returns to the version before."""
    config = Config()
    folder = Path(crm_loop.store.engine.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_several_processes_may_migrate_at_once(engine: Engine, bare_database_url: str) -> None:
    engines = [engine, *(open_engine(bare_database_url) for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, engines))
    assert differences(engine) == []
    for other in engines[1:]:
        other.dispose()


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_table_is_keyed_by_organisation(table: str) -> None:
    assert "organisation" in metadata.tables[table].primary_key.columns


def test_tables_of_a_newer_version_are_worked_on_as_they_are(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    migrate(engine)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert found == "9999_from_the_future"
