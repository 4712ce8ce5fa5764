"""Field paths: `Amount`, `Owner.Name`, `What.Type`, read from a row."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from crm_loop_sandbox.salesforce.errors import no_such_column, no_such_relationship
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.schema import Field

#: What every kind of target can tell about itself.
_OF_ALL = {"type": "Type", "name": "Name", "id": "Id"}


@dataclass(frozen=True, slots=True)
class Path:
    """One field, perhaps over references; `read` gives its value, None over a missing one.

    `names` are as shown in answers, `references` the fields that lead to the last one, `field`
    is None where each target has its own.
    """

    names: tuple[str, ...]
    references: tuple[str, ...]
    polymorphic: tuple[bool, ...]
    field: Field | None
    read: Callable[[Row], Any]

    @property
    def last(self) -> str:
        return self.names[-1]


def resolve(org: Org, table: str, names: tuple[str, ...], text: str = "") -> Path:
    """A path from a table; INVALID_FIELD names the part that is not there."""
    tables: tuple[str, ...] = (table,)
    found: list[str] = []
    references: list[str] = []
    kinds: list[bool] = []
    for name in names[:-1]:
        field = _relationship(org, tables, name)
        if field is None:
            raise no_such_relationship(name, text)
        found.append(str(field.relationship))
        references.append(field.name)
        kinds.append(len(field.targets) > 1)
        tables = tuple(target for target in field.targets if target in org.schema)
    last, field = _last(org, tables, names[-1], text)
    read = _reader(org, tuple(references), last, any_kind=bool(kinds) and kinds[-1])
    return Path((*found, last), tuple(references), tuple(kinds), field, read)


def _relationship(org: Org, tables: tuple[str, ...], name: str) -> Field | None:
    for table in tables:
        for field in org.visible_fields(table).values():
            if field.relationship is not None and field.relationship.lower() == name.lower():
                return field
    return None


def _last(org: Org, tables: tuple[str, ...], name: str, text: str) -> tuple[str, Field | None]:
    for table in tables:
        fields = org.visible_fields(table)
        field = fields.get(name) or _in_other_capitals(fields, name)
        if field is not None:
            return field.name, None if len(tables) > 1 else field
    if len(tables) > 1 and name.lower() in _OF_ALL:
        return _OF_ALL[name.lower()], None
    raise no_such_column(name, tables[0], text)


def _in_other_capitals(fields: dict[str, Field], name: str) -> Field | None:
    return next((field for field in fields.values() if field.name.lower() == name.lower()), None)


def _reader(
    org: Org, references: tuple[str, ...], last: str, *, any_kind: bool
) -> Callable[[Row], Any]:
    if not references:
        return attrgetter(last)

    def read(row: Row) -> Any:
        current = row
        for reference in references:
            target = org.get(current[reference])
            if target is None:
                return None
            current = target
        return value_of(current, last) if any_kind else current.get(last)

    return read


def value_of(row: Row, name: str) -> Any:
    """A field of a target that may be of any kind; its `Type` is that kind."""
    if name == "Type":
        return type(row).__name__
    return row.get(name)
