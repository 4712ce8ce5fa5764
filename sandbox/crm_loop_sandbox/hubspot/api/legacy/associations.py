"""Associations v1: edges by a definition's number."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.object_types import (
    ACTIVITIES,
    COMPANY,
    CONTACT,
    DEAL,
    LINE_ITEM,
    TICKET,
    ObjectType,
)
from crm_loop_sandbox.hubspot.routing import V1, Rule
from crm_loop_sandbox.hubspot.writing import Join

Kinds = tuple[ObjectType, ...]
#: Numbers of this API alone: an engagement is any activity.
_DEFINITIONS: dict[int, tuple[Kinds, Kinds]] = {
    1: ((CONTACT,), (COMPANY,)),
    2: ((COMPANY,), (CONTACT,)),
    3: ((DEAL,), (CONTACT,)),
    4: ((CONTACT,), (DEAL,)),
    5: ((DEAL,), (COMPANY,)),
    6: ((COMPANY,), (DEAL,)),
    7: ((COMPANY,), ACTIVITIES),
    8: (ACTIVITIES, (COMPANY,)),
    9: ((CONTACT,), ACTIVITIES),
    10: (ACTIVITIES, (CONTACT,)),
    11: ((DEAL,), ACTIVITIES),
    12: (ACTIVITIES, (DEAL,)),
    15: ((CONTACT,), (TICKET,)),
    16: ((TICKET,), (CONTACT,)),
    17: ((TICKET,), ACTIVITIES),
    18: (ACTIVITIES, (TICKET,)),
    19: ((DEAL,), (LINE_ITEM,)),
    20: ((LINE_ITEM,), (DEAL,)),
    25: ((COMPANY,), (TICKET,)),
    26: ((TICKET,), (COMPANY,)),
    27: ((DEAL,), (TICKET,)),
    28: ((TICKET,), (DEAL,)),
}
_MOST = 100


def _definition(name: object) -> tuple[Kinds, Kinds]:
    found = _DEFINITIONS.get(int(str(name))) if str(name).isdecimal() else None
    if found is None:
        raise bad_request(f"{name} is not a valid definitionId")
    return found


def _list(call: Call) -> Reply:
    starts, ends = _definition(call.names["definition"])
    call.require(*(kind.read_scope for kind in starts))
    name = call.names["id"]
    row_id = int(name) if name.isdecimal() else 0
    if not any(call.portal.table(kind).get(row_id) for kind in starts):
        raise not_found()
    found = sorted(
        one for start in starts for end in ends for one in call.portal.linked(start, row_id, end)
    )
    offset = call.query.get("offset", "")
    left = [one for one in found if one > (int(offset) if offset.isdecimal() else 0)]
    limit = call.whole("limit", 20, most=_MOST)
    page = left[:limit]
    more = {"hasMore": len(left) > limit, "offset": page[-1] if page else 0}
    return Reply({"results": page, **more})


def _edge(call: Call) -> tuple[ObjectType, int, Join]:
    body: dict[str, Any] = call.json()
    starts, ends = _definition(body.get("definitionId"))
    names = [str(body.get(side, "")) for side in ("fromObjectId", "toObjectId")]
    ids = [int(name) if name.isdecimal() else 0 for name in names]
    start = next((kind for kind in starts if call.portal.table(kind).get(ids[0])), None)
    end = next((kind for kind in ends if call.portal.table(kind).get(ids[1])), None)
    if start is None or end is None:
        raise bad_request("One of the objects does not exist")
    call.require(start.write_scope)
    return start, ids[0], Join(end, ids[1], frozenset())


def _create(call: Call) -> Reply:
    start, row_id, join = _edge(call)
    call.writer.join(start, row_id, join, call.hand)
    return Reply(status=204)


def _delete(call: Call) -> Reply:
    start, row_id, join = _edge(call)
    call.writer.part(start, row_id, join, call.hand)
    return Reply(status=204)


_BASE = "crm-associations/associations"
RULES = (
    Rule("GET", f"{_BASE}/{{id}}/HUBSPOT_DEFINED/{{definition}}", _list, V1),
    Rule("PUT", _BASE, _create, V1),
    Rule("PUT", f"{_BASE}/delete", _delete, V1),
)
