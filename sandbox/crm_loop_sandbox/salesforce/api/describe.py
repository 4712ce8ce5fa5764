"""What there is: versions, resources, objects and their fields."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from crm_loop_sandbox.salesforce.api.records import table_named
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.checks import TASK_STATUSES
from crm_loop_sandbox.salesforce.ids import PREFIXES
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.schema import Field

FIRST_VERSION, LAST_VERSION = 20, 68
#: The org's metadata has not changed since.
_UNCHANGED_SINCE = datetime(2020, 1, 1, tzinfo=UTC)

_XSD = {
    "id": "tns:ID",
    "ref": "tns:ID",
    "bool": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
}
_TYPES = {"ref": "reference", "bool": "boolean"}
_LENGTHS = {"id": 18, "ref": 18, "picklist": 255, "email": 80, "phone": 40}


def versions() -> Reply:
    numbers = range(FIRST_VERSION, LAST_VERSION + 1)
    return Reply(
        [{"label": f"v{n}", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers]
    )


def resources(call: Call) -> Reply:
    names = ("sobjects", "query", "queryAll", "composite", "limits")
    return Reply({name: f"/services/data/{call.version}/{name}" for name in names})


def everything(call: Call) -> Reply:
    hidden = call.org.kernel.scratch.get("sf.hidden_objects", ())
    names = [name for name in sorted(call.org.schema) if name not in hidden]
    found = [_summary(call, name) for name in names]
    return Reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})


def basic(call: Call) -> Reply:
    table = table_named(call)
    return Reply({"objectDescribe": _summary(call, table), "recentItems": []})


def one(call: Call) -> Reply:
    table = table_named(call)
    known = call.headers.get("if-modified-since")
    if known and parsedate_to_datetime(known) >= _UNCHANGED_SINCE:
        return Reply(None, 304)
    fields = [_field(call.org, f) for f in call.org.visible_fields(table).values()]
    shown = _summary(call, table) | {
        "fields": fields,
        "recordTypeInfos": [],
        "childRelationships": [],
    }
    return Reply(shown, 200, {"Last-Modified": format_datetime(_UNCHANGED_SINCE, usegmt=True)})


def _summary(call: Call, table: str) -> dict[str, Any]:
    fields = call.org.schema[table]
    writable = any(field.createable for field in fields.values())
    base = f"/services/data/{call.version}/sobjects/{table}"
    return {
        "name": table,
        "label": table,
        "labelPlural": f"{table}s",
        "keyPrefix": PREFIXES.get(table),
        "custom": table.endswith("__c"),
        "createable": writable,
        "updateable": writable,
        "deletable": "IsDeleted" in fields and writable,
        "queryable": True,
        "retrieveable": True,
        "replicateable": "SystemModstamp" in fields,
        "undeletable": "IsDeleted" in fields and writable,
        "searchable": writable,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": base + "/{ID}",
        },
    }


def _field(org: Org, field: Field) -> dict[str, Any]:
    text = field.type in ("string", "textarea")
    return {
        "name": field.name,
        "label": field.name.removesuffix("__c").replace("_", " "),
        "type": _TYPES.get(field.type, field.type),
        "soapType": _XSD.get(field.type, "xsd:double" if not text else "xsd:string"),
        "length": field.length or _LENGTHS.get(field.type, 0),
        "byteLength": (field.length or _LENGTHS.get(field.type, 0)) * 3,
        "precision": 18 if field.type == "currency" else 0,
        "scale": 2 if field.type == "currency" else 0,
        "nillable": not field.required and field.type not in ("id", "bool"),
        "createable": field.createable,
        "updateable": field.updateable,
        "filterable": field.filterable,
        "sortable": field.filterable,
        "groupable": field.filterable and field.type not in ("currency", "datetime"),
        "custom": field.name.endswith("__c"),
        "calculated": False,
        "defaultedOnCreate": field.type == "bool"
        or field.name in ("OwnerId", "Status", "Priority"),
        "externalId": field.unique,
        "unique": field.unique,
        "idLookup": field.unique or field.type == "id",
        "caseSensitive": False,
        "referenceTo": [target for target in field.targets if target in org.schema],
        "relationshipName": field.relationship,
        "polymorphicForeignKey": len(field.targets) > 1,
        "picklistValues": _values(org, field),
    }


def _values(org: Org, field: Field) -> list[dict[str, Any]]:
    if field.type != "picklist":
        return []
    names: list[str] = []
    if field.name == "StageName":
        names = [row["ApiName"] for row in org.tables["OpportunityStage"].values()]
    elif field.name == "Status":
        names = list(org.kernel.scratch.get("sf.statuses", TASK_STATUSES))
    elif field.name == "Priority":
        names = ["Normal", "High", "Low"]
    return [
        {"active": True, "defaultValue": place == 0, "label": name, "value": name, "validFor": None}
        for place, name in enumerate(names)
    ]
