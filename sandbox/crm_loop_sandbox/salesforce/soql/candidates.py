"""Which rows a condition can hold for at all, so that nobody has to look at every row."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.org import Row
from crm_loop_sandbox.salesforce.soql.values import value_of

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.soql.run import Selection

#: Moments that have an index.
STAMPS = ("SystemModstamp", "CreatedDate", "LastModifiedDate")
FIRST, LAST = "0", "9999"
#: A condition that names more values than this is looked up faster row by row.
MANY = 5_000


def candidates(selection: "Selection") -> Iterable[Row]:
    """A superset of the matching rows, as small as the condition lets it be."""
    org, table = selection.org, selection.table
    parts = _parts(selection.query.where)
    for part in parts:
        found = _named(selection, part)
        if found is not None:
            return found
    for stamp in STAMPS:
        low, high = _span(parts, stamp)
        if (low, high) != (FIRST, LAST):
            return org.between(table, stamp, low, high)
    return org.tables[table].values()


def _parts(where: Any) -> list[Any]:
    """Conditions that must all hold."""
    if where is None:
        return []
    return [inner for part in where[1:] for inner in _parts(part)] if where[0] == "all" else [where]


def _named(selection: "Selection", part: Any) -> Iterable[Row] | None:
    """Rows whose ids, keys or parents the condition names outright."""
    values = _equal_to(part)
    if values is None or not isinstance(part[1], tuple) or len(part[1]) != 1:
        return None
    org, table, name = selection.org, selection.table, part[1][0]
    if name.lower() == "id":
        return org.rows(table, values)
    field = org.schema[table].get(name)
    if field is None or len(values) > MANY:
        return None
    if field.type == "ref" and all(values):
        return org.referring(table, name, [long_id(value) for value in values])
    if field.unique and not selection.with_deleted:
        found = [org.holder(table, name, value) for value in values]
        return [row for row in found if row is not None and type(row).__name__ == table]
    return None


def _equal_to(part: Any) -> list[str] | None:
    """The texts that a condition asks for, None when it asks for something else."""
    if part[0] == "compare" and part[2] == "=":
        given = [part[3]]
    elif part[0] == "in" and isinstance(part[2], list):
        given = part[2]
    else:
        return None
    texts = [str(value) for kind, value in given if kind == "text"]
    return list(dict.fromkeys(texts)) if len(texts) == len(given) else None


def _span(parts: list[Any], stamp: str) -> tuple[str, str]:
    """The narrowest span of this moment that all conditions allow."""
    low, high = FIRST, LAST
    for part in parts:
        bounds = _alternatives(part, stamp)
        if bounds:
            low = max(low, min(bound[0] for bound in bounds))
            high = min(high, max(bound[1] for bound in bounds))
    return low, high


def _alternatives(part: Any, stamp: str) -> list[tuple[str, str]]:
    """Spans of which one must hold; none when the condition says nothing about the moment."""
    if part[0] == "any":
        inner = [_span(_parts(one), stamp) for one in part[1:]]
        return [] if (FIRST, LAST) in inner else inner
    if part[0] != "compare" or part[1] != (stamp,) or part[3][0] != "moment":
        return []
    value = value_of(part[3])
    return {
        ">": [(value, LAST)],
        ">=": [(value, LAST)],
        "<": [(FIRST, value)],
        "<=": [(FIRST, value)],
        "=": [(value, value)],
    }.get(part[2], [])
