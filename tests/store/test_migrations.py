"""The tables that migrations make are those that the code names, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
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


def test_several_processes_may_migrate_at_once(engine: Engine, database_url: str) -> None:
    engines = [engine, *(open_engine(database_url) for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, engines))
    assert differences(engine) == []
    for other in engines[1:]:
        other.dispose()


#: Processes serve all organisations, and a door is knocked at before it is known whose it is.
SHARED = {"heartbeat", "sign_in_failure"}


@pytest.mark.parametrize("table", sorted(metadata.tables.keys() - SHARED))
def test_every_table_is_keyed_by_organisation(table: str) -> None:
    assert "organisation" in metadata.tables[table].primary_key.columns
