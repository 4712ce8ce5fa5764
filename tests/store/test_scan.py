"""Whole columns of pulled records as they were at one moment, and many ids in little text."""

import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tables
from sqlalchemy import event

from crm_loop.errors import Transient
from crm_loop.kpi.columns import DEALS
from crm_loop.kpi.service import read_parts
from crm_loop.loop_records import RecordLines, RecordRef
from crm_loop.records import Deal, Subject
from crm_loop.store import State
from crm_loop.store.connections import Organisation
from crm_loop.store.engine import open_engine
from crm_loop.store.packing import pack, pack_amounts, unpack, unpack_amounts
from crm_loop.store.scan import frame_of, opened
from crm_loop.store.scan_file import Reader
from crm_loop.store.tables import crm

NOON = datetime(2026, 6, 10, 3, 4, 5, 678, tzinfo=UTC)


def a_deal(id_: str, **known: Any) -> Deal:
    base: dict[str, Any] = {
        "id": id_, "name": id_, "owner_id": None, "account_id": None, "pipeline": "p",
        "stage": "S2", "is_closed": False, "is_won": False, "amount": Decimal("12.5"),
        "currency": None, "close_date": None, "created_at": NOON, "modified_at": NOON,
    }  # fmt: skip
    return Deal(**(base | known))


def test_a_night_sees_no_part_of_what_a_pull_commits_while_it_reads(postgres_url: str) -> None:
    engine, other = open_engine(postgres_url), open_engine(postgres_url)
    pulled: list[str] = []

    @contextmanager
    def begin(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    def pull(*deals: Deal) -> None:
        with other.begin() as connection:
            State(connection, "acme").crm.remember("crm", Subject.DEALS, deals)

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM crm_deal \n" in statement and not pulled:
            pulled.append(statement)
            pull(a_deal("d1", stage="S3"), a_deal("d2"))

    with begin("acme") as state:
        state.connections.put_organisation(Organisation(name="acme"))
    pull(a_deal("d1"))
    event.listen(engine, "before_cursor_execute", meanwhile)
    first = read_parts(begin, "acme", NOON.date()).raw.deals
    second = read_parts(begin, "acme", NOON.date()).raw.deals
    engine.dispose()
    other.dispose()
    assert pulled
    assert first.select("id", "stage").rows() == [("d1", "S2")]
    assert sorted(second.select("id", "stage").rows()) == [("d1", "S3"), ("d2", "S2")]


def test_a_scan_sees_what_was_there_whoever_writes_meanwhile(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}")
    with engine.begin() as connection:
        State(connection, "o'one").crm.remember("crm", Subject.DEALS, [a_deal("d1")])
        State(connection, "other").crm.remember("crm", Subject.DEALS, [a_deal("d9")])
    with ExitStack() as stack:
        with engine.begin() as connection:
            scan = stack.enter_context(opened(connection, "o'one", large=0))
            assert scan.outlives
        with engine.begin() as connection:
            changed = [a_deal("d1", amount=Decimal(99)), a_deal("d2")]
            State(connection, "o'one").crm.remember("crm", Subject.DEALS, changed)
        read = partial(frame_of, scan, Subject.DEALS, DEALS)
        first, late = scan.together(read, partial(read, where=[crm.deal.c.created_at > NOON]))
    engine.dispose()
    assert first.select("id", "amount", "created_at").rows() == [("d1", 12.5, NOON)]
    assert late.is_empty()
    assert first.schema == pl.Schema(DEALS)


WRITE = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    other.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error, end="")
"""


def test_whoever_writes_keeps_the_lock_when_a_scan_is_closed(tmp_path: Path) -> None:
    """A second copy of SQLite in this process would give the lock away."""
    file = tables.on_file(tmp_path / "crm_loop.db")
    engine = open_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        State(connection, "one").crm.remember("crm", Subject.DEALS, [a_deal("d1")])
        with opened(connection, "one", large=0) as scan:
            frame_of(scan, Subject.DEALS, DEALS)
        tried = [sys.executable, "-c", WRITE, str(file)]
        said = subprocess.run(tried, capture_output=True, text=True, check=True).stdout
    engine.dispose()
    assert said == "database is locked"


def test_a_small_file_is_read_in_the_transaction(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}")
    with engine.begin() as connection:
        State(connection, "one").crm.remember("crm", Subject.DEALS, [a_deal("d1")])
        with opened(connection, "one") as scan:
            read = frame_of(scan, Subject.DEALS, DEALS)
            assert not scan.outlives
        with opened(connection, "one", large=0) as other:
            assert other.outlives
    engine.dispose()
    assert read.select("id", "amount", "created_at").rows() == [("d1", 12.5, NOON)]


@pytest.mark.parametrize("sql", ["SELECT nothing", None])
def test_a_reader_that_cannot_go_on_says_so(tmp_path: Path, sql: str | None) -> None:
    file = tmp_path / "no" / "crm_loop.db" if sql is None else tables.on_file(tmp_path / "one.db")
    reader = Reader(Path(file))
    with pytest.raises(Transient) as told:
        reader.ask(sql or "SELECT 1")
    reader.close()
    assert told.value.code == "store.reader_ended"


def test_amounts_come_back_as_they_were_packed_however_old_the_form_is() -> None:
    amounts = {"crm:deal:d2": 0.1, "crm:deal:d1": -3.0, "crm:deal:ä": 1e21}
    again = unpack_amounts(pack_amounts(amounts))
    assert (again, len(again)) == (amounts, 3)
    assert pack_amounts(again) == pack_amounts(amounts)
    assert unpack_amounts(zlib.compress(json.dumps(amounts).encode())) == amounts
    assert unpack_amounts(pack_amounts({})) == {}


def test_references_are_read_when_somebody_asks() -> None:
    refs = [RecordRef(connection="crm", object="deal", id=one) for one in ("d1", "d2")]
    again = unpack(pack(refs))
    lines = RecordLines("crm\tdeal\td1\ncrm\tdeal\td2")
    assert (again, list(lines), lines[1], len(lines)) == (refs, refs, refs[1], 2)
    assert pack(lines) == pack(refs)
    assert lines == tuple(refs)
    assert list(RecordLines("")) == []
