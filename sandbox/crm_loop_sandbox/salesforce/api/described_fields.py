"""One field as describe shows it."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.salesforce.checks import TASK_STATUSES
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.schema import Field

_TYPES = {"ref": "reference", "bool": "boolean", "any": "anyType"}
_SOAP = {
    "id": "tns:ID",
    "ref": "tns:ID",
    "bool": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "double": "xsd:double",
    "address": "urn:address",
    "any": "xsd:anyType",
}
_LENGTHS = {"id": 18, "ref": 18, "picklist": 255, "email": 80, "phone": 40, "url": 255}
_NUMBERS = ("currency", "percent", "double")
_NOT_GROUPED = (*_NUMBERS, "datetime", "address", "textarea", "any")
_FILLED = ("OwnerId", "Status", "Priority", "CurrencyIsoCode")


#: What is the same for every field here.
_ALWAYS: Mapping[str, Any] = {
    "aiPredictionField": False,
    "caseSensitive": False,
    "compoundFieldName": None,
    "controllerName": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}


def described(org: Org, table: str, field: Field) -> dict[str, Any]:
    """Flags, type, length and values of a field, by name."""
    shown = {**_ALWAYS, **_kind(field), **_use(field), **_reference(org, field)}
    shown |= {
        "autoNumber": field.name == "Name" and table.endswith("__c") and not field.createable,
        "custom": field.name.endswith("__c"),
        "label": field.label or _label(field.name),
        "name": field.name,
        "nameField": field.name in ("Name", "Subject"),
        "picklistValues": _values(org, table, field),
        "restrictedPicklist": field.restricted,
    }
    return dict(sorted(shown.items()))


def _kind(field: Field) -> dict[str, Any]:
    length = field.length or _LENGTHS.get(field.type, 0)
    number = field.type in _NUMBERS
    return {
        "byteLength": length * 3,
        "digits": 9 if field.type == "int" else 0,
        "length": length,
        "precision": 18 if number else 0,
        "scale": field.scale if number else 0,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "type": _TYPES.get(field.type, field.type),
    }


def _use(field: Field) -> dict[str, Any]:
    return {
        "aggregatable": field.filterable and field.type not in ("bool", "textarea"),
        "calculated": "f" in field.flags,
        "calculatedFormula": field.formula or None,
        "createable": field.createable,
        "defaultValue": False if field.type == "bool" else None,
        "defaultedOnCreate": field.type == "bool" or field.name in _FILLED,
        "externalId": field.external,
        "filterable": field.filterable,
        "groupable": field.filterable and field.type not in _NOT_GROUPED,
        "idLookup": field.external or field.unique or field.type == "id",
        "nillable": not field.required and field.type not in ("id", "bool"),
        "permissionable": not field.required and field.type != "id",
        "sortable": field.filterable,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _reference(org: Org, field: Field) -> dict[str, Any]:
    return {
        "cascadeDelete": field.required and bool(field.targets),
        "namePointing": len(field.targets) > 1,
        "polymorphicForeignKey": len(field.targets) > 1,
        "referenceTo": [target for target in field.targets if target in org.schema],
        "relationshipName": field.relationship,
    }


def _label(name: str) -> str:
    text = name.removesuffix("__c").removesuffix("Id").replace("_", " ")
    words = "".join(f" {c}" if c.isupper() and text[:1] != c else c for c in text)
    return " ".join(words.split()) or name


def _values(org: Org, table: str, field: Field) -> list[dict[str, Any]]:
    if field.type != "picklist":
        return []
    names = list(field.values) or _known(org, table, field.name)
    return [
        {"active": True, "defaultValue": place == 0, "label": name, "validFor": None, "value": name}
        for place, name in enumerate(names)
    ]


def _known(org: Org, table: str, name: str) -> list[str]:
    if name == "StageName":
        return [row["ApiName"] for row in org.tables["OpportunityStage"].values()]
    if name == "CurrencyIsoCode":
        return [row["IsoCode"] for row in org.tables.get("CurrencyType", {}).values()]
    if (table, name) == ("Task", "Status"):
        return list(org.kernel.scratch.get("sf.statuses", TASK_STATUSES))
    return list(_STANDARD.get((table, name), _STANDARD.get(("", name), ())))


_STANDARD: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "Priority"): ("Normal", "High", "Low"),
    ("", "TaskSubtype"): ("Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn"),
    ("", "EventSubtype"): ("Event",),
    ("", "CallType"): ("Internal", "Inbound", "Outbound"),
    ("", "ForecastCategory"): ("Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast",
                               "Closed"),
    ("", "ForecastCategoryName"): ("Omitted", "Pipeline", "Best Case", "Most Likely", "Commit",
                                   "Closed"),
    ("", "LeadSource"): ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"),
    ("", "ShowAs"): ("Busy", "OutOfOffice", "Free"),
    ("Opportunity", "Type"): ("Existing Business", "New Business"),
    ("Lead", "Status"): ("Open - Not Contacted", "Working - Contacted", "Closed - Converted",
                         "Closed - Not Converted"),
    ("Quote", "Status"): ("Draft", "Needs Review", "In Review", "Approved", "Rejected",
                          "Presented", "Accepted", "Denied"),
    ("OpportunityContactRole", "Role"): ("Business User", "Decision Maker", "Economic Buyer",
                                         "Evaluator", "Influencer", "Other"),
}  # fmt: skip
