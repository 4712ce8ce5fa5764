"""A backup holds everything, and either kind of database takes it back."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Engine, LargeBinary, insert, select, types

from crm_loop.errors import Refused, WrongUsage
from crm_loop.store.backup import back_up, manifest_of, restore
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.tables import work
from crm_loop.store.tables.columns import Exact, Moment, Money, Named, Names, metadata

NOW = datetime(2026, 6, 15, 9, 30, 1, 250, tzinfo=UTC)

#: One value a type, chosen so that a careless copy changes it.
VALUES: dict[type[Any], Any] = {
    Moment: NOW,
    types.Date: date(2026, 2, 28),
    types.Time: time(10, 15),
    Money: Decimal("1234567.8901"),
    Exact: Decimal("0.00670000000000000012"),
    Names: ("005A", "005B"),
    Named: {"言葉": "値", "empty": None},
    LargeBinary: b"\x00\xff\n\x1a",
    types.Boolean: True,
    types.Integer: 2**31 - 1,
    types.Float: 0.1 + 0.2,
    types.Text: '田中「"\n\u2028\\',
    types.String: "k",
}


def value_of(column: Column[Any], n: int) -> Any:
    if n and column.nullable:
        return (
            () if isinstance(column.type, Names) else {} if isinstance(column.type, Named) else None
        )
    value = next(value for known, value in VALUES.items() if isinstance(column.type, known))
    return f"{value}{n}" if isinstance(column.type, types.String) else value


def fill(engine: Engine) -> None:
    """Two rows in every table: one with a value in each column, one as empty as it may be."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            full = any(isinstance(c.type, types.String) for c in table.primary_key.columns)
            for n in range(2 if full else 1):
                row = {column.name: value_of(column, n) for column in table.columns}
                connection.execute(insert(table), row)


def content(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


@pytest.fixture
def opened() -> Iterator[Any]:
    with ExitStack() as stack:

        def at(url: str) -> Engine:
            engine = open_engine(url)
            stack.callback(engine.dispose)
            migrate(engine)
            return engine

        yield at


@pytest.fixture
def other_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of the other kind."""
    if database_url.startswith("sqlite"):
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'other.db'}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monday.backup"


def made(engine: Engine, file: Path) -> Any:
    return back_up(engine, file, version="0.1.0", made_at=NOW)


def test_every_value_of_every_table_moves_to_the_other_kind_of_database(
    opened: Any, database_url: str, other_url: str, file: Path
) -> None:
    engine, other = opened(database_url), opened(other_url)
    fill(engine)
    manifest = made(engine, file)
    assert restore(other, file) == manifest == manifest_of(file)
    assert content(other) == content(engine)
    assert manifest.rows["connection"] == 2


def test_a_backup_is_for_its_owner_only_and_leaves_no_half_file(
    opened: Any, database_url: str, file: Path
) -> None:
    made(opened(database_url), file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in file.parent.glob("*.backup*")] == [file.name]


def test_an_older_backup_is_not_overwritten(opened: Any, database_url: str, file: Path) -> None:
    file.write_text("the only one")
    with pytest.raises(WrongUsage, match="is there already"):
        made(opened(database_url), file)
    assert file.read_text() == "the only one"


def test_writers_go_on_while_a_backup_is_read(opened: Any, database_url: str, file: Path) -> None:
    from crm_loop.store.engine import snapshot

    engine = opened(database_url)
    with snapshot(engine) as reading:
        before = reading.execute(select(work.organisation_)).all()
        fill(engine)
        assert reading.execute(select(work.organisation_)).all() == before == []


def test_a_house_that_is_in_use_is_not_overwritten(
    opened: Any, database_url: str, file: Path
) -> None:
    engine = opened(database_url)
    fill(engine)
    made(engine, file)
    before = content(engine)
    with pytest.raises(Refused, match="holds an organisation"):
        restore(engine, file)
    assert content(engine) == before


@pytest.mark.parametrize("spoilt", ["cut", "text", "row", "manifest"])
def test_what_is_no_whole_backup_changes_nothing(
    opened: Any, tmp_path: Path, file: Path, spoilt: str
) -> None:
    source = opened(f"sqlite:///{tmp_path / 'source.db'}")
    fill(source)
    made(source, file)
    spoil(file, spoilt)
    empty = opened(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(WrongUsage) as told:
        restore(empty, file)
    assert told.value.kept == "Nothing was changed."
    assert not any(content(empty).values())


def spoil(file: Path, how: str) -> None:
    if how == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif how == "text":
        file.write_text("hello")
    else:
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        if how == "manifest":
            parts["manifest.json"] = parts["manifest.json"].replace(
                b'"revision": "', b'"revision": "x'
            )
        else:
            parts["job.jsonl"] = b"\n".join(parts["job.jsonl"].splitlines()[:-1]) + b"\n"
        with zipfile.ZipFile(file, "w") as archive:
            for name, value in parts.items():
                archive.writestr(name, value)
