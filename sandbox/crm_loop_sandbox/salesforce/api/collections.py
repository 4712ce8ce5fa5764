"""sObject Collections: up to 200 rows in one call, each with its own outcome."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from crm_loop_sandbox.salesforce.api.records import find_external, row_of, table_named
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError, RowError, error
from crm_loop_sandbox.salesforce.ids import table_of
from crm_loop_sandbox.salesforce.org import KEY_FIELD
from crm_loop_sandbox.salesforce.soql.run import attributes

ROWS = 200
READ_IDS = 2000

Act = Callable[[dict[str, Any]], dict[str, Any]]


def create(call: Call) -> Reply:
    records = _records(call)
    twice = _keys_twice(records)

    def one(record: dict[str, Any]) -> dict[str, Any]:
        if str(record.get(KEY_FIELD, "")).lower() in twice:
            message = f"Duplicate external id specified: {record[KEY_FIELD]}"
            raise RowError("DUPLICATE_VALUE", message, [KEY_FIELD])
        row = call.writer.create(_table(call, record), record, call.hand)
        return {"id": row["Id"], "success": True, "errors": []}

    return Reply(_each(records, one))


def update(call: Call) -> Reply:
    def one(record: dict[str, Any]) -> dict[str, Any]:
        record_id = record.get("Id") or record.get("id")
        if not record_id:
            raise RowError("MISSING_ARGUMENT", "Id not specified in an update call")
        call.writer.update(_table(call, record), record_id, record, call.hand)
        return {"id": record_id, "success": True, "errors": []}

    return Reply(_each(_records(call), one))


def upsert(call: Call) -> Reply:
    table, field = table_named(call), call.names["field"]

    def one(record: dict[str, Any]) -> dict[str, Any]:
        value = record.get("Id") if field.lower() == "id" else record.get(field)
        if field.lower() == "id":
            row = row_of(call, table, str(value)) if value else None
        else:
            row = find_external(call, table, field, str(value))
        if row is not None:
            others = {name: given for name, given in record.items() if name != field}
            call.writer.update(table, row["Id"], others, call.hand)
            return {"id": row["Id"], "success": True, "errors": [], "created": False}
        made = call.writer.create(table, record, call.hand)
        return {"id": made["Id"], "success": True, "errors": [], "created": True}

    return Reply(_each(_records(call), one))


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

    return Reply(_each([{"Id": record_id} for record_id in ids], one))


def read(call: Call) -> Reply:
    table = table_named(call)
    given = call.json() if call.method == "POST" else {}
    ids = given.get("ids") or [one for one in call.query.get("ids", "").split(",") if one]
    fields = given.get("fields") or call.query.get("fields", "Id").split(",")
    if len(ids) > READ_IDS:
        raise _too_many()
    found: list[dict[str, Any] | None] = []
    for record_id in ids:
        row = row_of(call, table, record_id)
        if row is None or row.get("IsDeleted"):
            found.append(None)
            continue
        shown = {"attributes": attributes(table, row["Id"], call.version)}
        found.append(shown | {name: row.get(name) for name in fields})
    return Reply(found)


def _records(call: Call) -> list[dict[str, Any]]:
    given = call.json()
    records = given.get("records") if isinstance(given, dict) else None
    if not records:
        raise _too_few()
    if len(records) > ROWS:
        raise _too_many()
    return list(records)


def _table(call: Call, record: dict[str, Any]) -> str:
    name = (record.get("attributes") or {}).get("type", "")
    table = next((one for one in call.org.schema if one.lower() == str(name).lower()), None)
    if table is None:
        raise RowError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return table


def _keys_twice(records: list[dict[str, Any]]) -> set[str]:
    keys = Counter(str(r[KEY_FIELD]).lower() for r in records if r.get(KEY_FIELD))
    return {key for key, count in keys.items() if count > 1}


def _each(records: list[dict[str, Any]], act: Act) -> list[dict[str, Any]]:
    """Every row on its own, whatever became of its neighbours."""
    outcomes = []
    for record in records:
        try:
            outcomes.append(act(record))
        except RowError as refused:
            outcomes.append({"success": False, "errors": [refused.in_row()]})
    return outcomes


def _too_few() -> ApiError:
    return error(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")


def _too_many() -> ApiError:
    message = f"EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than {ROWS} records"
    return error(400, "EXCEEDED_ID_LIMIT", message)
