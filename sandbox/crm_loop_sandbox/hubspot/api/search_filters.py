"""Turns the filters of a search into tests of a row."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.moments import parse
from crm_loop_sandbox.hubspot.object_types import find_type
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Table

Test = Callable[[Row], bool]
Get = Callable[[Row], Any]
#: What the index of activities leaves out.
_NOT_INDEXED = frozenset({"hs_body_preview", "hs_body_preview_html", "hs_email_html"})
_GROUPS, _PER_GROUP, _FILTERS = 5, 6, 18


def matcher(portal: Portal, table: Table, body: Mapping[str, Any]) -> Test:
    """Groups are joined by OR, the filters of one by AND."""
    groups = _objects(body, "filterGroups")
    if body.get("filters"):
        groups.append({"filters": body["filters"]})
    _check_counts(groups)
    tests = [_group(portal, table, group.get("filters") or []) for group in groups]
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    return lambda row: any(test(row) for test in tests)


def _objects(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise bad_request(f"Invalid input JSON: {name} is no list of objects")
    return list(found)


def _check_counts(groups: list[dict[str, Any]]) -> None:
    counts = [len(_objects(group, "filters")) for group in groups]
    if len(groups) > _GROUPS or max(counts, default=0) > _PER_GROUP or sum(counts) > _FILTERS:
        raise bad_request(
            f"Too many filters: at most {_GROUPS} groups of {_PER_GROUP}, {_FILTERS} in total"
        )


def _group(portal: Portal, table: Table, filters: list[dict[str, Any]]) -> Test:
    tests = [_filter(portal, table, one) for one in filters]
    if len(tests) == 1:
        return tests[0]

    def every(row: Row) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would double the time of a scan
            if not test(row):
                return False
        return True

    return every


def _filter(portal: Portal, table: Table, one: Mapping[str, Any]) -> Test:
    name, operator = str(one.get("propertyName", "")), str(one.get("operator", ""))
    if name.startswith("associations."):
        return _linked(portal, table, name.removeprefix("associations."), one)
    if name in _NOT_INDEXED:
        raise bad_request(f"There was a problem with the request. {name} cannot be searched")
    if name not in table.properties:
        raise bad_request(f"There was a problem with the request. Property {name} does not exist")
    if operator not in _OPERATORS:
        raise bad_request(f"There was a problem with the request. Unknown operator {operator}")
    return _OPERATORS[operator](getter(table, name), one, _reader(table, name))


def getter(table: Table, name: str) -> Get:
    """The value of a property in a form that compares: numbers, milliseconds or text."""
    if name == "hs_object_id":
        return lambda row: row.id
    if name == table.kind.modified:
        return lambda row: row.updated
    if name == "hs_createdate":
        return lambda row: row.created
    compute, convert = table.computed.get(name), _converter(table, name)
    if compute is not None:
        return lambda row: _converted(convert, compute(row))
    return lambda row: _converted(convert, row.props.get(name))


def _converted(convert: Callable[[str], Any], text: str | None) -> Any:
    return None if text is None else convert(text)


def _converter(table: Table, name: str) -> Callable[[str], Any]:
    kind = table.properties[name].type
    if kind == "number":
        return _number
    if kind in {"datetime", "date"}:
        return parse
    return str if kind in {"enumeration", "bool"} else str.lower


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return None


def _reader(table: Table, name: str) -> Callable[[Any], Any]:
    """Brings a filter's value into the same form; refuses what cannot be read."""
    convert = _number if name == "hs_object_id" else _converter(table, name)

    def read(value: Any) -> Any:
        found = None if value is None else convert(str(value))
        if found is None:
            raise bad_request(f"There was a problem with the request. {name}: invalid value")
        return found

    return read


Read = Callable[[Any], Any]


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Get, Mapping[str, Any], Read], Test]:
    def build(get: Get, one: Mapping[str, Any], read: Read) -> Test:
        limit = read(one.get("value"))

        def test(row: Row) -> bool:
            value = get(row)
            return value is not None and holds(value, limit)

        return test

    return build


def _between(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    low, high = read(one.get("value")), read(one.get("highValue"))

    def test(row: Row) -> bool:
        value = get(row)
        return value is not None and low <= value <= high

    return test


def _differs(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    other = read(one.get("value"))
    return lambda row: get(row) != other


def _values(one: Mapping[str, Any], read: Read) -> set[Any]:
    """Text is compared as given: the index holds it in lower case."""
    values = one.get("values")
    if not isinstance(values, list):
        raise bad_request("There was a problem with the request. values is missing")
    form = {read(value) for value in values}
    return {str(value) for value in values} if any(isinstance(v, str) for v in form) else form


def _in(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    values = _values(one, read)
    return lambda row: get(row) in values


def _not_in(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    values = _values(one, read)
    return lambda row: get(row) not in values


def _has(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    del one, read
    return lambda row: get(row) is not None


def _has_not(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    del one, read
    return lambda row: get(row) is None


def _token(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    del read
    wanted = re.escape(str(one.get("value", "")).lower()).replace(r"\*", r"\w*")
    pattern = re.compile(rf"(?<!\w){wanted}(?!\w)")
    return lambda row: bool(pattern.search(str(get(row) or "").lower()))


def _no_token(get: Get, one: Mapping[str, Any], read: Read) -> Test:
    found = _token(get, one, read)
    return lambda row: not found(row)


_OPERATORS: dict[str, Callable[[Get, Mapping[str, Any], Read], Test]] = {
    "EQ": _ordered(lambda value, limit: bool(value == limit)),
    "LT": _ordered(lambda value, limit: bool(value < limit)),
    "LTE": _ordered(lambda value, limit: bool(value <= limit)),
    "GT": _ordered(lambda value, limit: bool(value > limit)),
    "GTE": _ordered(lambda value, limit: bool(value >= limit)),
    "NEQ": _differs,
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": _not_in,
    "HAS_PROPERTY": _has,
    "NOT_HAS_PROPERTY": _has_not,
    "CONTAINS_TOKEN": _token,
    "NOT_CONTAINS_TOKEN": _no_token,
}


def _linked(portal: Portal, table: Table, name: str, one: Mapping[str, Any]) -> Test:
    """The pseudo property that asks for records joined to one other record."""
    to_kind = find_type(name)
    values = one.get("values") or [one.get("value")]
    if to_kind is None or not all(str(value).isdecimal() for value in values):
        raise bad_request(f"There was a problem with the request. associations.{name}")
    wanted = {int(value) for value in values}
    pair = (table.kind.id, to_kind.id)
    return lambda row: not wanted.isdisjoint(portal.links.targets(pair, row.id))
