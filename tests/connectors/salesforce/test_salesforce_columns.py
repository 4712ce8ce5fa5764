"""Pages that are read column by column say what the same rows say one by one."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from crm_loop.connector.contract import Account
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.tables import metadata
from crm_loop_salesforce.by_columns import Made, made
from crm_loop_salesforce.connector import SalesforceConnector
from crm_loop_salesforce.downloads import Page, Unclear
from crm_loop_salesforce.translate import sources
from crm_loop_salesforce.translate.sources import Reading, Source
from crm_loop_salesforce.typed import typed

BY_COLUMNS = [one for one in sources.all_changing() if one.make_all is not None]
NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)
READING = Reading(now=NOW, zone=ZoneInfo("Asia/Tokyo"))

MOMENT = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - cells
    lambda at: at.isoformat(timespec="milliseconds") + "Z"
)
ID = st.builds(
    "{}{:012d}AAA".format, st.sampled_from(["001", "003", "00Q", "006", "005"]), st.integers(0, 9)
)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
AMOUNT = st.sampled_from(["0.0", "1234567.89", "1.0E7", "-3", "12.3456"])
#: Cells by the name of a field; whatever ends in Date, Id or the like is found by its ending.
CELLS = {
    "ActivityDate": st.dates(datetime(2020, 1, 1).date(), datetime(2027, 1, 1).date()).map(str),  # noqa: DTZ001 - cells
    "Amount": AMOUNT,
    "PrevAmount": AMOUNT,
    "Probability": st.sampled_from(["0.0", "60.0", "100"]),
    "DurationInMinutes": st.sampled_from(["30", "45.0"]),
    "CallDurationInSeconds": st.sampled_from(["0", "300"]),
    "TaskSubtype": st.sampled_from(["Call", "Email", "ListEmail", "Task", "Cadence"]),
    "CallType": st.sampled_from(["Inbound", "Outbound"]),
    "ForecastCategory": st.sampled_from(["Pipeline", "Forecast", "Unheard"]),
}
DAYS = ("CloseDate", "PrevCloseDate")


def cell(name: str, *, needed: bool) -> st.SearchStrategy[str]:
    if name.startswith("Is") and name != "IsDeleted":
        return st.sampled_from(["true", "false"])
    if name in CELLS:
        found = CELLS[name]
    elif name in DAYS:
        found = CELLS["ActivityDate"]
    elif name.endswith(("Date", "DateTime", "Modstamp")):
        found = MOMENT
    elif name.endswith("Id"):
        found = ID
    else:
        found = TEXT.filter(bool) if needed else TEXT
    optional = not needed or name in ("WhatId", "ActivityDate", "Amount")
    return st.one_of(found, st.just("")) if optional else found


def page_of(names: list[str], rows: list[list[str]]) -> Page:
    quoted = [",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in r) for r in [names, *rows]]
    return Page(BytesIO("\n".join([*quoted, ""]).encode()), len(rows), None)


def one_by_one(source: Source, names: list[str], rows: list[list[str]]) -> list[Any]:
    flags = {name: {"type": "boolean" if name.startswith("Is") else "string"} for name in names}
    make = typed(flags)(names)
    return [record for row in rows for record in source.make(make(row), READING)]


@pytest.mark.parametrize("source", BY_COLUMNS, ids=lambda one: one.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_page_says_what_its_rows_say(source: Source, data: st.DataObject) -> None:
    hidden = data.draw(st.sets(st.sampled_from(source.table.also)))
    names = [name for name in source.table.fields if name not in hidden]
    cells = st.tuples(*(cell(name, needed=name in source.table.needed) for name in names))
    drawn = data.draw(st.lists(cells, min_size=1, max_size=4))
    # Rows are alive, and no two of them are one.
    rows = [
        [f"{n:03d}" if name == "Id" else "" if name == "IsDeleted" else value
         for name, value in zip(names, row, strict=True)]
        for n, row in enumerate(drawn)
    ]  # fmt: skip
    parts = made(page_of(names, rows), source, READING)
    found = [record for part in parts for record in part.records]
    assert found == sorted(one_by_one(source, names, rows), key=lambda record: record.id)


def test_a_deleted_row_makes_no_record() -> None:
    source = next(one for one in BY_COLUMNS if one.name == "accounts")
    names = list(source.table.fields)
    row = {"Id": "1", "Name": "甲社", "SystemModstamp": "2026-06-01T00:00:00.000Z"}
    gone = row | {"Id": "2", "IsDeleted": "true", "MasterRecordId": "1"}
    cells = [[one.get(name, "") for name in names] for one in (row, gone)]
    parts = list(made(page_of(names, cells), source, READING))
    assert [one["MasterRecordId"] for part in parts for one in part.gone] == ["1"]
    assert [record.id for part in parts for record in part.records] == ["1"]


def test_a_cell_that_nobody_expects_is_left_to_the_patient_reader() -> None:
    source = next(one for one in BY_COLUMNS if one.name == "tasks")
    names = list(source.table.fields)
    cells = [["2026/06/01" if name == "ActivityDate" else "" for name in names]]
    with pytest.raises(Unclear):
        list(made(page_of(names, cells), source, READING))


def test_a_page_with_too_few_rows_is_left_to_the_patient_reader() -> None:
    page = page_of(["Id"], [["1"]])
    with pytest.raises(Unclear):
        list(Page(page.file, 2, None).frames())


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.text(st.sampled_from('a"\n,'), max_size=6), st.just("x")), min_size=1
    ),
    size=st.integers(1, 80),
)
def test_a_page_in_parts_holds_the_rows_of_the_whole(
    rows: list[tuple[str, str]], size: int
) -> None:
    parts = page_of(["Id", "Name"], [list(row) for row in rows]).frames(size)
    found = [row for part in parts for row in part.rows()]
    assert found == [(text or None, name) for text, name in rows]


@pytest.fixture(scope="module")
def loaded(org: Any) -> Callable[..., list[Any]]:
    """What a first reading brings, by bulk jobs or page by page."""
    access = org.get("/__access")["salesforce"]

    def load(subject: Subject, bulk_from: int) -> list[Any]:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=org.url,
            settings={"allow_loopback": True, "bulk_from": bulk_from},
            credentials={name: access[name] for name in ("client_id", "client_secret")},
        )
        connector = SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)
        batches = list(connector.pull(subject, None))
        return sorted((row for batch in batches for row in batch.rows), key=lambda one: one.id)

    return load


@pytest.mark.parametrize(
    "subject", [Subject.ACCOUNTS, Subject.DEALS, Subject.ACTIVITIES, Subject.TASKS]
)
def test_both_ways_of_reading_an_org_agree(
    loaded: Callable[..., list[Any]], subject: Subject
) -> None:
    assert loaded(subject, 0) == loaded(subject, 10_000)


def test_the_store_keeps_a_table_as_it_keeps_the_same_records() -> None:
    source = next(one for one in BY_COLUMNS if one.name == "logged")
    names = list(source.table.fields)
    call = {"Id": "1", "TaskSubtype": "Call", "IsClosed": "true", "WhoId": '003"é',
            "CreatedDate": "2026-06-01T00:00:00.120Z", "OwnerId": "005"}  # fmt: skip
    mail = call | {"Id": "2", "TaskSubtype": "ListEmail", "WhoId": "003000000000001AAA"}
    cells = [[one.get(name, "") for name in names] for one in (call, mail)]
    (part,) = made(page_of(names, cells), source, READING) or [Made]  # type: ignore[list-item]  # one part
    kept = []
    for records in (part.records, list(part.records)):
        engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(engine)
        with engine.begin() as connection:
            State(connection, "acme").crm.remember("salesforce", Subject.ACTIVITIES, records)
            kept.append(State(connection, "acme").crm.read(Subject.ACTIVITIES))
    assert kept[0] == kept[1] == [("salesforce", record) for record in part.records]


def test_amounts_are_kept_to_the_last_place() -> None:
    source = next(one for one in BY_COLUMNS if one.name == "deals")
    frame = pl.DataFrame({"Amount": ["1.0E7", "1234567.8912"]})
    cells = {name: [""] * 2 for name in source.table.fields} | {"Amount": frame["Amount"].to_list()}
    cells |= {name: ["2026-06-01T00:00:00.000Z"] * 2 for name in ("CreatedDate", "SystemModstamp")}
    cells["Id"], cells["CloseDate"] = ["1", "2"], ["2026-06-01"] * 2
    rows = [list(row) for row in zip(*cells.values(), strict=True)]
    (part,) = made(page_of(list(cells), rows), source, READING) or [Made]  # type: ignore[list-item]  # one part
    assert [deal.amount for deal in part.records] == [10_000_000, Decimal("1234567.8912")]  # type: ignore[union-attr]  # deals
