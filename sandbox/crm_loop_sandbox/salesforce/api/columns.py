"""`columns=true`: what a query would give, without running it."""

from typing import Any

from crm_loop_sandbox.salesforce.ids import PREFIXES
from crm_loop_sandbox.salesforce.schema import Field
from crm_loop_sandbox.salesforce.soql.children import Children
from crm_loop_sandbox.salesforce.soql.parse import Aggregate, Function
from crm_loop_sandbox.salesforce.soql.paths import Path
from crm_loop_sandbox.salesforce.soql.run import Selection

_APEX = {
    "id": "Id",
    "ref": "Id",
    "bool": "Boolean",
    "date": "Date",
    "datetime": "Datetime",
    "currency": "Double",
    "percent": "Double",
    "double": "Double",
    "int": "Integer",
}
_NUMBERS = ("Double", "Integer")


def described(selection: Selection) -> dict[str, Any]:
    """Columns in the order of the query, those of parents and children joined to theirs."""
    found: list[dict[str, Any]] = []
    unnamed = 0
    for item in selection.items:
        if isinstance(item, Path):
            _put(found, item.names, item.field)
        elif isinstance(item, Children):
            inner = described(item.selection)["columnMetadata"]
            found.append(_column(item.name, None) | {"joinColumns": inner})
        else:
            name = item.alias if isinstance(item, Aggregate | Function) else None
            if name is None:
                name, unnamed = f"expr{unnamed}", unnamed + 1
            found.append(_column(name, None) | {"aggregate": True, "numberType": True})
    ids = any(isinstance(item, Path) and item.names == ("Id",) for item in selection.items)
    return {
        "columnMetadata": found,
        "entityName": selection.table,
        "groupBy": bool(selection.query.group),
        "idSelected": ids,
        "keyPrefix": PREFIXES.get(selection.table),
    }


def _put(found: list[dict[str, Any]], names: tuple[str, ...], field: Field | None) -> None:
    for name in names[:-1]:
        column = next((one for one in found if one["columnName"] == name), None)
        if column is None:
            column = _column(name, None)
            found.append(column)
        found = column["joinColumns"]
    found.append(_column(names[-1], field))


def _column(name: str, field: Field | None) -> dict[str, Any]:
    apex = "String" if field is None else _APEX.get(field.type, "String")
    return {
        "aggregate": False,
        "apexType": apex,
        "booleanType": apex == "Boolean",
        "columnName": name,
        "custom": name.endswith("__c"),
        "displayName": name,
        "foreignKeyName": None if field is None else field.relationship,
        "insertable": field is not None and field.createable,
        "joinColumns": [],
        "numberType": apex in _NUMBERS,
        "textType": apex == "String" and field is not None,
        "updatable": field is not None and field.updateable,
    }
