"""The shortcuts of a search find what a look at every record would find."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop_sandbox.hubspot.api.search_plan import plan
from crm_loop_sandbox.hubspot.object_types import TASK
from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.hubspot.table import Table

MOMENTS = st.integers(1_000, 1_030)
IDS = st.integers(1, 40)
OPERATORS = st.sampled_from(["GT", "GTE", "LT", "LTE", "EQ"])


def _table(rows: dict[int, int]) -> Table:
    table = Table(TASK)
    nobody = Source("IMPORT", None, None)
    table.add_all([Row(key, at=at, source=nobody, props={}) for key, at in rows.items()])
    return table


def _body(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"filterGroups": [{"filters": list(filters)}]}


def _holds(value: int, operator: str, limit: int) -> bool:
    return {
        "GT": value > limit,
        "GTE": value >= limit,
        "LT": value < limit,
        "LTE": value <= limit,
        "EQ": value == limit,
    }[operator]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.dictionaries(IDS, MOMENTS),
    changed=st.dictionaries(IDS, MOMENTS, max_size=8),
    operator=OPERATORS,
    limit=MOMENTS,
    above=st.integers(0, 40),
)
def test_a_window_holds_what_changed_in_it(
    rows: dict[int, int], changed: dict[int, int], operator: str, limit: int, above: int
) -> None:
    table = _table(rows)
    body = _body(
        {"propertyName": "hs_lastmodifieddate", "operator": operator, "value": str(limit)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(above)},
    )
    plan(table, body).candidates(table)
    for key, at in changed.items():
        if key in table.rows:
            table.rows[key].updated = at
            table.index(table.rows[key])
    now = rows | {key: at for key, at in changed.items() if key in rows}
    wanted = sorted(key for key, at in now.items() if key > above and _holds(at, operator, limit))
    planned = plan(table, body)
    assert planned.exact
    assert planned.candidates(table) == wanted


def test_an_archived_record_leaves_the_window() -> None:
    table = _table({1: 1_000, 2: 1_000})
    body = _body({"propertyName": "hs_lastmodifieddate", "operator": "EQ", "value": "1000"})
    plan(table, body).candidates(table)
    table.shelve(table.rows[1], 1_001)
    assert plan(table, body).candidates(table) == [2]


def test_other_filters_leave_the_records_to_be_tested() -> None:
    table = _table({1: 1_000})
    body = _body({"propertyName": "hs_task_status", "operator": "EQ", "value": "COMPLETED"})
    assert not plan(table, body).exact
