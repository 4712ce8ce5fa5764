"""Statements are compiled once for all SQLite databases of a process."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, insert, select, table, text

from crm_loop.store.engine import open_engine, reading, snapshot

KEPT = table("kept", column("value"))


def asked(connection: Connection) -> tuple[Any, bool]:
    """What is kept there, and whether the question had been compiled before."""
    found = connection.execute(select(KEPT))
    return found.scalar(), found.context.cache_hit.name == "CACHE_HIT"


def test_each_database_answers_by_itself_with_what_was_compiled_for_another_one(
    tmp_path: Path,
) -> None:
    engines = [open_engine(f"sqlite:///{tmp_path / name}") for name in ("one.db", "two.db")]
    answers = []
    for number, engine in enumerate(engines):
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept (value INTEGER)"))
            connection.execute(insert(KEPT).values(value=number))
        for look in (engine.begin(), reading(engine).begin(), snapshot(engine)):
            with look as connection:
                answers.append(asked(connection))
        engine.dispose()
    assert answers == [(0, False), (0, True), (0, True), (1, True), (1, True), (1, True)]
