"""WHERE clauses as Python functions of a row."""

import operator
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.errors import error, malformed_query
from crm_loop_sandbox.salesforce.ids import long_id, table_of
from crm_loop_sandbox.salesforce.moments import literal_days, midnight, read, written
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.soql.parse import Query

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.soql.run import Selection

Condition = Callable[[Row], bool]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_condition(org: Org, selection: "Selection", where: Any) -> Condition:
    """A function that says whether a row matches."""
    if where is None:
        return lambda _row: True
    kind, *parts = where
    if kind in ("all", "any"):
        inner = [compile_condition(org, selection, part) for part in parts]
        test = all if kind == "all" else any
        return lambda row: test(condition(row) for condition in inner)
    if kind == "not":
        opposite = compile_condition(org, selection, parts[0])
        return lambda row: not opposite(row)
    return _test(org, selection, kind, parts)


def _test(org: Org, selection: "Selection", kind: str, parts: list[Any]) -> Condition:
    path = selection.path(parts[0])
    field = org.schema[selection.table].get(path.names[-1]) if len(path.names) == 1 else None
    if field is not None and not field.filterable:
        message = f"field '{field.name}' can not be filtered in a query call"
        raise error(400, "INVALID_FIELD", message)
    if kind == "compare":
        return _compare(org, path.read, parts[1], parts[2])
    if kind == "like":
        pattern = _like(str(parts[1][1]))
        return lambda row: pattern.fullmatch(str(path.read(row) or "")) is not None
    values = _values(org, parts[1])
    if kind == "in":
        return lambda row: _plain(path.read(row)) in values
    return lambda row: _plain(path.read(row)) not in values


def _values(org: Org, given: Any) -> set[Any]:
    if isinstance(given, Query):
        from crm_loop_sandbox.salesforce.soql.run import Selection  # noqa: PLC0415 - they nest

        inner = Selection(org, given, with_deleted=False)
        return {_plain(inner.items[0].read(row)) for row in inner.matching()}
    return {_plain(_value(value)) for value in given}


def _compare(org: Org, get: Callable[[Row], Any], op: str, value: Any) -> Condition:
    if value[0] == "literal":
        return _compare_days(org, get, op, value[1])
    wanted = _value(value)
    if op in ("=", "!="):
        plain = _plain(wanted)
        same = op == "="
        return lambda row: (_plain(get(row)) == plain) is same
    if wanted is None:
        raise malformed_query(f"operator {op} can not be used with null")
    compare = _OPERATORS[op]

    def holds(row: Row) -> bool:
        actual = get(row)
        if actual is None:
            return False
        try:
            return compare(actual, wanted)
        except TypeError:
            return False

    return holds


def _compare_days(org: Org, get: Callable[[Row], Any], op: str, literal: str) -> Condition:
    today = org.business_now().astimezone(org.zone).date()
    first, last = literal_days(literal, today)
    day = first.isoformat(), last.isoformat()
    moment = midnight(first, org.zone), midnight(last + timedelta(days=1), org.zone)

    def holds(row: Row) -> bool:
        actual = get(row)
        if actual is None:
            return op == "!="
        is_day = len(actual) == 10  # noqa: PLR2004 - YYYY-MM-DD
        before = actual < (day[0] if is_day else moment[0])
        behind = actual > day[1] if is_day else actual >= moment[1]
        return _place(op, before=before, behind=behind)

    return holds


def _place(op: str, *, before: bool, behind: bool) -> bool:
    inside = not before and not behind
    return {
        "=": inside,
        "!=": not inside,
        "<": before,
        "<=": not behind,
        ">": behind,
        ">=": not before,
    }[op]


def _value(value: Any) -> Any:
    kind, given = value
    if kind == "moment":
        try:
            return written(read(given))
        except ValueError:
            raise malformed_query(f"invalid datetime {given}") from None
    return given


def _plain(value: Any) -> Any:
    """Texts are equal whatever their capitals; ids are equal in either length."""
    if not isinstance(value, str):
        return value
    if table_of(value) is not None and len(value) in (15, 18):
        return long_id(value)
    return value.lower()


def _like(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([%_])", pattern)
    shown = {"%": ".*", "_": "."}
    return re.compile("".join(shown.get(p, re.escape(p)) for p in parts), re.IGNORECASE | re.DOTALL)
