"""Sub-queries in the list of fields: the children of each record."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.errors import error
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.soql.parse import Query

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.soql.run import Selection


@dataclass(frozen=True, slots=True)
class Children:
    """What a record lists under a name: which rows refer to it, and how they are shown."""

    name: str
    selection: "Selection"
    reference: str

    def shower(self, version: str) -> Callable[[Row], dict[str, Any] | None]:
        """Shows the children of a record; null where there are none."""
        show = self.selection.shower(version)

        def shown(row: Row) -> dict[str, Any] | None:
            rows = self.selection.matching(self._of(row["Id"]))
            if not rows:
                return None
            return {"totalSize": len(rows), "done": True, "records": [show(one) for one in rows]}

        return shown

    def _of(self, parent: str) -> list[Row]:
        found = self.selection.org.referring(self.selection.table, self.reference, [parent])
        return [one for one in found if one[self.reference] == parent]


def relationships(org: Org, parent: str) -> list[tuple[str, str, str]]:
    """(name, child object, field) of every list of children that a record of this object has."""
    return [
        (name + ("__r" if field.name.endswith("__c") else ""), table, field.name)
        for table, fields in org.schema.items()
        for field in fields.values()
        for target, name in zip(field.targets, field.children, strict=False)
        if target == parent and name
    ]


def child(selection: "Selection", query: Query) -> Children:
    from crm_loop_sandbox.salesforce.soql.run import Selection  # noqa: PLC0415 - they nest

    for name, table, reference in relationships(selection.org, selection.table):
        if name.lower() == query.table.lower():
            inner = replace(query, table=table, text=selection.query.text)
            made = Selection(selection.org, inner, with_deleted=selection.with_deleted,
                             viewer=selection.viewer)  # fmt: skip
            return Children(name, made, reference)
    message = f"Didn't understand relationship '{query.table}' in FROM part of query call"
    raise error(400, "INVALID_TYPE", message)
