"""Filters of an own KPI: read, and refused in words where they make no sense."""

from typing import Any

import polars as pl

from crm_loop.kpi.custom_fields import (
    OPERATORS,
    OWN,
    SETTINGS,
    Fields,
    compared,
    is_day,
    is_number,
    is_text,
)
from crm_loop.kpi.custom_place import Place

_ORDER = (">", "<")
_FORM = "a filter names a field, an op and a value"


def filtered(filters: Any, fields: Fields, object_: str, place: Place) -> pl.Expr:
    """Records that pass all filters: a list, one alone, or a table of field = value."""
    found = pl.lit(value=True)
    for one in _listed(filters, place):
        found &= _filter(one, fields, object_, place)
    return found


def unknown(name: Any, object_: str, fields: Fields, place: Place) -> str:
    """Why a field cannot be asked for."""
    if str(name).startswith(OWN) and object_ in SETTINGS:
        setting = SETTINGS[object_]
        if f"{object_}.{str(name).removeprefix(OWN)}" in place.lost:
            return f"no connected CRM shows the field that {setting} names for {name!r}"
        return f"{name!r} is not pulled; name the CRM's field under {setting} in the settings first"
    return f"a {object_} has no field {name!r}; it has {', '.join(sorted(fields))}"


def _listed(filters: Any, place: Place) -> list[dict[str, Any]]:
    if isinstance(filters, dict):
        if "field" in filters:
            return [filters]
        return [{"field": name, "op": "=", "value": value} for name, value in filters.items()]
    if not isinstance(filters, list) or not all(isinstance(one, dict) for one in filters):
        raise place.wrong(_FORM, "filters")
    return filters


def _filter(one: dict[str, Any], fields: Fields, object_: str, place: Place) -> pl.Expr:
    name, op, value = one.get("field"), one.get("op", "="), one.get("value")
    if not isinstance(name, str) or not isinstance(op, str) or set(one) - {"field", "op", "value"}:
        raise place.wrong(_FORM, "field")
    if name not in fields:
        raise place.wrong(unknown(name, object_, fields, place), name)
    if op not in OPERATORS:
        raise place.wrong(f"op is {op!r}; known are {', '.join(OPERATORS)}", op)
    kind = fields[name]
    if op == "in" and (not isinstance(value, list) or not value):
        raise place.wrong(f"op 'in' needs a list of values for {name!r}", name)
    if op not in ("in", "empty") and (value is None or isinstance(value, dict | list)):
        raise place.wrong(f"op {op!r} needs a value for {name!r}", name)
    if op in _ORDER and not (is_number(name, kind) or is_day(name, kind)):
        raise place.wrong(f"{name!r} is neither a number nor a day and has no {op}", name)
    if op == "contains" and not is_text(kind):
        raise place.wrong(f"{name!r} is no text and contains nothing", name)
    try:
        return compared(name, kind, op, value)
    except (TypeError, ValueError):
        raise place.wrong(f"{value!r} is no value of {name!r}", "value") from None
