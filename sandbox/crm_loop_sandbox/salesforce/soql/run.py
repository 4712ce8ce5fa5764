"""Runs a query over an org's rows."""

from collections.abc import Callable, Iterable
from typing import Any

from crm_loop_sandbox.salesforce.errors import (
    error,
    malformed_query,
    no_such_type,
)
from crm_loop_sandbox.salesforce.ids import long_id, table_of
from crm_loop_sandbox.salesforce.org import KEY_FIELD, Org, Row
from crm_loop_sandbox.salesforce.soql.conditions import compile_condition
from crm_loop_sandbox.salesforce.soql.parse import Query
from crm_loop_sandbox.salesforce.soql.paths import Path, resolve

#: Child relationships that clients ask for: parent, name, child table, its reference.
CHILDREN = {
    ("Opportunity", "OpportunityHistories"): ("OpportunityHistory", "OpportunityId"),
    ("Opportunity", "Histories"): ("OpportunityFieldHistory", "OpportunityId"),
    ("Opportunity", "Tasks"): ("Task", "WhatId"),
    ("Opportunity", "Events"): ("Event", "WhatId"),
    ("Account", "Opportunities"): ("Opportunity", "AccountId"),
    ("Account", "Contacts"): ("Contact", "AccountId"),
}
MAX_OFFSET = 2000


class Selection:
    """One query against one org: which rows, and how a row is shown."""

    def __init__(self, org: Org, query: Query, *, with_deleted: bool) -> None:
        self.org = org
        self.query = query
        self.with_deleted = with_deleted
        self.table = self._table(query.table)
        self.items = [self._item(item) for item in self._expanded()]
        if query.offset > MAX_OFFSET:
            message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            raise error(400, "NUMBER_OUTSIDE_VALID_RANGE", message)

    @property
    def is_count(self) -> bool:
        return self.query.items == [("agg", "COUNT", None, None)]

    @property
    def is_aggregate(self) -> bool:
        return bool(self.query.group) or any(item[0] == "agg" for item in self.query.items)

    @property
    def selects_long_text(self) -> bool:
        fields = self.org.schema[self.table]
        return any(
            isinstance(item, Path) and item.names[-1] in fields
            and fields[item.names[-1]].type == "textarea"
            for item in self.items
        )  # fmt: skip

    def ids(self) -> list[str]:
        """Ids of the matching rows in order."""
        return [row["Id"] for row in self.matching()]

    def matching(self, only: Callable[[Row], bool] | None = None) -> list[Row]:
        keep = compile_condition(self.org, self, self.query.where)
        rows = [
            row
            for row in self.org.rows(self.table, self._candidates(self.query.where))
            if (self.with_deleted or not (row.get("IsDeleted") or row.get("IsArchived")))
            and (only is None or only(row))
            and keep(row)
        ]
        for what, descending, nulls_last in reversed(self.query.order):
            self._sort(rows, what, descending=descending, nulls_last=nulls_last)
        end = None if self.query.limit is None else self.query.offset + self.query.limit
        return rows[self.query.offset : end]

    def shown(self, row: Row, version: str) -> dict[str, Any]:
        """A row as the API shows it, fields in the order of the query."""
        record: dict[str, Any] = {"attributes": attributes(self.table, row["Id"], version)}
        for item in self.items:
            if isinstance(item, Path):
                item.show(row, record, version)
            else:
                name, selection, reference = item
                record[name] = selection.children(row["Id"], reference, version)
        return record

    def children(self, parent: str, reference: str, version: str) -> dict[str, Any] | None:
        rows = self.matching(lambda row: row.get(reference) == parent)
        if not rows:
            return None
        return {
            "totalSize": len(rows),
            "done": True,
            "records": [self.shown(row, version) for row in rows],
        }

    def path(self, names: tuple[str, ...]) -> Path:
        """A field path of this query's table; INVALID_FIELD when there is none."""
        if len(names) > 1 and names[0].lower() in (self.table.lower(), self._alias()):
            names = names[1:]
        return resolve(self.org, self.table, names, self.query.text)

    def _alias(self) -> str:
        return (self.query.alias or "").lower()

    def _table(self, name: str) -> str:
        known = {table.lower(): table for table in self.org.schema}
        table = known.get(name.lower())
        if table is None or table in self.org.kernel.scratch.get("sf.hidden_objects", ()):
            raise no_such_type(name, self.query.text)
        return table

    def _expanded(self) -> Iterable[Any]:
        for item in self.query.items:
            if item[0] == "fields" and len(item) == 2 and item[1] in _WHICH:  # noqa: PLR2004
                yield from self._all_fields(item[1])
            else:
                yield item

    def _all_fields(self, which: str) -> Iterable[tuple[str, ...]]:
        if self.query.limit is None or self.query.limit > 200:  # noqa: PLR2004 - the platform's
            raise malformed_query("The SOQL FIELDS function must have a LIMIT of at most 200")
        for name in self.org.visible_fields(self.table):
            custom = name.endswith("__c")
            if which == "ALL" or custom == (which == "CUSTOM"):
                yield (name,)

    def _item(self, item: Any) -> Any:
        if item[0] == "sub":
            return self._child(item[1])
        if item[0] == "agg":
            return item
        return self.path(item)

    def _child(self, query: Query) -> tuple[str, "Selection", str]:
        found = {
            (parent.lower(), name.lower()): (name, *child)
            for (parent, name), child in CHILDREN.items()
        }.get((self.table.lower(), query.table.lower()))
        if found is None:
            message = f"Didn't understand relationship '{query.table}' in FROM part of query call"
            raise error(400, "INVALID_TYPE", message)
        name, table, reference = found
        inner = Query(table, query.items, query.alias, query.where, text=query.text)
        inner.order, inner.limit = query.order, query.limit
        return name, Selection(self.org, inner, with_deleted=self.with_deleted), reference

    def _candidates(self, where: Any) -> list[str] | None:
        """Ids that the condition names outright, so that nobody has to look at all rows."""
        if where is None:
            return None
        if where[0] == "all":
            named = (self._candidates(part) for part in where[1:])
            return next((ids for ids in named if ids is not None), None)
        if where[0] == "compare" and where[2] == "=":
            return self._named(where[1], [where[3]])
        if where[0] == "in" and isinstance(where[2], list):
            return self._named(where[1], where[2])
        return None

    def _named(self, path: tuple[str, ...], values: list[Any]) -> list[str] | None:
        texts = [str(value) for kind, value in values if kind == "text"]
        if path == ("Id",):
            return [long_id(text) for text in texts]
        if path == (KEY_FIELD,) and not self.with_deleted and self.table in self.org.keys:
            known = self.org.keys[self.table]
            return [known[text.lower()] for text in texts if text.lower() in known]
        return None

    def _sort(self, rows: list[Row], what: Any, *, descending: bool, nulls_last: bool) -> None:
        read = self.path(what).read
        present = [row for row in rows if read(row) is not None]
        absent = [row for row in rows if read(row) is None]
        present.sort(key=lambda row: _sortable(read(row)), reverse=descending)
        rows[:] = [*present, *absent] if nulls_last else [*absent, *present]


_WHICH = ("ALL", "STANDARD", "CUSTOM")


def _sortable(value: Any) -> Any:
    # Ids are told apart by capitals; other texts are not.
    if isinstance(value, str) and table_of(value) is None:
        return value.lower()
    return value


def attributes(table: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": table, "url": f"/services/data/{version}/sobjects/{table}/{record_id}"}
