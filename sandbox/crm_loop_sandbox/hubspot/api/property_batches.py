"""Batches of property definitions."""

from typing import Any

from crm_loop_sandbox.hubspot.api.batch import envelope
from crm_loop_sandbox.hubspot.api.properties import define, retire, shape_of, table_of
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError
from crm_loop_sandbox.hubspot.routing import Rule


def _read(call: Call) -> Reply:
    table = table_of(call)
    names = [str(one.get("name", "")) for one in call.inputs()]
    known = [table.properties[name] for name in names if name in table.properties]
    missing = [name for name in names if name not in table.properties]
    errors = [_missing(missing)] if missing else []
    return envelope(call, [shape_of(call, table, one) for one in known], errors)


def _missing(names: list[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Properties do not exist: {', '.join(names)}",
        "context": {"name": names},
    }


def _create(call: Call) -> Reply:
    table = table_of(call, write=True)
    results, errors = [], []
    for body in call.inputs():
        try:
            results.append(define(call, table, body).shape())
        except ApiError as error:
            errors.append(error.row_error(None))
    reply = envelope(call, results, errors)
    reply.status = reply.status if errors else 201
    return reply


def _archive(call: Call) -> Reply:
    table = table_of(call, write=True)
    for one in call.inputs():
        name = str(one.get("name", ""))
        if name in table.properties:
            retire(table, table.properties[name])
    return Reply(status=204)


_BASE = "crm/properties/{type}/batch"
RULES = (
    Rule("POST", f"{_BASE}/read", _read),
    Rule("POST", f"{_BASE}/create", _create),
    Rule("POST", f"{_BASE}/archive", _archive),
)
