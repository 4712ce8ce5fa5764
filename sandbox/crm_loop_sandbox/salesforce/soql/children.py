"""Sub-queries in the list of fields: the children of each record."""

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

    def shown(self, row: Row, version: str) -> dict[str, Any] | None:
        """Null where there are none."""
        org, parent = self.selection.org, row["Id"]
        found = org.referring(self.selection.table, self.reference, [parent])
        mine = [one for one in found if one[self.reference] == parent]
        rows = self.selection.matching(mine)
        if not rows:
            return None
        show = self.selection.shower(version)
        return {"totalSize": len(rows), "done": True, "records": [show(one) for one in rows]}


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
