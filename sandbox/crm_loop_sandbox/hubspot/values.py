"""Checks values that somebody wants to write, and brings them into the kept form."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_loop_sandbox.hubspot.errors import Problem, invalid_values
from crm_loop_sandbox.hubspot.moments import iso, parse
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.properties import PropertyDef
from crm_loop_sandbox.hubspot.table import Table

_LONGEST = 65_536
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

#: The kept form of a text, or the problem with it.
Check = Callable[[PropertyDef, str], str | Problem]


def clean(portal: Portal, table: Table, properties: Mapping[str, Any]) -> dict[str, str]:
    """Values in the kept form; raises the 400 that names every bad one."""
    problems: list[Problem] = []
    kept: dict[str, str] = {}
    for name, value in properties.items():
        if value is None:
            continue
        found = _clean_one(portal, table, name, _as_text(value))
        if isinstance(found, Problem):
            problems.append(found)
        else:
            kept[name] = found
    if problems:
        raise invalid_values(problems)
    return kept


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _clean_one(portal: Portal, table: Table, name: str, text: str) -> str | Problem:
    definition = table.properties.get(name)
    if definition is None:
        return Problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition.computed:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return Problem(name, "READ_ONLY_VALUE", message)
    if not text:
        return ""
    if name in _BY_NAME:
        return _BY_NAME[name](portal, text)
    options = portal.pipelines.options(table.kind, name)
    if options is not None:
        return _option(name, text, tuple(options))
    return _CHECKS[definition.type](definition, text)


def _owner(portal: Portal, text: str) -> str | Problem:
    owner = portal.owners.get(text)
    if owner is None or not owner.active:
        state = "does not exist" if owner is None else "is not active"
        return Problem("hubspot_owner_id", "INVALID_OWNER_ID", f"Owner with ID {text} {state}.")
    return text


def _email(portal: Portal, text: str) -> str | Problem:
    del portal
    if _EMAIL.fullmatch(text):
        return text
    return Problem("email", "INVALID_EMAIL", f"Email address {text} is invalid")


_BY_NAME: dict[str, Callable[[Portal, str], str | Problem]] = {
    "hubspot_owner_id": _owner,
    "email": _email,
}


def _option(name: str, text: str, options: tuple[str, ...]) -> str | Problem:
    if options and text not in options:
        message = f"{text} was not one of the allowed options: [{', '.join(options)}]"
        return Problem(name, "INVALID_OPTION", message)
    return text


def _string(definition: PropertyDef, text: str) -> str | Problem:
    if len(text) > _LONGEST:
        message = f"Property value is longer than {_LONGEST} characters."
        return Problem(definition.name, "PROPERTY_VALUE_TOO_LONG", message)
    return text


def _number(definition: PropertyDef, text: str) -> str | Problem:
    try:
        finite = Decimal(text).is_finite()
    except InvalidOperation:
        finite = False
    return text if finite else _not_long(definition, text)


def _datetime(definition: PropertyDef, text: str) -> str | Problem:
    ms = parse(text)
    return _not_long(definition, text) if ms is None else iso(ms)


def _date(definition: PropertyDef, text: str) -> str | Problem:
    ms = parse(text)
    return _not_long(definition, text) if ms is None else iso(ms)[:10]


def _not_long(definition: PropertyDef, text: str) -> Problem:
    return Problem(definition.name, "INVALID_LONG", f"{text} was not a valid long.")


def _bool(definition: PropertyDef, text: str) -> str | Problem:
    return _option(definition.name, text.lower(), ("true", "false"))


def _enumeration(definition: PropertyDef, text: str) -> str | Problem:
    if definition.field_type != "checkbox":
        return _option(definition.name, text, definition.options)
    for one in text.strip(";").split(";"):
        found = _option(definition.name, one, definition.options)
        if isinstance(found, Problem):
            return found
    return text


def appended(table: Table, held: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Choices of many that begin with a semicolon come on top of those that were there."""
    return {name: _joined(table, name, held.get(name, ""), value) for name, value in kept.items()}


def _joined(table: Table, name: str, before: str, value: str) -> str:
    if table.properties[name].field_type != "checkbox" or not value.startswith(";"):
        return value
    parts = [*before.split(";"), *value.split(";")]
    return ";".join(dict.fromkeys(part for part in parts if part))


_CHECKS: dict[str, Check] = {
    "string": _string,
    "number": _number,
    "datetime": _datetime,
    "date": _date,
    "bool": _bool,
    "enumeration": _enumeration,
}
