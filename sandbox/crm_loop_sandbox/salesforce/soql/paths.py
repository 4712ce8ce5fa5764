"""Field paths: `Amount`, `Owner.Name`, `What.Type`, read from a row and shown in an answer."""

from typing import Any

from crm_loop_sandbox.salesforce.errors import no_such_column
from crm_loop_sandbox.salesforce.ids import table_of
from crm_loop_sandbox.salesforce.org import Org, Row


class Path:
    """One field, perhaps over references; `read` gives its value, None over a missing one."""

    def __init__(self, org: Org, names: tuple[str, ...], references: tuple[str, ...]) -> None:
        self.org = org
        self.names = names
        self._references = references
        self._last = names[-1]

    def read(self, row: Row) -> Any:
        current = row
        for reference in self._references:
            target = self.org.get(current.get(reference))
            if target is None:
                return None
            current = target
        if self._last == "Type" and self._references and "Type" not in current:
            return table_of(current["Id"])
        return current.get(self._last)

    def show(self, row: Row, record: dict[str, Any], version: str) -> None:
        """Put the value into the record, inside the objects that the path leads through."""
        current: Row | None = row
        place: dict[str, Any] | None = record
        for name, reference in zip(self.names, self._references, strict=False):
            current = self.org.get(current.get(reference)) if current else None
            place = _inside(place, name, current, version)
            if place is None:
                return
        if place is not None:
            place[self._last] = self.read(row)


def _inside(
    place: dict[str, Any] | None, name: str, target: Row | None, version: str
) -> dict[str, Any] | None:
    if place is None:
        return None
    if target is None:
        place.setdefault(name, None)
        return None
    if not isinstance(place.get(name), dict):
        table = table_of(target["Id"]) or "Name"
        url = f"/services/data/{version}/sobjects/{table}/{target['Id']}"
        place[name] = {"attributes": {"type": table, "url": url}}
    inner: dict[str, Any] = place[name]
    return inner


def resolve(org: Org, table: str, names: tuple[str, ...], text: str = "") -> Path:
    """A path from a table; INVALID_FIELD names the part that is not there."""
    tables: tuple[str, ...] = (table,)
    found: list[str] = []
    references: list[str] = []
    for place, name in enumerate(names):
        last = place == len(names) - 1
        hit = _field(org, tables, name, reference=not last)
        if hit is None:
            if last and references and name.lower() in ("type", "name"):
                return Path(org, (*found, name.capitalize()), tuple(references))
            raise no_such_column(".".join(names), table, text)
        shown, field = hit
        found.append(shown)
        if not last:
            references.append(field.name)
            tables = tuple(target for target in field.targets if target in org.schema)
    return Path(org, tuple(found), tuple(references))


def _field(org: Org, tables: tuple[str, ...], name: str, *, reference: bool) -> Any:
    """(name as shown, field) in the first table that has it."""
    for table in tables:
        for field in org.visible_fields(table).values():
            known = field.relationship if reference else field.name
            if known is not None and known.lower() == name.lower():
                return known, field
    return None
