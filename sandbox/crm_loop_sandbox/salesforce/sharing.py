"""Who may open which record: by view-all, owner, roles above, share rows, or the parent.

Opportunities are private, as are activities and the package's private objects; accounts, contacts,
leads and set-up are open to everybody. Roles above an owner open opportunities and activities, but
not the package's objects, where access by hierarchy is switched off unless the sandbox was served
with it (`--open-above`).
"""

from collections.abc import Callable
from functools import cached_property

from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.schema import ACTIVITIES
from crm_loop_sandbox.salesforce.shares import readers

#: Users who see and change everything.
ADMINISTRATOR = "admin@sandbox.example"
PRIVILEGED = ("integration@sandbox.example", ADMINISTRATOR)
#: Objects that are as open as the record they belong to.
_BY_PARENT = {
    "OpportunityHistory": "OpportunityId",
    "OpportunityFieldHistory": "OpportunityId",
    "OpportunityContactRole": "OpportunityId",
    "OpportunitySplit": "OpportunityId",
    "Quote": "OpportunityId",
    "EmailMessage": "ActivityId",
    "CrmLoop_Agenda_Item__c": "Session__c",
}
_OWNER = {"ForecastingQuota": "QuotaOwnerId"}

Sees = Callable[[Row], bool]


class Viewer:
    """One user's view of the org, good for one call."""

    def __init__(self, org: Org, user: str) -> None:
        self.org = org
        self.user = user

    @cached_property
    def sees_all(self) -> bool:
        return self.org.field(self.user, "Username") in PRIVILEGED

    def sees(self, table: str) -> Sees | None:
        """Says of rows of this object whether they may be read; None where all may."""
        if self.sees_all or not self._is_private(table):
            return None
        return lambda row: self.may_read(table, row)

    def may_read(self, table: str, row: Row) -> bool:
        if self.sees_all or not self._is_private(table):
            return True
        if table in _BY_PARENT:
            return self._may_read_id(row[_BY_PARENT[table]])
        if self.org.schema[table].private:
            if self.user == row["OwnerId"] or self.user in readers(self.org, table, row):
                return True
            return self.org.kernel.options.open_above and self.owns(table, row)
        if self.owns(table, row):
            return True
        return table in ACTIVITIES and self._may_read_id(row["WhatId"], about=True)

    def may_edit(self, table: str, row: Row) -> bool:
        """The owner and those above; of a child, whoever may edit the parent."""
        if self.sees_all or not self._is_private(table):
            return True
        if table in _BY_PARENT:
            parent = self.org.get(row[_BY_PARENT[table]])
            return parent is not None and self.may_edit(type(parent).__name__, parent)
        if self.org.schema[table].private:
            return bool(self.user == row["OwnerId"])
        return self.owns(table, row)

    def owns(self, table: str, row: Row) -> bool:
        """The owner, or somebody in a role above the owner's."""
        owner = row[_OWNER.get(table, "OwnerId")]
        return owner == self.user or self.org.field(owner, "UserRoleId") in self._roles_below

    @cached_property
    def _roles_below(self) -> set[str]:
        """Roles below this user's own."""
        roles = self.org.tables["UserRole"].values()
        found: set[str] = set()
        front = {self.org.field(self.user, "UserRoleId")} - {None}
        while front:
            front = {row["Id"] for row in roles if row["ParentRoleId"] in front} - found
            found |= front
        return found

    def _is_private(self, table: str) -> bool:
        named = table in ("Opportunity", *ACTIVITIES, *_BY_PARENT, *_OWNER)
        return named or self.org.schema[table].private

    def _may_read_id(self, record_id: str | None, *, about: bool = False) -> bool:
        row = self.org.get(record_id)
        if row is None:
            return False
        table = type(row).__name__
        # What everybody may open opens no private activity.
        return (not about or self._is_private(table)) and self.may_read(table, row)
