"""Who manages whom and who may open whose records, from users and roles; survives cycles."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crm_loop_salesforce.translate.values import Row


class Hierarchy:
    """Users by their `ManagerId`, and the tree of roles that opens records upwards."""

    def __init__(self, users: Sequence[Row], roles: Sequence[Row]) -> None:
        self._active = {user["Id"]: user for user in users if user["IsActive"]}
        self._role = {user["Id"]: user.get("UserRoleId") for user in users}
        self._managers = {user["Id"]: user.get("ManagerId") for user in users}
        self._parent = {role["Id"]: role.get("ParentRoleId") for role in roles}
        self._holders: defaultdict[str, list[str]] = defaultdict(list)
        for user in sorted(self._active):
            if role := self._role[user]:
                self._holders[role].append(user)

    def manager(self, user: str) -> str | None:
        """The named manager; else the only active holder of the nearest role above."""
        named = self._managers.get(user)
        if named in self._active and not self._leads_back(user):
            return named
        for role in self._roles_above(user):
            if len(self._holders[role]) == 1:
                return self._holders[role][0]
        return None

    def above(self, user: str) -> tuple[str, ...]:
        """Active people in all roles above, nearest first."""
        return tuple(one for role in self._roles_above(user) for one in self._holders[role])

    def _leads_back(self, user: str) -> bool:
        """Whether somebody is among those above themselves."""
        seen, at = {user}, self._managers.get(user)
        while at is not None and at not in seen:
            seen.add(at)
            at = self._managers.get(at)
        return at == user

    def _roles_above(self, user: str) -> Iterator[str]:
        role = self._role.get(user)
        seen = {role}
        above = self._parent.get(role) if role else None
        while above is not None and above not in seen:
            seen.add(above)
            yield above
            above = self._parent.get(above)
