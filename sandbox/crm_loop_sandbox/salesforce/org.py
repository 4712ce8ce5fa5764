"""One org's rows: every object a table of plain dicts, with the indexes that matter."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.kernel import Kernel
from crm_loop_sandbox.salesforce import schema
from crm_loop_sandbox.salesforce.ids import long_id, make_id, table_of
from crm_loop_sandbox.salesforce.moments import written

Row = dict[str, Any]
KEY_FIELD = "CrmLoop_Key__c"
KEYED = ("Task", "Event")


class Org:
    """Tables of rows by id. `today` and `now` follow the business clock."""

    def __init__(self, kernel: Kernel, *, time_zone: str, currencies: bool) -> None:
        self.kernel = kernel
        self.zone = ZoneInfo(time_zone)
        self.schema = schema.build(
            package=kernel.options.package,
            edition=kernel.options.edition,
            currencies=currencies,
        )
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in self.schema}
        self.keys: dict[str, dict[str, str]] = {name: {} for name in KEYED}
        self.history: dict[str, list[str]] = defaultdict(list)
        self._made: dict[str, int] = defaultdict(int)
        self.org_id = self.new_id("Organization", "org")
        self.integration_user = ""

    @property
    def now(self) -> str:
        return written(self.kernel.clock.now())

    def business_now(self) -> datetime:
        return self.kernel.clock.now()

    def new_id(self, table: str, *subject: str) -> str:
        """An id from seed, object and subject; without subject from a running number."""
        if not subject:
            self._made[table] += 1
            subject = ("made", str(self._made[table]))
        return make_id(table, self.kernel.digest("sf", table, *subject))

    def put(self, table: str, row: Row) -> None:
        self.tables[table][row["Id"]] = row
        key = row.get(KEY_FIELD)
        if key and table in self.keys and not row.get("IsDeleted"):
            self.keys[table][str(key).lower()] = row["Id"]

    def get(self, record_id: str | None) -> Row | None:
        """A row by its id, whatever it is."""
        if not record_id:
            return None
        table = table_of(record_id)
        return self.tables.get(table or "", {}).get(long_id(record_id))

    def rows(self, table: str, ids: Iterable[str] | None = None) -> Iterator[Row]:
        found = self.tables[table]
        if ids is None:
            yield from found.values()
            return
        for record_id in dict.fromkeys(map(long_id, ids)):
            if record_id in found:
                yield found[record_id]

    def by_key(self, key: str) -> tuple[str, Row] | None:
        """The live record that carries a key of ours, with its table."""
        for table in KEYED:
            record_id = self.keys[table].get(key.lower())
            if record_id is not None and not self.tables[table][record_id]["IsDeleted"]:
                return table, self.tables[table][record_id]
        return None

    def visible_fields(self, table: str) -> dict[str, schema.Field]:
        """The fields that the calling user may see."""
        fields = dict(self.schema[table])
        hidden = self.kernel.scratch.get("sf.hidden", {}).get(table, ())
        return {name: field for name, field in fields.items() if name not in hidden}
