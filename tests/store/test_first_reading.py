"""Very many rows at once: the same as a few, and nothing of the haste stays behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tables
from sqlalchemy import Engine, inspect, select, text

from crm_loop.connector.columns import Columns, OnDisk
from crm_loop.connector.contract import Batch
from crm_loop.errors import Transient
from crm_loop.pull.service import Reading, pull
from crm_loop.records import Activity, Subject
from crm_loop.store import State, bare, staged
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.tables import crm

ROWS = staged.FROM + 1
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
INDEX = "ix_crm_activity_start"

Open = Callable[[str], Engine]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    engines = []

    def made(name: str) -> Engine:
        engines.append(open_engine(f"sqlite:///{tables.on_file(tmp_path / name)}"))
        return engines[-1]

    yield made
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(opened: Open) -> Engine:
    return opened("house.db")


def activities(count: int = ROWS, **changed: pl.Expr | None) -> Columns:
    numbers = pl.DataFrame({"n": range(count)})
    number = pl.col("n").cast(pl.String)
    contact = pl.when(pl.col("n") % 3 == 0).then(pl.concat_list(pl.lit('003"') + number))
    columns: dict[str, Any] = {
        "id": pl.lit("00T") + number.str.zfill(9),
        "kind": pl.lit("call"),
        "owner_id": pl.when(pl.col("n") % 2 == 0).then(pl.lit("005京")),
        "deal_id": pl.lit("0061"),
        "account_id": pl.lit(None, pl.String),
        "start": pl.lit(NOON) + pl.duration(minutes=pl.col("n")),
        "logged_at": pl.lit(NOON),
        "status": pl.lit("held"),
        "outbound": pl.col("n") % 2 == 0,
        "duration_seconds": pl.col("n"),
        "contact_ids": contact,
        "disposition": pl.lit("it's ;--"),
    } | changed
    return Columns(Activity, numbers.select(**columns))


def remember(engine: Engine, records: Any) -> None:
    with engine.begin() as connection:
        State(connection, "ac'me").crm.remember("salesforce", Subject.ACTIVITIES, records)


def rows(engine: Engine) -> list[Any]:
    with engine.begin() as connection:
        return list(connection.execute(select(crm.activity).order_by(crm.activity.c.id)))


def test_very_many_rows_are_stored_as_each_of_them_would_be(opened: Open) -> None:
    many, few = opened("many.db"), opened("few.db")
    remember(many, activities())
    remember(few, list(activities()))
    assert rows(many) == rows(few)
    assert len(rows(many)) == ROWS


def test_those_that_are_there_take_their_new_values_and_lose_old_ones(opened: Open) -> None:
    many, few = opened("many.db"), opened("few.db")
    later = activities(owner_id=pl.lit("0052"), disposition=pl.lit(None, pl.String))
    for engine, records in ((many, later), (few, list(later))):
        remember(engine, activities(count=ROWS + 5))
        remember(engine, records)
    assert rows(many) == rows(few)
    assert rows(many)[0].disposition is None


def files(engine: Engine) -> list[str]:
    with engine.begin() as connection:
        return [one.name for one in connection.execute(text("PRAGMA database_list"))]


def test_no_file_of_rows_stays_with_the_connection(engine: Engine) -> None:
    remember(engine, activities())
    assert files(engine) == ["main"]
    with engine.connect() as connection:
        State(connection, "acme").crm.remember("salesforce", Subject.ACTIVITIES, activities())
        connection.rollback()
    assert files(engine) == ["main"]
    assert len(rows(engine)) == ROWS


def test_two_large_batches_of_one_transaction_are_both_stored(engine: Engine) -> None:
    with engine.begin() as connection:
        state = State(connection, "acme")
        for name in ("salesforce", "hubspot"):
            state.crm.remember(name, Subject.ACTIVITIES, activities())
    assert len(rows(engine)) == 2 * ROWS


def indexes(engine: Engine) -> set[str | None]:
    return {one["name"] for one in inspect(engine).get_indexes("crm_activity")}


class Account:
    """A CRM with activities, which says what the store looks like while they are read."""

    def __init__(self, engine: Engine, *, dies: bool = False) -> None:
        self.engine = engine
        self.dies = dies
        self.seen: list[set[str | None]] = []

    def capabilities(self) -> Any:
        return type("All", (), {"subjects": set(Subject), "missing": {}})()

    def clock(self) -> datetime:
        return NOON

    def pull(self, _subject: Subject, _cursor: Any) -> Iterator[Batch]:
        yield Batch(rows=activities(), cursor={"page": 1})
        self.seen.append(indexes(self.engine))
        if self.dies:
            raise Transient("Stopped.")
        yield Batch(rows=activities(), cursor={"page": 2})

    def read(self) -> None:
        @contextmanager
        def begin(organisation: str) -> Iterator[State]:
            with self.engine.begin() as connection:
                yield State(connection, organisation)

        connector: Any = self
        reading = Reading(connector=connector, begin=begin, organisation="acme", connection="sf")
        pull(reading, subjects=[Subject.ACTIVITIES])


def test_an_empty_table_has_its_indexes_again_when_it_has_been_filled(engine: Engine) -> None:
    account = Account(engine)
    account.read()
    assert (account.seen, indexes(engine)) == ([set()], {INDEX})


def test_a_table_with_rows_keeps_its_indexes(engine: Engine) -> None:
    remember(engine, list(activities(count=1)))
    account = Account(engine)
    account.read()
    assert account.seen == [{INDEX}]


def test_indexes_are_back_after_a_reading_that_died(engine: Engine) -> None:
    with pytest.raises(Transient):
        Account(engine, dies=True).read()
    assert indexes(engine) == {INDEX}


def test_a_killed_process_leaves_indexes_to_whoever_opens_the_database(engine: Engine) -> None:
    with engine.begin() as connection:
        bare.strip(connection, crm.activity)
    assert indexes(engine) == set()
    migrate(engine)
    assert indexes(engine) == {INDEX}


def test_a_table_that_has_grown_very_large_has_its_indexes(engine: Engine) -> None:
    with engine.begin() as connection:
        bare.strip(connection, crm.activity)
    remember(engine, list(activities(count=1)))
    with engine.begin() as connection:
        connection.execute(text("UPDATE crm_activity SET rowid = :n"), {"n": bare.MOST_ROWS + 1})
        bare.strip(connection, crm.activity)
    assert indexes(engine) == {INDEX}


def test_columns_on_disk_are_what_they_were() -> None:
    columns = activities(count=7)
    waiting = OnDisk(columns)
    for _ in range(2):
        assert list(waiting) == list(columns)
    assert (len(waiting), waiting[6], list(waiting[:2])) == (7, columns[6], list(columns[:2]))


def test_times_with_parts_of_a_second_are_kept(opened: Open) -> None:
    many, few = opened("many.db"), opened("few.db")
    odd = activities(start=pl.lit(NOON + timedelta(microseconds=1_500)))
    remember(many, odd)
    remember(few, list(odd))
    assert rows(many) == rows(few)
