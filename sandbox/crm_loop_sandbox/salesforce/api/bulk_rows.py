"""One row of an import, in any version of the Bulk API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_loop_sandbox.salesforce.api.records import find_external
from crm_loop_sandbox.salesforce.call import Call
from crm_loop_sandbox.salesforce.errors import ApiError, RowError

#: What stands in a cell that is to become null.
NULL = "#N/A"


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    created: bool = False
    error: str | None = None


def apply_row(
    call: Call, table: str, operation: str, record: Mapping[str, Any], external: str | None
) -> Outcome:
    """Do what the job says with one row; a refusal is part of the outcome."""
    record_id = str(record.get("Id") or record.get("id") or record.get("ID") or "")
    try:
        return _applied(call, table, operation, (record_id, _values(record)), external)
    except RowError as refused:
        fields = ",".join(refused.fields)
        return Outcome(record_id, error=f"{refused.code}:{refused.message}:{fields} --")
    except ApiError as refused:
        first = refused.body[0]
        return Outcome(record_id, error=f"{first['errorCode']}:{first['message']}: --")


def _applied(
    call: Call,
    table: str,
    operation: str,
    row: tuple[str, dict[str, Any]],
    external: str | None,
) -> Outcome:
    record_id, values = row
    writer = call.writer
    if operation == "insert":
        return Outcome(writer.create(table, values, call.hand)["Id"], created=True)
    if operation == "upsert" and external is not None and external.lower() != "id":
        found = find_external(call, table, external, str(values.get(external, "")))
        if not found:
            return Outcome(writer.create(table, values, call.hand)["Id"], created=True)
        record_id = found[0]["Id"]
        values = {name: value for name, value in values.items() if name != external}
    elif operation == "upsert" and not record_id:
        return Outcome(writer.create(table, values, call.hand)["Id"], created=True)
    if not record_id:
        raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
    if operation in ("delete", "hardDelete"):
        writer.delete(table, record_id, call.hand)
        if operation == "hardDelete":
            call.org.drop(table, writer.org.tables[table][record_id])
        return Outcome(record_id)
    return Outcome(writer.update(table, record_id, values, call.hand)["Id"])


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    """An empty cell leaves a field as it is; `Account.Key__c` names a parent."""
    values: dict[str, Any] = {}
    for name, value in record.items():
        if value == "" or name.lower() == "id":
            continue
        given = None if value == NULL else value
        relation, _, field = name.partition(".")
        values[relation] = {field: given} if field else given
    return values
