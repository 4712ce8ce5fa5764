"""What Salesforce refuses: unknown fields, missing ones, wrong values."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_loop_sandbox.salesforce.errors import RowError
from crm_loop_sandbox.salesforce.ids import long_id
from crm_loop_sandbox.salesforce.moments import read, written
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.schema import Field

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
TASK_STATUSES = {
    "Not Started": False,
    "In Progress": False,
    "Completed": True,
    "Waiting on someone else": False,
    "Deferred": False,
}


def cleaned(org: Org, table: str, values: Mapping[str, Any], *, creating: bool) -> Row:
    """The values in the form in which rows hold them; refuses what may not be written."""
    known = {name.lower(): field for name, field in org.visible_fields(table).items()}
    fields: Row = {}
    for name, value in values.items():
        if name in ("attributes", "Id", "id"):
            continue
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


def check_values(org: Org, table: str, fields: Row, *, creating: bool) -> None:
    """Rules over a whole record."""
    missing = [
        name
        for name, field in org.schema[table].items()
        if field.required and _lacks(table, name, fields, creating=creating)
    ]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise RowError("REQUIRED_FIELD_MISSING", message, missing)
    _check_owner(org, table, fields)
    if org.kernel.faults.take("validation_rule", "salesforce", path=f"/{table}"):
        message = "The due date is required by your company."
        raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, [])
    if org.kernel.faults.take("lock_row", "salesforce", path=f"/{table}"):
        message = "unable to obtain exclusive access to this record"
        raise RowError("UNABLE_TO_LOCK_ROW", message, [])


#: Filled in by the platform where nobody names them.
_FILLED = {"Task": ("Status", "Priority")}


def _lacks(table: str, name: str, fields: Row, *, creating: bool) -> bool:
    if name in _FILLED.get(table, ()):
        return name in fields and fields[name] is None
    return fields.get(name) is None if creating else name in fields and fields[name] is None


def _check_owner(org: Org, table: str, fields: Row) -> None:
    owner = org.get(fields.get("OwnerId"))
    if "OwnerId" not in fields or fields["OwnerId"] is None:
        return
    if owner is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ["OwnerId"])
    inactive = not owner.get("IsActive", True)
    if inactive or org.kernel.faults.take("inactive_owner", "salesforce", path=f"/{table}"):
        message = (
            f"operation performed with inactive user [{owner['Id'][:15]}] as owner of "
            f"{table.lower()}"
        )
        raise RowError("INACTIVE_OWNER_OR_USER", message, ["OwnerId"])


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
    if target is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])
    if target.get("IsDeleted"):
        raise RowError("ENTITY_IS_DELETED", "entity is deleted", [field.name])
    return long_id(str(value))


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
        return float(value)
    except (TypeError, ValueError):
        raise _unreadable(field, value) from None


def _bool(_org: Org, field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise _unreadable(field, value)


def _picklist(_org: Org, field: Field, value: Any) -> str:
    if field.name == "Status" and value in ("", None):
        raise _unreadable(field, value)
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
}
