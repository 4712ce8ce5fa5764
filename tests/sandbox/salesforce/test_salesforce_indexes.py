"""Indexes never hide a row, however rows came to be where they are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop_sandbox.faults import ArmedFaults
from crm_loop_sandbox.kernel import BusinessClock, Journal, Kernel, Options
from crm_loop_sandbox.salesforce.ids import long_id, make_id, table_of, with_check
from crm_loop_sandbox.salesforce.indexes import Grouped, Ordered
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.rows import row_class

Thing = row_class("Thing", ("Id", "At", "Of"))
MOMENTS = st.integers(0, 9).map(str)
#: (which row, its new moment, its new parent, whether somebody looks in between).
CHANGES = st.lists(st.tuples(st.integers(0, 12), MOMENTS, MOMENTS, st.booleans()), max_size=60)


def both_on(table: dict[str, Any]) -> list[Any]:
    """Rebuilds come soon, so that both ways of finding are taken."""
    return [Ordered(table, "At", most_loose=3), Grouped(table, "Of", most_loose=3)]


def changed(table: dict[str, Any], found: list[Any], change: Any) -> None:
    number, at, of, looked = change
    row = table.setdefault(str(number), Thing())
    row |= {"Id": str(number), "At": at, "Of": of}
    for index in found:
        index.touch(row)
    if looked:
        found[0].between("0", "9")
        found[1].of(["0"])


@given(changes=CHANGES, low=MOMENTS, high=MOMENTS)
def test_a_span_holds_every_row_of_it_once(changes: Any, low: str, high: str) -> None:
    table: dict[str, Any] = {}
    both = both_on(table)
    for change in changes:
        changed(table, both, change)
    found = both[0].between(low, high)
    assert {row["Id"] for row in table.values() if low <= row["At"] <= high} <= {
        row["Id"] for row in found
    }
    assert len(found) == len({row["Id"] for row in found})


@given(changes=CHANGES, parents=st.lists(MOMENTS, unique=True))
def test_children_are_found_by_every_parent_once(changes: Any, parents: list[str]) -> None:
    table: dict[str, Any] = {}
    both = both_on(table)
    for change in changes:
        changed(table, both, change)
    found = both[1].of(parents)
    wanted = {row["Id"] for row in table.values() if row["Of"] in parents}
    assert wanted <= {row["Id"] for row in found}
    assert len(found) == len({row["Id"] for row in found})


@given(st.binary(min_size=9, max_size=32))
def test_an_id_is_told_by_either_length(digest: bytes) -> None:
    made = make_id("Task", digest)
    assert (len(made), table_of(made), long_id(made[:15])) == (18, "Task", made)


def test_the_check_makes_up_for_lost_capitals() -> None:
    assert with_check("001D000000IRFma") == "001D000000IRFmaIAH"


def test_rows_are_told_apart_by_being_themselves() -> None:
    assert Thing() != Thing()
    assert Thing()["At"] is None
    with pytest.raises(AttributeError):
        Thing()["Nothing"]


def test_an_id_comes_from_seed_object_and_subject() -> None:
    kernel = Kernel(Options(seed=7), BusinessClock(datetime(2026, 6, 8, tzinfo=UTC)), Journal(),
                    ArmedFaults())  # fmt: skip
    org = Org(kernel, time_zone="UTC", currencies=False)
    made = make_id("Task", kernel.digest("sf", "Task", "a", "b"))
    assert (org.new_id("Task", "a", "b"), org.new_id("Task", "a")) == (
        made,
        org.new_id("Task", "a"),
    )
