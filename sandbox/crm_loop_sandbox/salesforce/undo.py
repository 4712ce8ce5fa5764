"""All or nothing: what rows held before, so that several writes can be taken back together."""

from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce.rows import Row

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.org import Org


class Undo:
    """Remembers from its making on; `take_back` puts everything as it was."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._before: dict[str, tuple[Row, dict[str, Any]]] = {}
        self._new: dict[str, str] = {}
        self._journal = len(org.kernel.journal.entries)
        self._bin = dict(org.bin)

    def changing(self, row: Row) -> None:
        """Called before a stored row is changed."""
        if row["Id"] not in self._new:
            self._before.setdefault(row["Id"], (row, row.copied()))

    def created(self, table: str, record_id: str) -> None:
        self._new[record_id] = table

    def take_back(self) -> None:
        org = self._org
        org.undo = None
        for record_id, table in self._new.items():
            row = org.tables[table].get(record_id)
            if row is not None:
                org.drop(table, row)
        for changed, values in self._before.values():
            changed.__ior__(values)
            org.put(type(changed).__name__, changed)
        for parent, records in org.history.items():
            org.history[parent] = [one for one in records if one not in self._new]
        del org.kernel.journal.entries[self._journal :]
        org.bin = self._bin
