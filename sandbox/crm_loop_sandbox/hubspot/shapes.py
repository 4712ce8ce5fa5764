"""How records look in answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row, Source, Version, version_shape
from crm_loop_sandbox.hubspot.table import Compute, Table

#: What a portal that hides fields from the caller hides.
HIDDEN = {
    "0-3": "amount",
    "0-27": "hs_task_body",
    "0-47": "hs_meeting_outcome",
    "0-48": "hs_call_disposition",
}


_CALCULATED = Source("CALCULATED", None, None)


@dataclass(frozen=True, slots=True)
class View:
    """Which properties an answer shows: (name, how to compute it) and those with history."""

    table: Table
    fields: tuple[tuple[str, Compute | None], ...]
    histories: tuple[str, ...] = ()

    def properties(self, row: Row) -> dict[str, str | None]:
        props = row.props
        return {name: compute(row) if compute else props.get(name) for name, compute in self.fields}

    def history(self, row: Row) -> dict[str, list[dict[str, object]]]:
        return {
            name: [version_shape(version) for version in reversed(self._versions(row, name))]
            for name in self.histories
        }

    def _versions(self, row: Row, name: str) -> list[Version]:
        """What HubSpot works out has the one version that it has now."""
        if name not in self.table.computed:
            return row.versions(name)
        value = self.table.value(row, name)
        return [] if value is None else [Version(row.updated, value, _CALCULATED)]


def view(
    table: Table,
    asked: Sequence[str],
    histories: Sequence[str] = (),
    *,
    hide: bool = False,
) -> View:
    """Unknown names are left out; without names the defaults of the type are shown."""
    kind = table.kind
    hidden = {HIDDEN.get(kind.id)} if hide else set()
    wanted = {*kind.always, *(asked or kind.defaults), *histories} - hidden
    names = sorted(name for name in wanted if name in table.properties)
    return View(
        table,
        tuple((name, table.computed.get(name)) for name in names),
        tuple(name for name in histories if name in table.properties and name not in hidden),
    )


def record(row: Row, properties: Mapping[str, str | None]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(row.id),
        "properties": properties,
        "createdAt": iso(row.created),
        "updatedAt": iso(row.updated),
        "archived": row.archived is not None,
    }
    if row.archived is not None:
        shown["archivedAt"] = iso(row.archived)
    return shown


def seen(row: Row, shown_by: View) -> dict[str, Any]:
    """A record as a read shows it."""
    shape = record(row, shown_by.properties(row))
    if shown_by.histories:
        shape["propertiesWithHistory"] = shown_by.history(row)
    return shape


def written(table: Table, row: Row, names: Sequence[str]) -> dict[str, Any]:
    """A record as a write shows it: what was sent and what HubSpot filled, without nulls."""
    filled = table.computed.keys() - table.later
    shown = {name: table.value(row, name) for name in sorted({*names, *filled})}
    return record(row, {name: value for name, value in shown.items() if value is not None})


def record_url(portal: Portal, kind: ObjectType, row: Row) -> str:
    return f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{kind.id}/{row.id}"
