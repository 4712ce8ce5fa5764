"""Properties of the portal's own that an admin has named: which there are, and reading them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_loop.records import Account, Activity, Lead, Record, Task
from crm_loop_hubspot import values
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.listing import results
from crm_loop_hubspot.sources import Reader
from crm_loop_hubspot.translate.kinds import (
    CALLS,
    COMPANIES,
    CONTACTS,
    DEALS,
    EMAILS,
    LEADS,
    MEETINGS,
    TASKS,
    Linked,
    Reading,
)
from crm_loop_hubspot.transport import Api

#: Object types on which the properties of a setting may stand; one of them is enough.
OBJECTS: Mapping[str, tuple[str, ...]] = {
    "deal": (DEALS.name,),
    "activity": (CALLS.name, MEETINGS.name, EMAILS.name),
    "task": (TASKS.name,),
    "lead": (LEADS.name, CONTACTS.name),
    "account": (COMPANIES.name,),
}


def named(settings: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Property by our name, by kind of record, as the settings have them."""
    given = {kind: settings.get(f"{kind}_fields") or {} for kind in OBJECTS}
    return {
        kind: {str(name): str(of) for name, of in found.items()} for kind, found in given.items()
    }


def unknown_fields(api: Api, settings: Mapping[str, Any]) -> list[str]:
    """Properties that the settings name and the portal does not show, as kind.name."""
    found = []
    for kind, fields in named(settings).items():
        known = {one for name in OBJECTS[kind] if fields for one in _properties(api, name)}
        found += [f"{kind}.{name}" for name, of in fields.items() if of not in known]
    return sorted(found)


def _properties(api: Api, name: str) -> set[str]:
    """Names of the properties of an object type; none where it is hidden from us."""
    try:
        return {str(row.get("name")) for row in results(api.get(api.paths.properties(name)))}
    except (NotFound, MissingScope):
        return set()


def with_own(reader: Reader, reading: Reading) -> Reader:
    """The reader that also asks for these properties and keeps what a row has in them."""
    fields = reading.own_fields.get(reader.own) or {}
    if not fields:
        return reader
    wanted = tuple(dict.fromkeys([*reader.kind.properties, *fields.values()]))

    def make(linked: Linked, against: Reading) -> Record | None:
        record = reader.make(linked, against)
        if not isinstance(record, Account | Activity | Lead | Task):
            return record
        own = {name: values.text(linked.props.get(of)) for name, of in fields.items()}
        return replace(record, custom=own)

    return replace(reader, kind=replace(reader.kind, properties=wanted), make=make)
