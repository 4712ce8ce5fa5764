"""Batches of records: read, create, update, upsert, archive."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_loop_sandbox.hubspot.api.joins import read_joins
from crm_loop_sandbox.hubspot.api.objects import find_row, properties_of
from crm_loop_sandbox.hubspot.api.refusals import refuse_row, spoiled
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request
from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.shapes import seen, view, written
from crm_loop_sandbox.hubspot.table import Table

_WITH_HISTORY = 50

#: Applies one checked input and shows the record.
Commit = Callable[[], dict[str, Any]]
Prepare = Callable[[dict[str, Any]], Commit]


def envelope(call: Call, results: list[Any], errors: Sequence[dict[str, Any]] = ()) -> Reply:
    """The answer that every batch has; 207 when some inputs failed."""
    moment = iso(call.portal.now())
    body: dict[str, Any] = {"status": "COMPLETE", "results": results}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    return Reply(body | {"startedAt": moment, "completedAt": moment}, 207 if errors else 200)


def missing_error(label: str, ids: list[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {label} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": ids},
    }


def _read(call: Call) -> Reply:
    kind = call.kind()
    table = call.portal.table(kind)
    body = call.json()
    histories = body.get("propertiesWithHistory") or []
    inputs = call.inputs(_WITH_HISTORY if histories else 100)
    shown_by = view(table, body.get("properties") or [], histories, hide=call.strikes("hide_field"))
    since = call.shelf_life if call.flag("archived") else None
    found: dict[int, Row] = {}
    missing = []
    for name in dict.fromkeys(str(one.get("id", "")) for one in inputs):
        row = find_row(table, name, body.get("idProperty"), archived_since=since)
        if row is None:
            missing.append(name)
        else:
            found[row.id] = row
    errors = [missing_error(kind.label, missing)] if missing else []
    return envelope(call, [seen(row, shown_by) for row in found.values()], errors)


def _create(call: Call) -> Reply:
    kind = call.kind(write=True)
    table = call.portal.table(kind)
    inputs = call.inputs()
    _refuse_twins(table, [properties_of(one) for one in inputs])

    def prepare(item: dict[str, Any]) -> Commit:
        refuse_row(call, item)
        sent = properties_of(item)
        joins = read_joins(call.portal, kind, item.get("associations"))
        call.writer.prepare(kind, sent)
        return lambda: _made(table, call.writer.create(kind, sent, call.hand, joins=joins))

    reply = _run(call, inputs, prepare)
    reply.status = 201 if reply.status == 200 else reply.status  # noqa: PLR2004 - HTTP's own
    return reply


def _made(table: Table, row: Row) -> dict[str, Any]:
    return written(table, row, tuple(row.props))


def _update(call: Call) -> Reply:
    kind = call.kind(write=True)
    table = call.portal.table(kind)

    def prepare(item: dict[str, Any]) -> Commit:
        refuse_row(call, item)
        row = _target(table, item)
        return _changing(call, kind, row, properties_of(item))

    return _run(call, call.inputs(), prepare)


def _target(table: Table, item: dict[str, Any]) -> Row:
    name = str(item.get("id", ""))
    row = find_row(table, name, item.get("idProperty"))
    if row is None:
        error = missing_error(table.kind.label, [name])
        context = {"context": error["context"]}
        raise ApiError(404, error["message"], "OBJECT_NOT_FOUND", details=context)
    return row


def _changing(call: Call, kind: ObjectType, row: Row, sent: dict[str, Any]) -> Commit:
    call.writer.check(kind, row, sent)

    def commit() -> dict[str, Any]:
        touched = call.writer.update(kind, row, sent, call.hand)
        return written(call.portal.table(kind), row, tuple(touched))

    return commit


def _upsert(call: Call) -> Reply:
    kind = call.kind(write=True)
    table = call.portal.table(kind)
    inputs = call.inputs()
    names = [(one.get("idProperty"), str(one.get("id", ""))) for one in inputs]
    if len(set(names)) < len(names):
        raise bad_request("Duplicate ids were found in the batch upsert request")

    def prepare(item: dict[str, Any]) -> Commit:
        refuse_row(call, item)
        unique, value = _unique_of(call, table, item), str(item.get("id", ""))
        row = table.holder(unique, value)
        if row is not None:
            change = _changing(call, kind, row, properties_of(item))
            return lambda: change() | {"new": False}
        sent = properties_of(item) | {unique: value}
        call.writer.prepare(kind, sent)
        return lambda: _made(table, call.writer.create(kind, sent, call.hand)) | {"new": True}

    return _run(call, inputs, prepare)


def _unique_of(call: Call, table: Table, item: dict[str, Any]) -> str:
    unique = str(item.get("idProperty") or "hs_object_id")
    if unique not in table.unique_names:
        raise bad_request(
            f"Unable to perform update/upsert by non-unique {table.kind.id} property {unique} "
            f"in portal ID {call.portal.portal_id}"
        )
    return unique


def _archive(call: Call) -> Reply:
    kind = call.kind(write=True)
    table = call.portal.table(kind)
    for item in call.inputs():
        row = find_row(table, str(item.get("id", "")), None)
        if row is not None:
            call.writer.archive(kind, row, call.hand)
    return Reply(status=204)


def _run(call: Call, inputs: list[dict[str, Any]], prepare: Prepare) -> Reply:
    """All or nothing, unless every input has a trace id of its own."""
    traces = [one.get("objectWriteTraceId") for one in inputs]
    bad = spoiled(call, len(inputs))
    if None in traces or len(set(traces)) < len(traces):
        if bad:
            raise bad[1]
        commits = [prepare(one) for one in inputs]
        return envelope(call, [commit() for commit in commits])
    results, errors = [], []
    for place, (item, trace) in enumerate(zip(inputs, traces, strict=True)):
        try:
            if bad and bad[0] == place:
                raise bad[1]
            results.append(prepare(item)() | {"objectWriteTraceId": trace})
        except ApiError as error:
            errors.append(error.row_error(trace))
    return envelope(call, results, errors)


def _refuse_twins(table: Table, listed: list[dict[str, Any]]) -> None:
    """Two inputs of one batch may not claim the same unique value."""
    for name in table.unique_names:
        values = [one[name] for one in listed if one.get(name)]
        if len(set(values)) < len(values):
            raise bad_request(f"Duplicate values for unique property {name} in one batch")


RULES = tuple(
    Rule("POST", f"crm/objects/{{type}}/batch/{word}", handler)
    for word, handler in (
        ("read", _read),
        ("create", _create),
        ("update", _update),
        ("upsert", _upsert),
        ("archive", _archive),
    )
)
