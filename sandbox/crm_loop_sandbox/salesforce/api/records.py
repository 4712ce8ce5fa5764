"""Single records: create, read, update, delete, upsert by external id."""

from typing import Any
from urllib.parse import unquote

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError, RowError, no_such_column, not_found
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.org import Row
from crm_loop_sandbox.salesforce.soql.run import attributes


def table_named(call: Call) -> str:
    wanted = call.names["table"].lower()
    table = next((name for name in call.org.schema if name.lower() == wanted), None)
    if table is None or table in call.org.kernel.scratch.get("sf.hidden_objects", ()):
        raise not_found()
    return table


def create(call: Call) -> Reply:
    table = table_named(call)
    row = _alone(lambda: call.writer.create(table, call.json(), call.hand))
    place = f"/services/data/{call.version}/sobjects/{table}/{row['Id']}"
    payload = {"id": row["Id"], "success": True, "errors": []}
    return Reply(payload, 201, {"Location": place})


def read(call: Call) -> Reply:
    table = table_named(call)
    row = _alone(lambda: call.writer.living(table, call.names["id"]))
    return Reply(_shown(call, table, row))


def update(call: Call) -> Reply:
    table = table_named(call)
    _alone(lambda: call.writer.update(table, call.names["id"], call.json(), call.hand))
    return Reply(None, 204)


def delete(call: Call) -> Reply:
    table = table_named(call)
    _alone(lambda: call.writer.delete(table, call.names["id"], call.hand))
    return Reply(None, 204)


def read_by_key(call: Call) -> Reply:
    table = table_named(call)
    row = find_external(call, table, call.names["field"], unquote(call.names["value"]))
    if row is None:
        raise not_found()
    return Reply(_shown(call, table, row))


def upsert(call: Call) -> Reply:
    table = table_named(call)
    field, value = call.names["field"], unquote(call.names["value"])
    if field.lower() == "id":
        call.names = {**call.names, "id": value}
        return update(call)
    row = find_external(call, table, field, value)
    if row is not None:
        _alone(lambda: call.writer.update(table, row["Id"], call.json(), call.hand))
        return Reply({"id": row["Id"], "success": True, "errors": [], "created": False})
    if call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    values = call.json() | {field: value}
    made = _alone(lambda: call.writer.create(table, values, call.hand))
    payload = {"id": made["Id"], "success": True, "errors": [], "created": True}
    return Reply(payload, 201)


def find_external(call: Call, table: str, field: str, value: str) -> Row | None:
    """A live row by an external id field; refuses a field that is none."""
    known = {name.lower(): found for name, found in call.org.visible_fields(table).items()}
    found = known.get(field.lower())
    if found is None or not found.unique:
        message = f"Provided external ID field does not exist or is not accessible: {field}"
        raise ApiError(404, [{"errorCode": "NOT_FOUND", "message": message}])
    record_id = call.org.keys.get(table, {}).get(value.lower())
    row = call.org.tables[table].get(record_id or "")
    return None if row is None or row.get("IsDeleted") else row


def _shown(call: Call, table: str, row: Row) -> dict[str, Any]:
    fields = call.org.visible_fields(table)
    wanted = [name for name in call.query.get("fields", "").split(",") if name]
    for name in wanted:
        if name not in fields:
            raise no_such_column(name, table)
    names = wanted or list(fields)
    shown = {"attributes": attributes(table, row["Id"], call.version)}
    return shown | {name: row.get(name) for name in (*names, "Id")}


def _alone(act: Any) -> Any:
    try:
        return act()
    except RowError as refused:
        raise refused.alone() from None


def row_of(call: Call, table: str, record_id: str) -> Row | None:
    return call.org.tables[table].get(long_id(record_id))
