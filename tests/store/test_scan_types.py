"""What a whole table is read as does not depend on what stands in its first rows."""

import sqlite3
from pathlib import Path

import pytest

from crm_loop.store.scan import File

#: More rows than the driver looks at of its own accord.
EMPTY = 3000


@pytest.mark.parametrize("value", ["word", "2026-06-16", "7"])
def test_a_column_that_begins_empty_is_text_where_text_follows(tmp_path: Path, value: str) -> None:
    file = tmp_path / "crm.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE organisation (organisation TEXT)")
        connection.execute("CREATE TABLE activity (id INTEGER PRIMARY KEY, said TEXT)")
        rows = [(None,)] * EMPTY + [(value,)]
        connection.executemany("INSERT INTO activity (said) VALUES (?)", rows)
    connection.close()
    scan = File(file, "acme")
    try:
        found = scan._asked("SELECT id, said FROM activity ORDER BY id")  # noqa: SLF001 - the one place that asks
    finally:
        scan.close()
    assert (len(found), found["said"][-1]) == (EMPTY + 1, value)
