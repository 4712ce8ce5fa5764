"""WHERE clauses as Python functions of a row."""

import operator
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.errors import malformed_query
from crm_loop_sandbox.salesforce.ids import long_id, table_of
from crm_loop_sandbox.salesforce.moments import literal_days, midnight
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.soql.parse import Query
from crm_loop_sandbox.salesforce.soql.values import check, value_of
from crm_loop_sandbox.salesforce.stages import fiscal_start

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.soql.run import Selection

Condition = Callable[[Any], bool]
Read = Callable[[Any], Any]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_condition(org: Org, selection: "Selection", where: Any) -> Condition | None:
    """A function that says whether a row matches; None where every row does."""
    if where is None:
        return None
    kind, *parts = where
    if kind in ("all", "any"):
        inner = [compile_condition(org, selection, part) for part in parts]
        return _together([one for one in inner if one is not None], every=kind == "all")
    if kind == "not":
        opposite = compile_condition(org, selection, parts[0])
        return lambda row: opposite is not None and not opposite(row)
    return _test(org, selection, kind, parts)


def _together(inner: Sequence[Condition], *, every: bool) -> Condition:
    if len(inner) == 2:  # noqa: PLR2004 - the usual window, without a loop
        first, second = inner
        if every:
            return lambda row: first(row) and second(row)
        return lambda row: first(row) or second(row)

    def holds(row: Any) -> bool:
        # A plain loop is twice as fast here as all() over a generator.
        for condition in inner:
            if condition(row) is not every:
                return not every
        return every

    return holds


def _test(org: Org, selection: "Selection", kind: str, parts: list[Any]) -> Condition:
    read, field = selection.reader(parts[0])
    check(selection.query.text, field, kind, parts[1:])
    if kind == "compare":
        return _compare(org, read, parts[1], parts[2])
    if kind == "like":
        pattern = _like(str(parts[1][1]))
        return lambda row: pattern.fullmatch(str(read(row) or "")) is not None
    if kind in ("includes", "excludes"):
        return _chosen(read, [str(value) for _, value in parts[1]], wanted=kind == "includes")
    values = _values(org, selection, parts[1])
    if kind == "in":
        return lambda row: _plain(read(row)) in values
    return lambda row: _plain(read(row)) not in values


def _values(org: Org, selection: "Selection", given: Any) -> set[Any]:
    if isinstance(given, Query):
        from crm_loop_sandbox.salesforce.soql.run import Selection  # noqa: PLC0415 - they nest

        inner = Selection(org, given, with_deleted=False, viewer=selection.viewer)
        read, _ = inner.reader(given.items[0])
        return {_plain(read(row)) for row in inner.matching()}
    return {_plain(value_of(value)) for value in given}


def _chosen(read: Read, options: list[str], *, wanted: bool) -> Condition:
    """`'a;b'` among the options means both at once."""
    sets = [set(option.split(";")) for option in options]

    def holds(row: Any) -> bool:
        chosen = set(str(read(row) or "").split(";"))
        return any(one <= chosen for one in sets) is wanted

    return holds


def _compare(org: Org, read: Read, op: str, value: Any) -> Condition:
    if value[0] == "literal":
        return _compare_days(org, read, op, value[1])
    wanted = value_of(value)
    if op in ("=", "!="):
        plain = _plain(wanted)
        if op == "=":
            return lambda row: _plain(read(row)) == plain
        return lambda row: _plain(read(row)) != plain
    if wanted is None:
        raise malformed_query(f"operator {op} can not be used with null")
    compare = _OPERATORS[op]

    def holds(row: Any) -> bool:
        actual = read(row)
        return actual is not None and compare(actual, wanted)

    return holds


def _compare_days(org: Org, read: Read, op: str, literal: str) -> Condition:
    today = org.business_now().astimezone(org.zone).date()
    first, last = literal_days(literal, today, fiscal_start(org))
    day = first.isoformat(), last.isoformat()
    moment = midnight(first, org.zone), midnight(last + timedelta(days=1), org.zone)

    def holds(row: Any) -> bool:
        actual = read(row)
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


def _plain(value: Any) -> Any:
    """Texts are equal whatever their capitals; ids are equal in either length; '' is null."""
    if not isinstance(value, str):
        return value
    if len(value) in (15, 18) and table_of(value) is not None:
        return long_id(value)
    return value.lower() or None


def _like(pattern: str) -> re.Pattern[str]:
    shown = {"%": ".*", "_": "."}
    parts = re.split(r"(\\[%_]|[%_])", pattern)
    text = "".join(shown.get(part, re.escape(part.removeprefix("\\"))) for part in parts)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
