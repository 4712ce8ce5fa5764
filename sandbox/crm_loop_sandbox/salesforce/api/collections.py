"""sObject Collections: up to 200 rows in one call, each with its own outcome."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from crm_loop_sandbox.salesforce.api.records import find_external, row_of, table_named
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError, RowError, error, no_such_column
from crm_loop_sandbox.salesforce.ids import table_of
from crm_loop_sandbox.salesforce.org import named
from crm_loop_sandbox.salesforce.soql.projection import attributes

ROWS = 200
READ_IDS = 2000
#: Changes of object from one row to the next.
CHUNKS = 10

Act = Callable[[dict[str, Any]], dict[str, Any]]


def create(call: Call) -> Reply:
    records = _records(call)
    twice = _values_twice(call, records)

    def one(record: dict[str, Any]) -> dict[str, Any]:
        table = _table(call, record)
        _refuse_twice(record, twice)
        row = call.writer.create(table, record, call.hand)
        return {"id": row["Id"], "success": True, "errors": []}

    return Reply(_each(call, records, one))


def update(call: Call) -> Reply:
    def one(record: dict[str, Any]) -> dict[str, Any]:
        record_id = record.get("Id") or record.get("id")
        if not record_id:
            raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
        row = call.writer.update(_table(call, record), record_id, record, call.hand)
        return {"id": row["Id"], "success": True, "errors": []}

    return Reply(_each(call, _records(call), one))


def upsert(call: Call) -> Reply:
    table, field = table_named(call), call.names["field"]
    records = _records(call)
    twice = _values_twice(call, records)
    if field.lower() != "id":
        find_external(call, table, field, "")

    def one(record: dict[str, Any]) -> dict[str, Any]:
        _refuse_twice(record, twice)
        record_id = _target(call, table, field, record)
        if record_id is not None:
            others = {name: given for name, given in record.items() if name != field}
            row = call.writer.update(table, record_id, others, call.hand)
            return {"id": row["Id"], "success": True, "errors": [], "created": False}
        made = call.writer.create(table, record, call.hand)
        return {"id": made["Id"], "success": True, "errors": [], "created": True}

    return Reply(_each(call, records, one))


def _target(call: Call, table: str, field: str, record: dict[str, Any]) -> str | None:
    """The id of the row to update, None for a row to create."""
    if field.lower() == "id":
        record_id = record.get("Id") or record.get("id")
        return None if record_id is None else str(record_id)
    value = record.get(field)
    if value in (None, ""):
        raise RowError("MISSING_ARGUMENT", f"{field} not specified")
    rows = find_external(call, table, field, str(value))
    if len(rows) > 1:
        message = f"{field}: more than one record found for external id field"
        raise RowError("DUPLICATE_EXTERNAL_ID", message, [field])
    return str(rows[0]["Id"]) if rows else None


def delete(call: Call) -> Reply:
    ids = [one for one in call.query.get("ids", "").split(",") if one]
    if not ids or len(ids) > ROWS:
        raise _too_many() if ids else _too_few()

    def one(record: dict[str, Any]) -> dict[str, Any]:
        table = table_of(record["Id"])
        if table is None or table not in call.org.schema:
            raise RowError("MALFORMED_ID", f"malformed id {record['Id']}")
        call.writer.delete(table, record["Id"], call.hand)
        return {"id": record["Id"], "success": True, "errors": []}

    together = call.query.get("allOrNone", "").lower() == "true"
    return Reply(_each(call, [{"Id": record_id} for record_id in ids], one, together=together))


def read(call: Call) -> Reply:
    table = table_named(call)
    given = call.record() if call.method == "POST" else {}
    ids = given.get("ids") or [one for one in call.query.get("ids", "").split(",") if one]
    fields = given.get("fields") or call.query.get("fields", "Id").split(",")
    if len(ids) > (READ_IDS if call.method == "POST" else ROWS * 4):
        raise _too_many()
    known = {name.lower(): name for name in call.org.visible_fields(table)}
    wanted = [known.get(str(name).lower()) for name in fields]
    for asked, name in zip(fields, wanted, strict=True):
        if name is None:
            raise no_such_column(str(asked), table)
    found: list[dict[str, Any] | None] = []
    for record_id in ids:
        row = row_of(call, table, record_id)
        if row is None or row.get("IsDeleted") or not call.viewer.may_read(table, row):
            found.append(None)
            continue
        shown = {"attributes": attributes(table, row["Id"], call.version)}
        found.append(shown | {str(name): row[str(name)] for name in ("Id", *wanted)})
    return Reply(found)


def _records(call: Call) -> list[dict[str, Any]]:
    records = call.record().get("records")
    if not records:
        raise _too_few()
    if len(records) > ROWS:
        raise _too_many()
    types = [(record.get("attributes") or {}).get("type") for record in records]
    if sum(one != other for one, other in pairwise(types)) >= CHUNKS:
        message = f"Too many chunks: at most {CHUNKS} changes of object in one request"
        raise error(400, "LIMIT_EXCEEDED", message)
    return list(records)


def _table(call: Call, record: dict[str, Any]) -> str:
    name = (record.get("attributes") or {}).get("type")
    table = named(call.org, str(name)) if name else None
    if table is None:
        raise RowError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return table


def _values_twice(call: Call, records: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Unique values that stand in several rows: each of these rows fails."""
    unique = {
        field.name for fields in call.org.schema.values() for field in fields.values()
        if field.unique
    }  # fmt: skip
    values = Counter(
        (name, str(value).lower())
        for record in records
        for name, value in record.items()
        if name in unique and value
    )
    return {value for value, count in values.items() if count > 1}


def _refuse_twice(record: dict[str, Any], twice: set[tuple[str, str]]) -> None:
    for name, value in record.items():
        if twice and (name, str(value).lower()) in twice:
            message = f"Duplicate external id specified: {value}"
            raise RowError("DUPLICATE_VALUE", message, [name])


def _each(
    call: Call, records: list[dict[str, Any]], act: Act, *, together: bool | None = None
) -> list[dict[str, Any]]:
    """Every row on its own, whatever became of its neighbours; or all or none of them."""
    if together is None:
        together = bool(call.record().get("allOrNone"))
    undo = call.org.begin() if together and call.org.undo is None else None
    acts = [act] * len(records)
    if call.takes("partial_batch"):
        acts[-1] = _spoiled
    outcomes = []
    for one, record in zip(acts, records, strict=True):
        try:
            outcomes.append(one(record))
        except RowError as refused:
            outcomes.append({"success": False, "errors": [refused.in_row()]})
    if together and not all(one["success"] for one in outcomes):
        if undo is not None:
            undo.take_back()
        return [_rolled_back() if one["success"] else one for one in outcomes]
    if undo is not None:
        call.org.undo = None
    return outcomes


def _spoiled(_record: dict[str, Any]) -> dict[str, Any]:
    message = "The record couldn't be saved because it failed to trigger a flow."
    raise RowError("CANNOT_EXECUTE_FLOW_TRIGGER", message)


def _rolled_back() -> dict[str, Any]:
    message = (
        "Record rolled back because not all records were valid and the request was using AllOrNone "
        "header"
    )
    refused = RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", message)
    return {"success": False, "errors": [refused.in_row()]}


def _too_few() -> ApiError:
    return error(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")


def _too_many() -> ApiError:
    message = f"EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than {ROWS} records"
    return error(400, "EXCEEDED_ID_LIMIT", message)
