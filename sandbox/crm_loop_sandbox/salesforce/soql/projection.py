"""Shows rows as the API does: fields in the order of the query, parents inside their record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.soql.children import Children
from crm_loop_sandbox.salesforce.soql.parse import TypeOf
from crm_loop_sandbox.salesforce.soql.paths import Path, value_of

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.soql.run import Selection

Shown = dict[str, Any]


@dataclass(slots=True)
class _Place:
    """What is shown of a record, or of a parent reached over `reference`."""

    reference: str = ""
    polymorphic: bool = False
    names: list[str] = field(default_factory=list)
    inner: dict[str, "_Place"] = field(default_factory=dict)


def projector(org: Org, table: str, paths: Sequence[Path], version: str) -> Callable[[Row], Shown]:
    """A function that shows rows of this table as they are now; make a new one for each page."""
    top = _Place()
    for path in paths:
        _put(top, path)
    return _shower(org, top, f"/services/data/{version}/sobjects/", table)


def _put(place: _Place, path: Path) -> None:
    steps = zip(path.names, path.references, path.polymorphic, strict=False)
    for name, reference, polymorphic in steps:
        if name not in place.names:
            place.names.append(name)
            place.inner[name] = _Place(reference, polymorphic)
        place = place.inner[name]
    if path.last not in place.names:
        place.names.append(path.last)


def _shower(org: Org, place: _Place, base: str, table: str) -> Callable[[Row], Shown]:
    names = place.names
    # A parent's place holds the reference to it until the parent is put there.
    read = _tuple_of([place.inner[n].reference if n in place.inner else n for n in names])
    inner = [(name, _parent(org, one, base)) for name, one in place.inner.items()]
    url = f"{base}{table}/"
    # A copy has its final size at once; a dictionary that is filled grows several times.
    blank: Shown = dict.fromkeys(("attributes", *names))

    def show(row: Row) -> Shown:
        record = blank.copy()
        record["attributes"] = {"type": table, "url": url + row["Id"]}
        record.update(zip(names, read(row), strict=True))
        for name, shown in inner:
            record[name] = shown(record[name])
        return record

    return show


def _parent(org: Org, place: _Place, base: str) -> Callable[[Any], Shown | None]:
    showers: dict[str, Callable[[Row], Shown]] = {}
    # A page has few owners and many rows of each.
    known: dict[Any, Shown | None] = {}

    def show(record_id: Any) -> Shown | None:
        if record_id not in known:
            known[record_id] = new(record_id)
        return known[record_id]

    def new(record_id: Any) -> Shown | None:
        row = org.get(record_id)
        if row is None:
            return None
        if place.polymorphic:
            return _any_kind(org, place, base, row)
        table = type(row).__name__
        if table not in showers:
            showers[table] = _shower(org, place, base, table)
        return showers[table](row)

    return show


def _any_kind(org: Org, place: _Place, base: str, row: Row) -> Shown:
    """A target of one of several kinds: fields that its kind lacks are null."""
    table = type(row).__name__
    record: Shown = {"attributes": {"type": "Name", "url": f"{base}{table}/{row['Id']}"}}
    for name in place.names:
        inner = place.inner.get(name)
        if inner is None:
            record[name] = value_of(row, name)
        else:
            record[name] = _parent(org, inner, base)(row.get(inner.reference))
    return record


def _tuple_of(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    if not names:
        return lambda _row: ()
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda row: (read(row),)


def attributes(table: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": table, "url": f"/services/data/{version}/sobjects/{table}/{record_id}"}


def value_shower(
    selection: "Selection", item: Any, version: str
) -> tuple[str, Callable[[Row], Any]]:
    """Name and value of what is no plain field: children, functions, TYPEOF."""
    if isinstance(item, Children):
        return item.name, item.shower(version)
    if isinstance(item, TypeOf):
        return _typed(selection, item, version)
    read, _ = selection.reader(item)
    name = item.alias or (item.of[-1] if item.name in _SAME_NAME else "expr0")
    return name, read


#: Functions that leave a field its name.
_SAME_NAME = ("TOLABEL", "FORMAT", "CONVERTCURRENCY")


def _typed(selection: "Selection", item: TypeOf, version: str) -> tuple[str, Callable[[Row], Any]]:
    org = selection.org
    reference = selection.path((item.reference, "Id"))
    base = f"/services/data/{version}/sobjects/"
    fields = {table.lower(): paths for table, paths in item.fields}

    def read(row: Row) -> Any:
        target = org.get(row[reference.references[0]])
        if target is None:
            return None
        table = type(target).__name__
        record: Shown = {"attributes": {"type": table, "url": f"{base}{table}/{target['Id']}"}}
        for path in fields.get(table.lower(), item.otherwise):
            record[path[-1]] = target.get(path[-1])
        return record

    return reference.names[0], read
