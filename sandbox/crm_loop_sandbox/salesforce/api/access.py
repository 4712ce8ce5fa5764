"""`UserRecordAccess`: what one user may do with some records. It is answered, never stored."""

from typing import Any

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error, malformed_query
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.sharing import Viewer
from crm_loop_sandbox.salesforce.soql.parse import Query

NAME = "UserRecordAccess"
MOST = 200


def answer(call: Call, query: Query) -> Reply:
    """One record for each id, in the order of the query."""
    asked = _asked(query.where)
    users, ids = asked.get("userid", []), asked.get("recordid", [])
    if len(users) != 1 or not ids:
        raise malformed_query("Can only be queried by one UserId and by RecordId")
    if len(ids) > MOST:
        raise error(400, "QUERY_TOO_COMPLICATED", f"at most {MOST} RecordIds")
    viewer = Viewer(call.org, long_id(users[0]))
    records = [_shown(call, viewer, long_id(one), query) for one in dict.fromkeys(ids)]
    return Reply({"totalSize": len(records), "done": True, "records": records})


def _asked(where: Any) -> dict[str, list[str]]:
    """Texts by the field that they are compared with."""
    found: dict[str, list[str]] = {}
    for kind, *parts in where[1:] if where and where[0] == "all" else [where or ("none",)]:
        if kind == "compare" and parts[1] == "=":
            found[parts[0][-1].lower()] = [str(parts[2][1])]
        elif kind == "in" and isinstance(parts[1], list):
            found[parts[0][-1].lower()] = [str(text) for _, text in parts[1]]
    return found


def _shown(call: Call, viewer: Viewer, record_id: str, query: Query) -> dict[str, Any]:
    row = call.org.get(record_id)
    table = type(row).__name__
    reads = row is not None and viewer.may_read(table, row)
    edits = row is not None and reads and viewer.may_edit(table, row)
    level = "All" if edits and viewer.sees_all else "Edit" if edits else "Read" if reads else "None"
    values = {
        "recordid": record_id,
        "userid": viewer.user,
        "hasreadaccess": reads,
        "haseditaccess": edits,
        "hasdeleteaccess": edits,
        "hastransferaccess": edits,
        "hasallaccess": edits and viewer.sees_all,
        "maxaccesslevel": level,
    }
    url = f"/services/data/{call.version}/sobjects/{NAME}/{record_id}"
    shown: dict[str, Any] = {"attributes": {"type": NAME, "url": url}}
    names = [item[-1] for item in query.items if isinstance(item, tuple)]
    return shown | {name: values.get(name.lower()) for name in names}
