"""What hangs on a record: goes with it to the recycle bin, comes back with it, moves in a merge."""

from collections.abc import Iterator

from crm_loop_sandbox.salesforce import activity_marks
from crm_loop_sandbox.salesforce.errors import RowError
from crm_loop_sandbox.salesforce.org import Org, Row

MERGED = ("Account", "Contact", "Lead")
MOST_LOSERS = 2
#: Children that are deleted with their parent, and by which field they belong to it.
_OWNED = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId"), ("Quote", "AccountId"),
                ("Task", "WhatId"), ("Event", "WhatId")),
    "Opportunity": (("OpportunityHistory", "OpportunityId"),
                    ("OpportunityFieldHistory", "OpportunityId"),
                    ("OpportunityContactRole", "OpportunityId"),
                    ("OpportunitySplit", "OpportunityId"), ("Quote", "OpportunityId"),
                    ("Task", "WhatId"), ("Event", "WhatId")),
    "Contact": (("OpportunityContactRole", "ContactId"), ("Task", "WhoId"), ("Event", "WhoId")),
    "Lead": (("Task", "WhoId"), ("Event", "WhoId")),
    "CrmLoop_Session__c": (("CrmLoop_Agenda_Item__c", "Session__c"),),
}  # fmt: skip


def bin_with_children(org: Org, table: str, row: Row, user: str) -> list[tuple[str, Row]]:
    """Deletes move SystemModstamp, of the record and of all that goes with it, which is told."""
    found = [(table, row), *_below(org, table, row)]
    gone = [(one_table, one) for one_table, one in found if not one["IsDeleted"]]
    for one_table, one in gone:
        _mark(org, one_table, one, deleted=True, user=user)
        org.bin[one["Id"]] = org.now
    return gone


def restore_with_children(org: Org, table: str, row: Row, user: str) -> list[tuple[str, Row]]:
    """What was deleted in the same moment comes back too, and is told."""
    moment = org.bin.get(row["Id"])
    below = [(one_table, one) for one_table, one in _below(org, table, row)
             if one["IsDeleted"] and org.bin.get(one["Id"]) == moment]  # fmt: skip
    back = [(table, row), *below]
    for one_table, one in back:
        _mark(org, one_table, one, deleted=False, user=user)
        org.bin.pop(one["Id"], None)
    return back


def _below(org: Org, table: str, row: Row) -> Iterator[tuple[str, Row]]:
    for child, field in _OWNED.get(table, ()):
        if child not in org.tables:
            continue
        for one in org.referring(child, field, [row["Id"]]):
            # An activity of a contact stays while it is about something else as well.
            if one[field] != row["Id"] or (field == "WhoId" and one["WhatId"]):
                continue
            yield child, one
            yield from _below(org, child, one)


def _mark(org: Org, table: str, row: Row, *, deleted: bool, user: str) -> None:
    org.changing(row)
    row["IsDeleted"] = deleted
    stamps = {"SystemModstamp": org.now, "LastModifiedDate": org.now, "LastModifiedById": user}
    row |= {name: value for name, value in stamps.items() if name in row}
    org.put(table, row)
    if table in ("Task", "Event"):
        activity_marks.refresh(org, row)


def merge_into(org: Org, table: str, master: Row, loser: Row, user: str) -> None:
    """The loser is deleted and names the master; its children get the master as parent."""
    if master["Id"] == loser["Id"]:
        raise RowError("INVALID_ID_FIELD", "a record cannot be merged with itself")
    for child, fields in org.schema.items():
        for field in fields.values():
            if table in field.targets and field.name != "MasterRecordId":
                _repoint(org, child, field.name, (loser["Id"], master["Id"]))
    org.changing(loser)
    loser["MasterRecordId"] = master["Id"]
    _mark(org, table, loser, deleted=True, user=user)
    org.bin[loser["Id"]] = org.now


def _repoint(org: Org, table: str, field: str, ids: tuple[str, str]) -> None:
    """The platform moves children itself: SystemModstamp tells it, LastModifiedDate does not."""
    old, new = ids
    for row in list(org.referring(table, field, [old])):
        if row[field] == old:
            org.changing(row)
            row[field] = new
            if "SystemModstamp" in row:
                row["SystemModstamp"] = org.now
            org.put(table, row)


def purge_old(org: Org, before: str) -> None:
    """Empty the recycle bin of what was deleted before a moment."""
    for record_id in [one for one, moment in org.bin.items() if moment < before]:
        row = org.get(record_id)
        if row is not None:
            org.drop(type(row).__name__, row)
