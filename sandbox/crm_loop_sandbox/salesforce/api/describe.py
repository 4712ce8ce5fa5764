"""What there is: versions, resources, objects and their fields."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from crm_loop_sandbox.salesforce.api.described_fields import described
from crm_loop_sandbox.salesforce.api.records import table_named
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.ids import PREFIXES
from crm_loop_sandbox.salesforce.org import named
from crm_loop_sandbox.salesforce.soql.children import relationships

FIRST_VERSION, LAST_VERSION = 20, 68
#: The org's metadata has not changed since.
_UNCHANGED_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")


def versions() -> Reply:
    numbers = range(FIRST_VERSION, LAST_VERSION + 1)
    return Reply(
        [
            {"label": _season(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
            for n in numbers
        ]
    )


def _season(number: int) -> str:
    """Version 20 was Winter '11; three come a year."""
    turns = number - 20 + 2
    return f"{_SEASONS[turns % 3]} '{10 + turns // 3 + (turns % 3 == 2):02d}"  # noqa: PLR2004


def resources(call: Call) -> Reply:
    base = f"/services/data/{call.version}"
    identity = f"{call.base_url}/id/{call.org.org_id}/{call.user}"
    return Reply({name: f"{base}/{name}" for name in _RESOURCES} | {"identity": identity})


def everything(call: Call) -> Reply:
    if _unchanged(call):
        return Reply(None, 304)
    names = [name for name in sorted(call.org.schema) if named(call.org, name)]
    found = [_summary(call, name) for name in names]
    return Reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found}, 200, _since())


def basic(call: Call) -> Reply:
    table = table_named(call)
    return Reply({"objectDescribe": _summary(call, table), "recentItems": []})


def one(call: Call) -> Reply:
    table = table_named(call)
    if _unchanged(call):
        return Reply(None, 304)
    fields = [described(call.org, table, f) for f in call.org.visible_fields(table).values()]
    children = [
        {
            "cascadeDelete": call.org.schema[child][field].required,
            "childSObject": child,
            "deprecatedAndHidden": False,
            "field": field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": name,
            "restrictedDelete": False,
        }
        for name, child, field in relationships(call.org, table)
    ]
    shown = _summary(call, table) | {
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": True,
        "fields": fields,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master(call, table)],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All", "name": "everything"}],
    }
    return Reply(shown, 200, _since())


def _unchanged(call: Call) -> bool:
    # What a fault has hidden or renamed is a change, whatever the caller knows.
    altered = ("sf.hidden", "sf.hidden_objects", "sf.statuses", "sf.deployed")
    known = call.headers.get("if-modified-since")
    if not known or any(name in call.org.kernel.scratch for name in altered):
        return False
    return parsedate_to_datetime(known) >= _UNCHANGED_SINCE


def _since() -> dict[str, str]:
    return {"Last-Modified": format_datetime(_UNCHANGED_SINCE, usegmt=True)}


def _master(call: Call, table: str) -> dict[str, Any]:
    """The one record type that every object has."""
    base = f"/services/data/{call.version}/sobjects/{table}"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {"layout": f"{base}/describe/layouts/012000000000000AAA"},
    }


#: What is the same for every object here.
_ALWAYS: Mapping[str, Any] = {
    "activateable": False,
    "associateEntityType": None,
    "associateParentEntity": None,
    "customSetting": False,
    "deepCloneable": False,
    "deprecatedAndHidden": False,
    "feedEnabled": False,
    "hasSubtypes": False,
    "isInterface": False,
    "isSubtype": False,
    "queryable": True,
    "retrieveable": True,
}


def _summary(call: Call, table: str) -> dict[str, Any]:
    fields = call.org.schema[table]
    writable = any(field.createable for field in fields.values())
    deletable = "IsDeleted" in fields and writable
    base = f"/services/data/{call.version}/sobjects/{table}"
    label = fields.label or _label(table)
    by_writing = ("createable", "layoutable", "mruEnabled", "searchable", "triggerable")
    shown = {
        **_ALWAYS,
        **dict.fromkeys(by_writing, writable),
        "custom": table.endswith("__c"),
        "deletable": deletable,
        "keyPrefix": PREFIXES.get(table),
        "label": label,
        "labelPlural": f"{label[:-1]}ies" if label.endswith("y") else f"{label}s",
        "mergeable": table in ("Account", "Contact", "Lead"),
        "name": table,
        "replicateable": "SystemModstamp" in fields,
        "undeletable": deletable,
        "updateable": any(field.updateable for field in fields.values()),
        "urls": {
            "describe": f"{base}/describe",
            "rowTemplate": base + "/{ID}",
            "sobject": base,
        },
    }
    return dict(sorted(shown.items()))


def _label(table: str) -> str:
    words = "".join(f" {c}" if c.isupper() else c for c in table.removesuffix("__c"))
    return words.replace("_", " ").strip()
