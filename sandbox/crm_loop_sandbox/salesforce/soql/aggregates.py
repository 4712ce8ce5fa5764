"""Queries that count and add up: groups, HAVING, and the form of their answer."""

from collections import defaultdict
from collections.abc import Callable
from statistics import fmean
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.errors import error, malformed_query
from crm_loop_sandbox.salesforce.soql.conditions import compile_condition
from crm_loop_sandbox.salesforce.soql.parse import Aggregate, Function, Query

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.soql.run import Selection

MAX_GROUPS = 2000

_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "SUM": sum,
    "AVG": fmean,
    "MIN": min,
    "MAX": max,
}

#: The values it is grouped by, and its rows.
Group = tuple[tuple[Any, ...], list[Any]]


def is_aggregate(query: Query) -> bool:
    return bool(query.group) or any(isinstance(item, Aggregate) for item in query.items)


def aggregated(selection: "Selection") -> list[dict[str, Any]]:
    """One record a group; EXCEEDED_ID_LIMIT when there are too many for one answer."""
    query = selection.query
    groups = _groups(selection)
    having = compile_condition(selection.org, _Having(selection), query.having)  # type: ignore[arg-type]
    if having is not None:
        groups = [group for group in groups if having(group)]
    for what, descending, nulls_last in reversed(query.order):
        read = _reader(selection, what)
        selection.sort(groups, read, descending=descending, nulls_last=nulls_last)
    end = None if query.limit is None else query.offset + query.limit
    groups = groups[query.offset : end]
    if len(groups) > MAX_GROUPS:
        message = (
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to "
            "a single batch"
        )
        raise error(400, "EXCEEDED_ID_LIMIT", message)
    show = _shower(selection)
    return [show(group) for group in groups]


def _groups(selection: "Selection") -> list[Group]:
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    by = [selection.reader(_bare(item))[0] for item in selection.query.group]
    for row in selection.matching(limited=False):
        found[tuple(read(row) for read in by)].append(row)
    if not by:
        found.setdefault((), [])
    return list(found.items())


def _bare(item: Any) -> Any:
    """A function without the name that it is given in the list of fields."""
    return Function(item.name, item.of) if isinstance(item, Function) else item


def _shower(selection: "Selection") -> Callable[[Group], dict[str, Any]]:
    columns: list[tuple[str, Callable[[Group], Any]]] = []
    unnamed = 0
    for item in selection.query.items:
        name = _name(selection, item)
        if name is None:
            name, unnamed = f"expr{unnamed}", unnamed + 1
        columns.append((name, _reader(selection, item)))

    def show(group: Group) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        return shown | {name: read(group) for name, read in columns}

    return show


def _name(selection: "Selection", item: Any) -> str | None:
    if isinstance(item, Aggregate | Function):
        return item.alias
    return selection.query.aliases.get(item) or selection.path(item).last


def _reader(selection: "Selection", item: Any) -> Callable[[Group], Any]:
    """Reads a grouped field or an aggregate of a group."""
    if isinstance(item, Aggregate):
        return _counter(selection, item)
    bare = [_bare(one) for one in selection.query.group]
    if _bare(item) not in bare:
        shown = item.of if isinstance(item, Function) else item
        named = shown[-1] if isinstance(shown, tuple) else str(shown)
        raise malformed_query(f"Field must be grouped or aggregated: {named}")
    place = bare.index(_bare(item))
    return lambda group: group[0][place]


def _counter(selection: "Selection", item: Aggregate) -> Callable[[Group], Any]:
    if item.of is None:
        return lambda group: len(group[1])
    read, field = selection.reader(item.of)
    if item.name in ("SUM", "AVG", "MIN", "MAX") and field is not None and field.type == "currency":
        read = selection.in_corporate_currency(read)
    add = _FUNCTIONS[item.name]

    def count(group: Group) -> Any:
        values = [value for row in group[1] if (value := read(row)) is not None]
        return None if not values and not item.name.startswith("COUNT") else add(values)

    return count


class _Having:
    """Reads groups where conditions usually read rows."""

    def __init__(self, selection: "Selection") -> None:
        self._selection = selection
        self.query = selection.query
        self.table = selection.table
        self.viewer = selection.viewer

    def reader(self, item: Any) -> tuple[Callable[[Group], Any], None]:
        return _reader(self._selection, item), None
