"""One org's rows: every object a table, with the indexes that matter."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.kernel import Kernel
from crm_loop_sandbox.salesforce import field_access as access
from crm_loop_sandbox.salesforce import schema
from crm_loop_sandbox.salesforce.ids import long_id, make_id, register, table_of
from crm_loop_sandbox.salesforce.indexes import Grouped, Ordered
from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.package_files import read_package
from crm_loop_sandbox.salesforce.rows import Row, row_class
from crm_loop_sandbox.salesforce.undo import Undo

__all__ = ["KEYED", "KEY_FIELD", "Org", "Row"]

KEY_FIELD = "CrmLoop_Key__c"
KEYED = schema.ACTIVITIES


class Org:
    """Tables of rows by id. `today` and `now` follow the business clock."""

    def __init__(self, kernel: Kernel, *, time_zone: str, currencies: bool) -> None:
        self.kernel = kernel
        self.zone = ZoneInfo(time_zone)
        options = kernel.options
        self.currencies = currencies
        packaged = read_package(options.package_dir) if options.package_dir else None
        #: Objects and fields of a package that was there from the start.
        self.at_first = schema.added(options.package, packaged)
        self.schema = schema.build(
            package=options.package,
            edition=options.edition,
            currencies=currencies,
            packaged=packaged,
        )
        #: What was deployed since, and what each deployed permission set lets its users see.
        self.components: dict[Any, Any] = {}
        self.granted: Mapping[str, Mapping[tuple[str, str], bool]] = {}
        #: Whose call is being answered; None while people act at the screens.
        self.caller: str | None = None
        self._classes = {name: _class(name, fields) for name, fields in self.schema.items()}
        for name in self.schema:
            register(name)
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in self.schema}
        self.history: dict[str, list[str]] = defaultdict(list)
        self.bin: dict[str, str] = {}
        self.undo: Undo | None = None
        #: Counts what vanished, so that open lists know when to look which rows are still there.
        self.drops = 0
        self._unique: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self._held: dict[str, dict[str, str]] = defaultdict(dict)
        self._ordered: dict[tuple[str, str], Ordered] = {}
        self._grouped: dict[tuple[str, str], Grouped] = {}
        self._indexes: dict[str, list[Ordered | Grouped]] = {name: [] for name in self.schema}
        self._made: dict[str, int] = defaultdict(int)
        self._begun: dict[str, Any] = {}
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
        # The same as the kernel's digest of ("sf", table, *subject), begun once an object.
        begun = self._begun.get(table)
        if begun is None:
            text = f"{self.kernel.options.seed}|sf|{table}"
            begun = self._begun[table] = hashlib.sha256(text.encode())
        digest = begun.copy()
        digest.update(f"|{'|'.join(subject)}".encode())
        return make_id(table, digest.digest())

    @cached_property
    def corporate_currency(self) -> str | None:
        """The code of the org's own currency, None where there is only one."""
        rows = self.tables.get("CurrencyType", {}).values()
        return next((str(row["IsoCode"]) for row in rows if row["IsCorporate"]), None)

    def blank(self, table: str, **values: Any) -> Row:
        """A row with these values in it: switches are off, the rest is null."""
        return self._classes[table](**values)

    @cached_property
    def _unique_fields(self) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(field.name for field in fields.values() if field.unique or field.external)
            for name, fields in self.schema.items()
        }

    def begin(self) -> Undo:
        """From here on until `undo` is set to None, everything can be taken back."""
        self.undo = Undo(self)
        return self.undo

    def changing(self, row: Row) -> None:
        """A stored row is about to change."""
        if self.undo is not None:
            self.undo.changing(row)

    def put(self, table: str, row: Row) -> None:
        """Store a row, new or changed, and tell the indexes."""
        if self.undo is not None and row["Id"] not in self.tables[table]:
            self.undo.created(table, row["Id"])
        self.tables[table][row["Id"]] = row
        for index in self._indexes[table]:
            index.touch(row)
        for field in self._unique_fields[table]:
            self._hold(table, field, row)

    def _hold(self, table: str, field: str, row: Row) -> None:
        record_id = row["Id"]
        value = None if row.get("IsDeleted") else row[field]
        key = None if value is None else str(value).lower()
        held = self._held[record_id].get(field) if record_id in self._held else None
        if held == key:
            return
        self._release(table, field, record_id)
        if key is not None:
            self._unique[_group(table), field][key] = record_id
            self._held[record_id][field] = key

    def _release(self, table: str, field: str, record_id: str) -> None:
        held = self._held[record_id].pop(field, None) if record_id in self._held else None
        values = self._unique[_group(table), field]
        if held is not None and values.get(held) == record_id:
            del values[held]

    def drop(self, table: str, row: Row) -> None:
        """Nothing is left of a row: purged from the bin, or never saved after all."""
        record_id = row["Id"]
        self.drops += 1
        for field in self._unique_fields[table]:
            self._release(table, field, record_id)
        self._held.pop(record_id, None)
        self.tables[table].pop(record_id, None)
        self.bin.pop(record_id, None)
        for index in self._indexes[table]:
            index.forget()

    def get(self, record_id: str | None) -> Row | None:
        """A row by its id, whatever it is."""
        if not record_id:
            return None
        table = table_of(record_id)
        return self.tables.get(table or "", {}).get(long_id(record_id))

    def field(self, record_id: str | None, name: str) -> Any:
        """One field of a record, None where there is no record."""
        row = self.get(record_id)
        return None if row is None else row.get(name)

    def rows(self, table: str, ids: Iterable[str] | None = None) -> Iterator[Row]:
        found = self.tables[table]
        if ids is None:
            yield from found.values()
            return
        for record_id in dict.fromkeys(map(long_id, ids)):
            if record_id in found:
                yield found[record_id]

    def holder(self, table: str, field: str, value: str) -> Row | None:
        """The live row that holds a unique value; Task and Event share theirs."""
        return self.get(self._unique[_group(table), field].get(value.lower()))

    def by_key(self, key: str) -> tuple[str, Row] | None:
        """The live record that carries a key of ours, with its table."""
        for table in (KEYED[0], *self.packaged):
            row = self.holder(table, KEY_FIELD, key)
            if row is not None:
                return str(table_of(row["Id"])), row
        return None

    @cached_property
    def packaged(self) -> tuple[str, ...]:
        """Objects of the package whose records carry keys."""
        return tuple(
            name for name, fields in self.schema.items()
            if KEY_FIELD in fields and name not in KEYED
        )  # fmt: skip

    def between(self, table: str, field: str, low: str, high: str) -> list[Row]:
        """Rows that may have a moment in this span; more may come."""
        if (table, field) not in self._ordered:
            self._ordered[table, field] = Ordered(self.tables[table], field)
            self._indexes[table].append(self._ordered[table, field])
        return self._ordered[table, field].between(low, high)

    def referring(self, table: str, field: str, ids: Iterable[str]) -> list[Row]:
        """Rows that may refer to one of these; more may come."""
        if (table, field) not in self._grouped:
            self._grouped[table, field] = Grouped(self.tables[table], field)
            self._indexes[table].append(self._grouped[table, field])
        return self._grouped[table, field].of(ids)

    def visible_fields(self, table: str) -> dict[str, schema.Field]:
        """The fields that the calling user may see."""
        hidden = self.kernel.scratch.get("sf.hidden", {}).get(table, ())
        fields: dict[str, schema.Field] = self.schema[table]
        if self.granted and self.caller is not None:
            fields = access.granted(self, table, self.caller)
        if not hidden:
            return fields
        return {name: f for name, f in fields.items() if name not in hidden}

    def reshape(self, wanted: dict[str, schema.Table]) -> None:
        """Have these objects and fields from now on; rows keep what there is still a place for."""
        for name in self.schema.keys() - wanted.keys():
            self._discard(name)
        changed = [name for name, fields in wanted.items() if fields != self.schema.get(name)]
        self.schema = wanted
        for name in changed:
            register(name)
            made = self._classes[name] = _class(name, wanted[name])
            rows = self.tables.pop(name, {})
            self._discard(name)
            self._classes[name] = made
            names = made.names
            self.tables[name] = {
                id_: made(**{n: v for n, v in row.copied().items() if n in names})
                for id_, row in rows.items()
            }
            self._indexes[name] = []
        for cached in ("packaged", "_unique_fields"):
            self.__dict__.pop(cached, None)
        for name in changed:
            for row in list(self.tables[name].values()):
                self.put(name, row)

    def _discard(self, name: str) -> None:
        """Nothing is kept of an object: rows, indexes, unique values."""
        self.drops += 1
        for record_id in [id_ for id_ in self._held if table_of(id_) == name]:
            for field in list(self._held[record_id]):
                self._release(name, field, record_id)
            del self._held[record_id]
        for known in (self._ordered, self._grouped):
            for key in [key for key in known if key[0] == name]:
                del known[key]
        self.tables.pop(name, None)
        self._classes.pop(name, None)
        self._indexes.pop(name, None)


def _class(name: str, fields: schema.Table) -> type[Row]:
    switches = tuple(field.name for field in fields.values() if field.type == "bool")
    return row_class(name, tuple(fields), switches=switches)


def _group(table: str) -> str:
    return "Activity" if table in KEYED else table


def named(org: Org, name: str) -> str | None:
    """An object by its name in any capitals, None when the caller sees none."""
    wanted = name.lower()
    table = next((table for table in org.schema if table.lower() == wanted), None)
    hidden: Any = org.kernel.scratch.get("sf.hidden_objects", ())
    return None if table in hidden else table
