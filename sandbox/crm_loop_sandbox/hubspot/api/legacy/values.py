"""How the old APIs show values: numbers for moments, and each value with its source."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm_loop_sandbox.hubspot.call import Call
from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.moments import parse
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.rows import Row, Source, Version
from crm_loop_sandbox.hubspot.table import Table

_MOMENTS = frozenset({"date", "datetime"})
_CALCULATED = Source("CALCULATED", None, None)
#: Lists of what changed lately end here.
_RECENT_MOST = 10_000


def open_table(call: Call, kind: ObjectType, *, write: bool = False) -> Table:
    call.require(kind.write_scope if write else kind.read_scope)
    return call.portal.table(kind)


def in_old_form(table: Table, name: str, value: str) -> str:
    """Moments are milliseconds since 1970."""
    definition = table.properties.get(name)
    moment = parse(value) if definition is not None and definition.type in _MOMENTS else None
    return value if moment is None else str(moment)


def shown(table: Table, row: Row, names: Iterable[str], *, history: bool = False) -> dict[str, Any]:
    """Values that are set, by name, each with where it came from."""
    found: dict[str, Any] = {}
    for name in names:
        value = table.value(row, name) if name in table.properties else None
        if value is None:
            continue
        versions = [_version(table, name, one) for one in reversed(_versions(row, name, value))]
        found[name] = dict(versions[0])
        if history:
            found[name]["versions"] = [one | {"name": name} for one in versions]
    return found


def _versions(row: Row, name: str, value: str) -> list[Version]:
    """What HubSpot works out has one version, which is as old as the last change."""
    held = row.versions(name)
    return held if held and held[-1].value == value else [Version(row.updated, value, _CALCULATED)]


def _version(table: Table, name: str, version: Version) -> dict[str, Any]:
    return {
        "value": in_old_form(table, name, version.value),
        "timestamp": version.at,
        "source": version.source.type,
        "sourceId": version.source.id,
    }


def sent(body: Mapping[str, Any], key: str = "name") -> dict[str, Any]:
    """The list of names and values that the old APIs take."""
    listed = body.get("properties")
    try:
        return {str(one[key]): one.get("value") for one in listed or []}
    except (AttributeError, KeyError, TypeError) as error:
        raise bad_request(f"Invalid input JSON: every property needs {key} and value") from error


def asked(call: Call, table: Table, *names: str) -> list[str]:
    """The properties that the call names; else all but those worked out later."""
    found = [one for name in names for one in call.listed(name)]
    return found or sorted(table.properties.keys() - table.later)


def targets(call: Call, kind: ObjectType, row: Row, to_kind: ObjectType) -> list[int]:
    return call.portal.linked(kind, row.id, to_kind)


def number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name) or ""
    return int(text) if text.isdecimal() else default


def recent(call: Call, table: Table) -> tuple[list[Row], dict[str, Any]]:
    """One page by last change, the newest first, and what is said of the pages to come."""
    since = number(call, "since", 0)
    rows = [row for row in table.living() if row.updated >= since]
    rows.sort(key=lambda row: (-row.updated, row.id))
    offset, count = number(call, "offset", 0), min(number(call, "count", 20), 100)
    page = rows[offset : offset + count]
    following = offset + len(page)
    more = following < min(len(rows), _RECENT_MOST)
    return page, {"hasMore": more, "offset": following, "total": len(rows)}
