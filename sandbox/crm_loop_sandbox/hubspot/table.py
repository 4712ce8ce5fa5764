"""All records of one object type, in the order of their ids."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator

from crm_loop_sandbox.hubspot.catalogue import built_in, built_in_group
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.properties import PropertyDef
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.stamps import Stamps

Compute = Callable[[Row], str | None]


class Table:
    """Records by id; `live` and `shelved` (archived) are ids in ascending order."""

    def __init__(self, kind: ObjectType) -> None:
        self.kind = kind
        self.rows: dict[int, Row] = {}
        self.live: list[int] = []
        self.shelved: list[int] = []
        self.refs: dict[int, str] = {}
        #: ids that merges have used up, with the record that lives on
        self.merged: dict[int, int] = {}
        self.retired: dict[str, PropertyDef] = {}
        self.properties = built_in(kind.id)
        group = built_in_group(kind.id)
        self.groups = {group.name: group}
        self.computed: dict[str, Compute] = {}
        #: Of the computed ones, those that HubSpot works out only after it answered a write.
        self.later: set[str] = set()
        self.stamps = Stamps()
        self._unique: dict[str, dict[str, int]] = {
            one.name: {} for one in self.properties.values() if one.unique
        }

    def get(self, row_id: int) -> Row | None:
        """A record that is not archived."""
        row = self.rows.get(row_id)
        return row if row is not None and row.archived is None else None

    def add(self, row: Row) -> None:
        self.rows[row.id] = row
        insort(self.live, row.id)
        self.index(row)

    def add_all(self, rows: list[Row]) -> None:
        """Take many at once; some may be archived already."""
        self.rows.update((row.id, row) for row in rows)
        self.live = sorted(key for key, row in self.rows.items() if row.archived is None)
        self.shelved = sorted(key for key, row in self.rows.items() if row.archived is not None)
        if self._unique:
            for key in self.live:
                self.index(self.rows[key])

    def shelve(self, row: Row, at: int) -> None:
        row.archived = at
        del self.live[bisect_left(self.live, row.id)]
        insort(self.shelved, row.id)
        self.unindex(row)

    def restore(self, row: Row) -> None:
        row.archived = None
        del self.shelved[bisect_left(self.shelved, row.id)]
        insort(self.live, row.id)
        self.index(row)

    def define(self, definition: PropertyDef) -> None:
        self.properties[definition.name] = definition
        if definition.unique:
            self._unique[definition.name] = {}

    def undefine(self, name: str) -> None:
        """Records keep what they hold; nobody sees it any more."""
        self.retired[name] = self.properties.pop(name)
        self._unique.pop(name, None)

    def forget(self, row: Row) -> None:
        """Remove a record as if it had never been."""
        self.unindex(row)
        ids = self.live if row.archived is None else self.shelved
        del ids[bisect_left(ids, row.id)]
        del self.rows[row.id]

    def survivor(self, row_id: int) -> int:
        """The id that a merge left; the same id where none happened."""
        while row_id in self.merged:
            row_id = self.merged[row_id]
        return row_id

    @property
    def unique_names(self) -> frozenset[str]:
        return frozenset(self._unique)

    def holder(self, name: str, value: str) -> Row | None:
        """The live record that holds this value of a unique property."""
        row_id = self._unique.get(name, {}).get(value)
        return None if row_id is None else self.rows[row_id]

    def index(self, row: Row) -> None:
        """To be called after a change, as `unindex` before it."""
        self.stamps.touch(row.id)
        for name, ids in self._unique.items():
            if name in row.props:
                ids[row.props[name]] = row.id

    def unindex(self, row: Row) -> None:
        self.stamps.touch(row.id)
        for name, ids in self._unique.items():
            if ids.get(row.props.get(name, "")) == row.id:
                del ids[row.props[name]]

    def value(self, row: Row, name: str) -> str | None:
        compute = self.computed.get(name)
        return compute(row) if compute else row.props.get(name)

    def page(
        self, *, after: int, limit: int, archived_since: int | None = None
    ) -> tuple[list[int], int | None]:
        """Ids from `after` on, and the one that follows them; of live records by default."""
        ids = self.live if archived_since is None else self._kept(archived_since)
        start = bisect_left(ids, after)
        stop = start + limit
        return ids[start:stop], ids[stop] if stop < len(ids) else None

    def _kept(self, since: int) -> list[int]:
        return [one for one in self.shelved if (self.rows[one].archived or 0) >= since]

    def living(self, *, above: int = -1) -> Iterator[Row]:
        """Live records with an id greater than `above`, in order."""
        rows = self.rows
        start = bisect_left(self.live, above + 1)
        return (rows[key] for key in self.live[start:])
