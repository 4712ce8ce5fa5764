"""Numeric ids that two runs with one seed agree on."""

from crm_loop_sandbox.hubspot.table import Table
from crm_loop_sandbox.kernel import Kernel

#: Records made while the sandbox runs come after all that were there at its start.
_WORLD = (10_000_000_000, 10_000_000_000)
_MADE = (30_000_000_000, 60_000_000_000)


class Ids:
    """Derives ids by seed, object and name; a taken one yields the next free number."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._made: dict[str, int] = {}

    def small(self, *parts: object) -> int:
        """Eight digits: portal, owner, user and team ids."""
        return 10_000_000 + int.from_bytes(self._kernel.digest("hubspot", *parts)[:8]) % 89_999_999

    def of_world(self, table: Table, ref: str, taken: set[int]) -> int:
        start, span = _WORLD
        found = start + self._number(table.kind.id, ref) % span
        while found in taken:
            found += 1
        taken.add(found)
        return found

    def of_new(self, table: Table, name: str | None) -> int:
        """`name` is what makes the record what it is (a key of ours); else the next number."""
        if name is None:
            self._made[table.kind.id] = self._made.get(table.kind.id, 0) + 1
            name = f"no {self._made[table.kind.id]}"
        start, span = _MADE
        found = start + self._number(table.kind.id, name) % span
        while found in table.rows or found in table.merged:
            found += 1
        return found

    def _number(self, *parts: object) -> int:
        return int.from_bytes(self._kernel.digest("hubspot", *parts)[:8])
