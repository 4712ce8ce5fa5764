"""What Salesforce refuses: unknown fields, missing ones, wrong values."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_loop_sandbox.salesforce.errors import RowError
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.moments import read, written
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.schema import ACTIVITIES, Field

Values = Mapping[str, Any]

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
TASK_STATUSES = {
    "Not Started": False,
    "In Progress": False,
    "Completed": True,
    "Waiting on someone else": False,
    "Deferred": False,
}


def cleaned(org: Org, table: str, values: Values, *, creating: bool) -> dict[str, Any]:
    """The values in the form in which rows hold them; refuses what may not be written."""
    known = {name.lower(): field for name, field in org.visible_fields(table).items()}
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("attributes", "Id", "id"):
            continue
        field = known.get(name.lower())
        if field is None and isinstance(value, Mapping):
            name, value = _by_external_id(org, table, name, value)  # noqa: PLW2901 - resolved
            field = known.get(name.lower())
        if field is None:
            message = f"No such column '{name}' on sobject of type {table}"
            raise RowError("INVALID_FIELD", message, [])
        if not (field.createable if creating else field.updateable):
            message = (
                f"Unable to create/update fields: {field.name}. Please check the security settings "
                "of this field and verify that it is read/write for your profile or permission set."
            )
            raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, [field.name])
        fields[field.name] = _value(org, field, value)
    return fields


def _by_external_id(org: Org, table: str, name: str, value: Values) -> tuple[str, Any]:
    """`{"Account": {"Ext__c": "7"}}` names a parent by its external id."""
    fields = org.visible_fields(table).values()
    field = next((f for f in fields if (f.relationship or "").lower() == name.lower()), None)
    given = {key: one for key, one in value.items() if key != "attributes"}
    if field is None or len(given) != 1:
        return name, value
    kind: Values = value.get("attributes") or {}
    wanted = kind.get("type") or field.targets[0]
    key, text = next(iter(given.items()))
    known = org.schema[wanted].get(key) if wanted in org.schema else None
    if known is None or not known.external:
        message = f"Field name provided, {key} does not match an External ID for {wanted}"
        raise RowError("INVALID_FIELD", message)
    found = org.holder(wanted, key, str(text))
    if found is None:
        message = f"Foreign key external ID: {text} not found for field {key} in entity {wanted}"
        raise RowError("INVALID_FIELD", message)
    return field.name, found["Id"]


def check_values(org: Org, table: str, fields: Values, row: Row | None, *, path: str) -> None:
    """Rules over a whole record; `row` is what it was before, None for a new one."""
    missing = [
        name
        for name, field in org.schema[table].items()
        if field.required and _lacks(table, name, fields, creating=row is None)
    ]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise RowError("REQUIRED_FIELD_MISSING", message, missing)
    _check_owner(org, table, fields, path)
    _check_who(table, fields, row)
    _check_faults(org, path or f"/{table}", str(fields))


def check_unique(org: Org, table: str, fields: Values, row: Row | None) -> None:
    """A unique value may be held by one live record."""
    for name, field in org.schema[table].items():
        if not field.unique or fields.get(name) is None:
            continue
        found = org.holder(table, name, str(fields[name]))
        if found is not None and (row is None or found["Id"] != row["Id"]):
            message = (
                f"duplicate value found: {name} duplicates value on record with id: "
                f"{found['Id'][:15]}"
            )
            raise RowError("DUPLICATE_VALUE", message)


#: Filled in by the platform where nobody names them.
_FILLED = {"Task": ("Status", "Priority"), "Lead": ("Status",), "Quote": ("Status",)}


def _lacks(table: str, name: str, fields: Values, *, creating: bool) -> bool:
    if name in _FILLED.get(table, ()):
        return name in fields and fields[name] is None
    return fields.get(name) is None if creating else name in fields and fields[name] is None


def _check_owner(org: Org, table: str, fields: Values, path: str) -> None:
    if fields.get("OwnerId") is None:
        return
    owner = org.get(fields["OwnerId"])
    if owner is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["OwnerId"])
    inactive = not owner.get("IsActive", True)
    if inactive or org.kernel.faults.take("inactive_owner", "salesforce", path=path or f"/{table}"):
        message = (
            f"operation performed with inactive user [{owner['Id'][:15]}] as owner of "
            f"{table.lower()}"
        )
        raise RowError("INACTIVE_OWNER_OR_USER", message, ["OwnerId"])


def _check_who(table: str, fields: Values, row: Row | None) -> None:
    """An activity of a lead is about nothing else."""
    if table not in ACTIVITIES:
        return
    who = fields.get("WhoId", row["WhoId"] if row else None)
    what = fields.get("WhatId", row["WhatId"] if row else None)
    if who and what and who.startswith("00Q"):
        message = "can't have a WhatId when the WhoId is a Lead"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, ["WhatId"])


def _check_faults(org: Org, path: str, text: str) -> None:
    if org.kernel.faults.take("validation_rule", "salesforce", path=path, text=text):
        message = "The due date is required by your company."
        raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, [])
    if org.kernel.faults.take("lock_row", "salesforce", path=path):
        message = "unable to obtain exclusive access to this record or 1 records: 001000000000001"
        raise RowError("UNABLE_TO_LOCK_ROW", message, [])


def _value(org: Org, field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    check = _CHECKS.get(field.type)
    return value if check is None else check(org, field, value)


def _text(_org: Org, field: Field, value: Any) -> str:
    text = str(value)
    if field.length and len(text) > field.length:
        message = f"{field.name}: data value too large: {text[:255]} (max length={field.length})"
        raise RowError("STRING_TOO_LONG", message, [field.name])
    return text


def _reference(org: Org, field: Field, value: Any) -> str:
    if not _ID.fullmatch(str(value)):
        message = f"{field.name}: id value of incorrect type: {value}"
        raise RowError("MALFORMED_ID", message, [field.name])
    target = org.get(str(value))
    if target is not None and type(target).__name__ not in field.targets:
        message = f"{field.name}: id value of incorrect type: {value}"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, [field.name])
    if target is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])
    if target.get("IsDeleted"):
        raise RowError("ENTITY_IS_DELETED", "entity is deleted", [field.name])
    return long_id(str(value))


def _email(org: Org, field: Field, value: Any) -> str:
    if "@" not in str(value) or " " in str(value).strip():
        message = f"{field.label or field.name}: invalid email address: {value}"
        raise RowError("INVALID_EMAIL_ADDRESS", message, [field.name])
    return _text(org, field, value)


def _day(_org: Org, field: Field, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise _unreadable(field, value) from None


def _moment(_org: Org, field: Field, value: Any) -> str:
    try:
        return written(read(str(value)))
    except ValueError:
        raise _unreadable(field, value) from None


def _number(_org: Org, field: Field, value: Any) -> float:
    try:
        return int(float(value)) if field.type == "int" else float(value)
    except (TypeError, ValueError):
        raise _unreadable(field, value) from None


def _bool(_org: Org, field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise _unreadable(field, value)


def _picklist(_org: Org, field: Field, value: Any) -> str:
    if field.restricted and field.values and str(value) not in field.values:
        message = f"{field.label or field.name}: bad value for restricted picklist field: {value}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
    return str(value)


def _unreadable(field: Field, value: Any) -> RowError:
    message = f"Cannot deserialize instance of {field.type} from VALUE_STRING value {value}"
    return RowError("JSON_PARSER_ERROR", message, [])


_CHECKS = {
    "string": _text,
    "textarea": _text,
    "ref": _reference,
    "date": _day,
    "datetime": _moment,
    "currency": _number,
    "percent": _number,
    "double": _number,
    "int": _number,
    "bool": _bool,
    "picklist": _picklist,
    "email": _email,
}
