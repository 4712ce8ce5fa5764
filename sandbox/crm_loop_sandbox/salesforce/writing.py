"""Every change of a row, whoever makes it: checked, stamped, with what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_loop_sandbox.salesforce import stages
from crm_loop_sandbox.salesforce.checks import check_values, cleaned
from crm_loop_sandbox.salesforce.errors import RowError
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.org import KEY_FIELD, KEYED, Org, Row


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes: `actor` is api or people, `user` the id that goes into the audit fields."""

    actor: str
    user: str
    request_id: str | None = None


class Writer:
    """Creates, changes and deletes rows of one org."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def create(self, table: str, values: Mapping[str, Any], hand: Hand) -> Row:
        fields = cleaned(self.org, table, values, creating=True)
        check_values(self.org, table, fields, creating=True)
        self._check_key(table, fields, None)
        row: Row = dict.fromkeys(self.org.schema[table])
        row |= self._defaults(table, hand) | fields
        row["Id"] = self.org.new_id(table, *self._subject(fields))
        row["CreatedDate"], row["CreatedById"] = self.org.now, hand.user
        self._stamp(row, hand)
        stages.after_save(self.org, table, row, None, hand.user)
        self.org.put(table, row)
        self._journal("create", table, row, fields, None, hand)
        return row

    def update(self, table: str, record_id: str, values: Mapping[str, Any], hand: Hand) -> Row:
        row = self.living(table, record_id)
        fields = cleaned(self.org, table, values, creating=False)
        check_values(self.org, table, fields, creating=False)
        self._check_key(table, fields, row)
        before = {name: row.get(name) for name in fields}
        was = dict(row)
        row |= fields
        self._stamp(row, hand)
        stages.after_save(self.org, table, row, was, hand.user)
        self.org.put(table, row)
        self._journal("update", table, row, fields, before, hand)
        return row

    def delete(self, table: str, record_id: str, hand: Hand) -> None:
        row = self.living(table, record_id)
        row["IsDeleted"] = True
        self._stamp(row, hand)
        if table == "Opportunity":
            for history_id in self.org.history.get(row["Id"], ()):
                history = self.org.get(history_id)
                if history is not None:
                    history["IsDeleted"] = True
                    history["SystemModstamp"] = self.org.now
        self._journal("delete", table, row, {}, None, hand)

    def undelete(self, table: str, record_id: str, hand: Hand) -> Row:
        row = self.org.tables[table][long_id(record_id)]
        row["IsDeleted"] = False
        self._stamp(row, hand)
        self.org.put(table, row)
        self._journal("undelete", table, row, {}, None, hand)
        return row

    def living(self, table: str, record_id: str) -> Row:
        """The row, or the refusal that a caller gets when there is none any more."""
        row = self.org.tables.get(table, {}).get(long_id(record_id))
        if row is None:
            message = "The requested resource does not exist"
            raise RowError("NOT_FOUND", message, status=404)
        if row.get("IsDeleted"):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return row

    def _check_key(self, table: str, fields: Row, row: Row | None) -> None:
        key = fields.get(KEY_FIELD)
        if not key or table not in KEYED:
            return
        found = self.org.by_key(str(key))
        if found is not None and (row is None or found[1]["Id"] != row["Id"]):
            message = (
                f"duplicate value found: {KEY_FIELD} duplicates value on record with id: "
                f"{found[1]['Id'][:15]}"
            )
            raise RowError("DUPLICATE_VALUE", message)

    def _subject(self, fields: Row) -> tuple[str, ...]:
        # A record of ours gets the same id in every run; a second one after a delete does not.
        key = fields.get(KEY_FIELD)
        if not key:
            return ()
        count = self.org.kernel.scratch.setdefault("sf.keyed", {})
        count[key] = count.get(key, 0) + 1
        return (str(key), str(count[key]))

    def _defaults(self, table: str, hand: Hand) -> Row:
        row: Row = {}
        fields = self.org.schema[table]
        if "IsDeleted" in fields:
            row["IsDeleted"] = False
        if "OwnerId" in fields:
            row["OwnerId"] = hand.user
        for name, field in fields.items():
            if field.type == "bool" and name != "IsDeleted":
                row[name] = False
        if table == "Task":
            row |= {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"}
        if table == "Event":
            row |= {"EventSubtype": "Event"}
        return row

    def _stamp(self, row: Row, hand: Hand) -> None:
        row["LastModifiedDate"] = row["SystemModstamp"] = self.org.now
        row["LastModifiedById"] = hand.user

    def _journal(
        self,
        op: str,
        table: str,
        row: Row,
        fields: Mapping[str, Any],
        before: Mapping[str, Any] | None,
        hand: Hand,
    ) -> None:
        self.org.kernel.journal.append(
            at=self.org.business_now(),
            face="salesforce",
            actor=hand.actor,
            op=op,
            object=table,
            id=row["Id"],
            key=key_of(row),
            fields=fields,
            before=before,
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
