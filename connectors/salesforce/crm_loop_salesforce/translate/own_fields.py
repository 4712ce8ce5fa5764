"""Fields of the org's own: which objects they stand on, and what a row has in them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from crm_loop.records import Account, Activity, Lead, Task
from crm_loop_salesforce.translate import names
from crm_loop_salesforce.translate.values import Row, as_text

T = TypeVar("T", Account, Activity, Activity | None, Lead, Task)

#: Objects on which the fields of a setting may stand; one of them is enough.
OBJECTS: Mapping[str, tuple[str, ...]] = {
    "deal": (names.OPPORTUNITIES.name,),
    "activity": (names.EVENTS.name, names.CALLS.name, names.EMAILS.name),
    "task": (names.TASKS.name,),
    "lead": (names.LEADS.name,),
    "account": (names.ACCOUNTS.name,),
}


def with_own(record: T, row: Row, fields: Mapping[str, str]) -> T:
    """The record with what the row has in these fields, by our names; text as it is written."""
    if record is None or not fields:
        return record
    return replace(record, custom={name: as_text(row.get(of)) for name, of in fields.items()})
