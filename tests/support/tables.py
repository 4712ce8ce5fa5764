"""Empty tables, made once in a process and copied: making them takes longer than most tests."""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from crm_loop.store.engine import compiled_once, migrate, open_engine
from crm_loop.store.tables import metadata


def in_memory() -> Engine:
    """A database of its own with every table, as long as the engine lives."""
    engine = _empty()
    connection = engine.raw_connection()
    connection.driver_connection.deserialize(_named_by_the_code())  # type: ignore[union-attr]
    connection.close()
    return engine


def on_file(file: Path) -> Path:
    """A file in which every migration was done, as after the first start of a house."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return file


def _empty() -> Engine:
    # One connection for all: an in-memory database lives only as long as it does.
    engine = create_engine("sqlite://", poolclass=StaticPool)
    engine.connect().close()
    return compiled_once(engine)


@cache
def _named_by_the_code() -> bytes:
    engine = _empty()
    metadata.create_all(engine)
    return _content(engine)


@cache
def _migrated() -> bytes:
    engine = open_engine("sqlite://")
    migrate(engine)
    return _content(engine)


def _content(engine: Engine) -> bytes:
    connection = engine.raw_connection()
    content: bytes = connection.driver_connection.serialize()  # type: ignore[union-attr]
    connection.close()
    engine.dispose()
    return content
