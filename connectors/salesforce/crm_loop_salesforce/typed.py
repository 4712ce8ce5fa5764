"""Cells of a CSV as the values that REST would have given, by the object's description."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm_loop_salesforce.translate.values import Row

_TRUE, _FALSE = "true", "false"

Cells = Sequence[str]
#: Given the columns of a page, what makes a row of its cells.
Typed = Callable[[Sequence[str]], Callable[[Cells], Row]]


def typed(fields: Mapping[str, Mapping[str, Any]]) -> Typed:
    """What makes REST-like rows of an object with these fields; an empty cell is None.

    Numbers stay text: money must not pass through a float. `Owner.Name` becomes a record inside
    the record.
    """
    flags = {name for name, field in fields.items() if field.get("type") in ("boolean", "bool")}

    def columns(names: Sequence[str]) -> Callable[[Cells], Row]:
        own = [name for name in names if name in flags]
        paths = [(name, *name.split(".", 1)) for name in names if "." in name]

        def row(cells: Cells) -> Row:
            made: dict[str, Any] = {n: cell or None for n, cell in zip(names, cells, strict=True)}
            for name in own:
                made[name] = made[name] == _TRUE
            for name, relation, inner in paths:
                made.setdefault(relation, {})[inner] = _value(made.pop(name))
            return made

        return row

    return columns


def _value(value: str | None) -> Any:
    return value == _TRUE if value in (_TRUE, _FALSE) else value
