"""Runs a query over an org's rows."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from crm_loop_sandbox.salesforce.errors import error, malformed_query, no_such_type
from crm_loop_sandbox.salesforce.org import Org, Row, named
from crm_loop_sandbox.salesforce.schema import Field
from crm_loop_sandbox.salesforce.sharing import Viewer
from crm_loop_sandbox.salesforce.soql import children, functions
from crm_loop_sandbox.salesforce.soql.aggregates import is_aggregate
from crm_loop_sandbox.salesforce.soql.candidates import candidates
from crm_loop_sandbox.salesforce.soql.conditions import compile_condition
from crm_loop_sandbox.salesforce.soql.parse import Aggregate, Function, Query, TypeOf
from crm_loop_sandbox.salesforce.soql.paths import Path, resolve
from crm_loop_sandbox.salesforce.soql.projection import projector, value_shower

MAX_OFFSET = 2000
MAX_FIELDS_ROWS = 200
#: Types whose texts sort as they are; of others capitals do not count.
_SORT_AS_IS = frozenset(
    {"id", "ref", "date", "datetime", "currency", "percent", "double", "int", "bool"}
)

Read = Callable[[Any], Any]


class Selection:
    """One query against one org: which rows, and how a row is shown."""

    def __init__(
        self, org: Org, query: Query, *, with_deleted: bool, viewer: Viewer | None = None
    ) -> None:
        self.org = org
        self.viewer = viewer
        self.query = query
        self.with_deleted = with_deleted or query.all_rows
        self.table = self._table(query.table)
        self._sees = None if viewer is None else viewer.sees(self.table)
        self.items = list(self._items())
        if query.offset > MAX_OFFSET:
            message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            raise error(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
        self._condition = compile_condition(org, self, query.where)
        self._order = [] if self.is_aggregate else [self._sorter(*one) for one in query.order]

    @property
    def is_count(self) -> bool:
        return self.query.items == [Aggregate("COUNT", None)] and not self.query.group

    @property
    def is_aggregate(self) -> bool:
        return is_aggregate(self.query)

    @property
    def paths(self) -> list[Path]:
        return [item for item in self.items if isinstance(item, Path)]

    def matching(self, rows: Sequence[Row] | None = None, *, limited: bool = True) -> list[Row]:
        """The matching rows in order, of all or of those given."""
        found = self._alive(candidates(self) if rows is None else rows)
        # Without a condition, filter keeps what is true: every row is.
        found = list(filter(self._condition, found))
        for read, field, descending, nulls_last in reversed(self._order):
            self.sort(found, read, field=field, descending=descending, nulls_last=nulls_last)
        if not limited:
            return found
        end = None if self.query.limit is None else self.query.offset + self.query.limit
        return found[self.query.offset : end]

    def _alive(self, rows: Any) -> Any:
        """Nobody gets what they may not open; `query` hides what is deleted or archived."""
        if self._sees is not None:
            rows = list(filter(self._sees, rows))
        if self.with_deleted:
            return rows
        fields = self.org.schema[self.table]
        for name in ("IsDeleted", "IsArchived"):
            if name in fields:
                hidden = attrgetter(name)
                rows = [row for row in rows if not hidden(row)]
        return rows

    def shower(self, version: str) -> Callable[[Row], dict[str, Any]]:
        """Shows rows as the API does, fields in the order of the query."""
        show = projector(self.org, self.table, self.paths, version)
        others = [item for item in self.items if not isinstance(item, Path)]
        if not others:
            return show
        more = [value_shower(self, item, version) for item in others]

        def show_all(row: Row) -> dict[str, Any]:
            record = show(row)
            for name, read in more:
                record[name] = read(row)
            return record

        return show_all

    def path(self, names: tuple[str, ...]) -> Path:
        """A field path of this query's table; INVALID_FIELD when there is none."""
        alias = (self.query.alias or "").lower()
        if len(names) > 1 and names[0].lower() in (self.table.lower(), alias):
            names = names[1:]
        return resolve(self.org, self.table, names, self.query.text)

    def reader(self, item: Any) -> tuple[Read, Field | None]:
        """Reads a path or a function from a row; the field where it is a plain one."""
        if isinstance(item, Function):
            zone = self.org.zone if _in_zone(item) else None
            inner, _ = self.reader(item.of)
            if item.name == "CONVERTTIMEZONE":
                return inner, None
            return functions.applied(self.org, item.name, inner, zone=zone), None
        if isinstance(item, Aggregate):
            raise malformed_query("aggregates are allowed in HAVING and SELECT only")
        path = self.path(item)
        return path.read, path.field

    def in_corporate_currency(self, read: Read) -> Read:
        """Sums of amounts in several currencies come in the org's own."""
        if "CurrencyIsoCode" not in self.org.schema[self.table]:
            return read
        rates = {
            row["IsoCode"]: row["ConversionRate"]
            for row in self.org.tables["CurrencyType"].values()
        }

        def converted(row: Row) -> Any:
            value = read(row)
            return None if value is None else value / rates.get(row["CurrencyIsoCode"], 1.0)

        return converted

    def sort(
        self,
        rows: list[Any],
        read: Read,
        *,
        field: Field | None = None,
        descending: bool,
        nulls_last: bool,
    ) -> None:
        present = [row for row in rows if read(row) is not None]
        absent = [] if len(present) == len(rows) else [row for row in rows if read(row) is None]
        as_is = field is not None and field.type in _SORT_AS_IS
        present.sort(key=read if as_is else lambda row: _sortable(read(row)), reverse=descending)
        rows[:] = [*present, *absent] if nulls_last else [*absent, *present]

    def _sorter(self, what: Any, descending: bool, nulls_last: bool) -> Any:  # noqa: FBT001
        read, field = self.reader(what)
        return read, field, descending, nulls_last

    def _table(self, name: str) -> str:
        table = named(self.org, name)
        if table is None:
            raise no_such_type(name, self.query.text)
        return table

    def _items(self) -> Iterator[Any]:
        for item in self.query.items:
            if isinstance(item, tuple) and item[0] == "fields" and item[-1] in _WHICH:
                yield from map(self.path, self._all_fields(item[1]))
            elif isinstance(item, Query):
                yield children.child(self, item)
            elif isinstance(item, Aggregate | Function | TypeOf):
                yield item
            else:
                yield self.path(item)

    def _all_fields(self, which: str) -> Iterator[tuple[str, ...]]:
        if self.query.limit is None or self.query.limit > MAX_FIELDS_ROWS:
            raise malformed_query("The SOQL FIELDS function must have a LIMIT of at most 200")
        for name in self.org.visible_fields(self.table):
            custom = name.endswith("__c")
            if which == "ALL" or custom == (which == "CUSTOM"):
                yield (name,)


_WHICH = ("ALL", "STANDARD", "CUSTOM")


def _in_zone(item: Function) -> bool:
    return isinstance(item.of, Function) and item.of.name == "CONVERTTIMEZONE"


def _sortable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
