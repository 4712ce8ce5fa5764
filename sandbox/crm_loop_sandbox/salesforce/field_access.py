"""Who sees which field: what came by a deploy is hidden until a permission set shows it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from crm_loop_sandbox.salesforce.schema import ACTIVITIES, Field

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.org import Org


def granted(org: "Org", table: str, user: str) -> dict[str, Field]:
    """The fields of an object that a user may see; those it may not edit are read-only."""
    home = "Activity" if table in ACTIVITIES else table
    deployed = {
        name.partition(".")[2]
        for (type_, name) in org.components
        if type_ == "CustomField" and name.partition(".")[0] == home
    }
    if not deployed:
        return org.schema[table]
    shown: dict[str, bool] = {}
    for name in _sets_of(org, user):
        for (object_, field), editable in org.granted.get(name, {}).items():
            if object_ == table:
                shown[field] = shown.get(field, False) or editable
    found = {}
    for name, one in org.schema[table].items():
        # What every record must have, everybody who sees the object sees.
        if name not in deployed or one.required:
            found[name] = one
        elif name in shown:
            found[name] = one if shown[name] else replace(one, flags=one.flags + "r")
    return found


def _sets_of(org: "Org", user: str) -> list[str]:
    rows = org.rows("PermissionSetAssignment")
    return [
        str(org.field(row["PermissionSetId"], "Name")) for row in rows if row["AssigneeId"] == user
    ]
