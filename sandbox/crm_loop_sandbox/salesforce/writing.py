"""Every change of a row, whoever makes it: checked, stamped, with what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_loop_sandbox.salesforce import cascades
from crm_loop_sandbox.salesforce.checks import check_unique, check_values, cleaned
from crm_loop_sandbox.salesforce.consequences import after_save, defaults
from crm_loop_sandbox.salesforce.errors import RowError
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.org import KEY_FIELD, Org, Row
from crm_loop_sandbox.salesforce.sharing import Viewer

#: No recycle bin keeps these.
_GONE_AT_ONCE = ("PermissionSetAssignment",)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes: `actor` is api or people, `user` the id that goes into the audit fields."""

    actor: str
    user: str
    request_id: str | None = None
    path: str = ""


class Writer:
    """Creates, changes and deletes rows of one org."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def create(self, table: str, values: Mapping[str, Any], hand: Hand) -> Row:
        fields = cleaned(self.org, table, values, creating=True)
        check_values(self.org, table, fields, None, path=hand.path)
        check_unique(self.org, table, fields, None)
        row = self.org.blank(table)
        row |= defaults(self.org, table, hand.user)
        row |= fields
        row["Id"] = self.org.new_id(table, *self._subject(table, fields))
        created = {"CreatedDate": self.org.now, "CreatedById": hand.user}
        row |= {name: value for name, value in created.items() if name in row}
        self._save(table, row, None, hand)
        self._journal("create", table, row, hand, fields=fields)
        return row

    def update(self, table: str, record_id: str, values: Mapping[str, Any], hand: Hand) -> Row:
        row = self.living(table, record_id)
        self._check_right(table, row, hand)
        fields = cleaned(self.org, table, values, creating=False)
        check_values(self.org, table, fields, row, path=hand.path)
        check_unique(self.org, table, fields, row)
        self.platform_update(table, row, fields, hand)
        return row

    def platform_update(self, table: str, row: Row, fields: Mapping[str, Any], hand: Hand) -> None:
        """A change that the platform makes itself, also of what nobody may write."""
        was = row.copied()
        before = {name: was[name] for name in fields}
        self.org.changing(row)
        row |= fields
        self._save(table, row, was, hand)
        self._journal("update", table, row, hand, fields=fields, before=before)

    def delete(self, table: str, record_id: str, hand: Hand) -> None:
        row = self.living(table, record_id)
        if table in _GONE_AT_ONCE:
            self.org.drop(table, row)
            self._journal("delete", table, row, hand)
            return
        if "IsDeleted" not in row:
            message = f"entity type {table} does not support delete"
            raise RowError("INVALID_TYPE_FOR_OPERATION", message)
        self._check_right(table, row, hand)
        gone = cascades.bin_with_children(self.org, table, row, hand.user)
        self._journal_all("delete", gone, hand)

    def undelete(self, table: str, record_id: str, hand: Hand) -> Row:
        row = self.org.tables[table].get(long_id(record_id))
        if row is None or not row.get("IsDeleted"):
            raise RowError("UNDELETE_FAILED", "entity is not in the recycle bin")
        check_unique(self.org, table, {name: row[name] for name in self.org.schema[table]}, row)
        back = cascades.restore_with_children(self.org, table, row, hand.user)
        self._journal_all("undelete", back, hand)
        return row

    def merge(self, table: str, master: str, losers: Sequence[str], hand: Hand) -> Row:
        """The losers go to the bin and name the master; what hung on them moves over."""
        if table not in cascades.MERGED or not 0 < len(losers) <= cascades.MOST_LOSERS:
            raise RowError("INVALID_OPERATION", f"{table} cannot be merged like this")
        survivor = self.living(table, master)
        rows = [self.living(table, loser) for loser in losers]
        for row in rows:
            cascades.merge_into(self.org, table, survivor, row, hand.user)
        self.org.changing(survivor)
        self._stamp(survivor, hand)
        self.org.put(table, survivor)
        fields = {"merged": [row["Id"] for row in rows]}
        self._journal("merge", table, survivor, hand, fields=fields)
        return survivor

    def living(self, table: str, record_id: str) -> Row:
        """The row, or the refusal that a caller gets when there is none any more."""
        row = self.org.tables.get(table, {}).get(long_id(record_id))
        if row is None:
            message = "The requested resource does not exist"
            raise RowError("NOT_FOUND", message, status=404)
        if row.get("IsDeleted"):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return row

    def _check_right(self, table: str, row: Row, hand: Hand) -> None:
        """Whoever calls may change what is theirs; people at the screens see only that."""
        if hand.actor == "api" and not Viewer(self.org, hand.user).may_edit(table, row):
            message = "insufficient access rights on object id"
            raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", message, status=403)

    def _save(self, table: str, row: Row, was: Mapping[str, Any] | None, hand: Hand) -> None:
        self._stamp(row, hand)
        after_save(self.org, table, row, was, hand.user)

    def _subject(self, table: str, fields: Mapping[str, Any]) -> tuple[str, ...]:
        # A record of ours gets the same id in every run; a second one after a delete does not.
        key = fields.get(KEY_FIELD)
        if not key:
            return ()
        count = self.org.kernel.scratch.setdefault("sf.keyed", {})
        count[table, key] = count.get((table, key), 0) + 1
        return (str(key), str(count[table, key]))

    def _stamp(self, row: Row, hand: Hand) -> None:
        now = self.org.now
        stamps = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": hand.user}
        row |= {name: value for name, value in stamps.items() if name in row}

    def _journal_all(self, op: str, rows: Sequence[tuple[str, Row]], hand: Hand) -> None:
        """Every record that somebody could have written; history goes along unsaid."""
        for table, row in rows:
            if "LastModifiedDate" in row:
                self._journal(op, table, row, hand)

    def _journal(self, op: str, table: str, row: Row, hand: Hand, **what: Any) -> None:
        self.org.kernel.journal.append(
            at=self.org.business_now(),
            face="salesforce",
            actor=hand.actor,
            op=op,
            object=table,
            id=row["Id"],
            key=key_of(row),
            fields=what.get("fields", {}),
            before=what.get("before"),
            request_id=hand.request_id,
        )


def key_of(row: Row) -> str | None:
    """Our key on a record: its own field, else the last line of the description."""
    if row.get(KEY_FIELD):
        return str(row[KEY_FIELD])
    lines = str(row.get("Description") or "").rstrip().splitlines()
    last = lines[-1].strip() if lines else ""
    is_key = len(last) == 44 and last.startswith("cl1")  # noqa: PLR2004 - prefix, kind, digest
    return last if is_key and all(c in "0123456789abcdef" for c in last[4:]) else None
