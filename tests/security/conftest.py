"""What the tests of security share: an empty database made once, and a house over a copy of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tables
from sqlalchemy import Engine

from crm_loop.store.engine import migrate, open_engine


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing in it, made once."""
    return tables.on_file(tmp_path_factory.mktemp("empty") / "x.db")


@pytest.fixture
def engine(empty: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(empty, tmp_path / "x.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def either(database_url: str) -> Iterator[Engine]:
    """The same on both kinds of database."""
    engine = open_engine(database_url)
    migrate(engine)
    yield engine
    engine.dispose()
