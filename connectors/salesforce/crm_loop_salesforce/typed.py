"""Cells of a CSV as the values that REST would have given, by the object's description."""

from collections.abc import Callable, Mapping
from typing import Any

from crm_loop_salesforce.translate.values import Row

_TRUE = "true"


def typed(fields: Mapping[str, Mapping[str, Any]]) -> Callable[[Mapping[str, str | None]], Row]:
    """A function that makes a REST-like row of a CSV row; unknown columns stay text.

    Numbers stay text too: money must not pass through a float. `Owner.Name` becomes a record
    inside the record.
    """
    flags = {name for name, field in fields.items() if field.get("type") in ("boolean", "bool")}

    def make(row: Mapping[str, str | None]) -> Row:
        made: dict[str, Any] = {}
        for name, value in row.items():
            relation, dot, inner = name.partition(".")
            if dot:
                made[relation] = {**(made.get(relation) or {}), inner: _value(value)}
            else:
                made[name] = value == _TRUE if name in flags else value
        return made

    return make


def _value(value: str | None) -> Any:
    return value == _TRUE if value in (_TRUE, "false") else value
