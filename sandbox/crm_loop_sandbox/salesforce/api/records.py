"""Single records: create, read, update, delete, upsert by external id."""

from typing import Any
from urllib.parse import unquote

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import ApiError, RowError, no_such_column, not_found
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.org import Row, named
from crm_loop_sandbox.salesforce.soql.projection import attributes


def table_named(call: Call) -> str:
    table = named(call.org, call.names["table"])
    if table is None:
        raise not_found()
    return table


def create(call: Call) -> Reply:
    table = table_named(call)
    row = _alone(lambda: call.writer.create(table, call.record(), call.hand))
    place = f"/services/data/{call.version}/sobjects/{table}/{row['Id']}"
    payload = {"id": row["Id"], "success": True, "errors": []}
    return Reply(payload, 201, {"Location": place})


def read(call: Call) -> Reply:
    table = table_named(call)
    row = _alone(lambda: call.writer.living(table, call.names["id"]))
    if not call.viewer.may_read(table, row):
        raise not_found()
    return Reply(_shown(call, table, row))


def update(call: Call) -> Reply:
    table = table_named(call)
    _alone(lambda: call.writer.update(table, call.names["id"], call.record(), call.hand))
    return Reply(None, 204)


def delete(call: Call) -> Reply:
    table = table_named(call)
    _alone(lambda: call.writer.delete(table, call.names["id"], call.hand))
    return Reply(None, 204)


def read_by_key(call: Call) -> Reply:
    table = table_named(call)
    rows = find_external(call, table, call.names["field"], unquote(call.names["value"]))
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return _several(call, table, rows)
    return Reply(_shown(call, table, rows[0]))


def upsert(call: Call) -> Reply:
    table = table_named(call)
    field, value = call.names["field"], unquote(call.names["value"])
    if field.lower() == "id":
        call.names = {**call.names, "id": value}
        return update(call)
    rows = find_external(call, table, field, value)
    if len(rows) > 1:
        return _several(call, table, rows)
    if rows:
        _alone(lambda: call.writer.update(table, rows[0]["Id"], call.record(), call.hand))
        return _updated(call, rows[0])
    if call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    made = _alone(lambda: call.writer.create(table, {**call.record(), field: value}, call.hand))
    payload = {"id": made["Id"], "success": True, "errors": [], "created": True}
    place = f"/services/data/{call.version}/sobjects/{table}/{made['Id']}"
    return Reply(payload, 201, {"Location": place})


def _updated(call: Call, row: Row) -> Reply:
    # Before version 46 an update said nothing.
    if call.version_number < 46:  # noqa: PLR2004 - the platform's
        return Reply(None, 204)
    return Reply({"id": row["Id"], "success": True, "errors": [], "created": False})


def _several(call: Call, table: str, rows: list[Row]) -> Reply:
    base = f"/services/data/{call.version}/sobjects/{table}"
    return Reply([f"{base}/{row['Id']}" for row in rows], 300)


def delete_by_key(call: Call) -> Reply:
    table = table_named(call)
    rows = find_external(call, table, call.names["field"], unquote(call.names["value"]))
    if not rows:
        raise not_found()
    _alone(lambda: call.writer.delete(table, rows[0]["Id"], call.hand))
    return Reply(None, 204)


def find_external(call: Call, table: str, field: str, value: str) -> list[Row]:
    """Live rows by an external id field; refuses a field that is none."""
    known = {name.lower(): found for name, found in call.org.visible_fields(table).items()}
    found = known.get(field.lower())
    if found is None or not (found.external or found.unique):
        message = f"Provided external ID field does not exist or is not accessible: {field}"
        raise ApiError(404, [{"errorCode": "NOT_FOUND", "message": message}])
    if found.unique:
        row = call.org.holder(table, found.name, value)
        return [row] if row is not None and type(row).__name__ == table else []
    return [
        row
        for row in call.org.tables[table].values()
        if str(row[found.name] or "").lower() == value.lower() and not row.get("IsDeleted")
    ]


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
