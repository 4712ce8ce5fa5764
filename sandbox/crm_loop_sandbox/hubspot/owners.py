"""Owners: the users that records can belong to, and their teams."""

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crm_loop_sandbox.hubspot.rows import Source


@lru_cache(maxsize=4096)
def _screen_source(user_id: int) -> Source:
    return Source("CRM_UI", f"userId:{user_id}", user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """`id` stands on records; `user_id` is the settings user, another number."""

    id: int
    user_id: int
    ref: str
    email: str
    given_name: str
    family_name: str
    created: str
    active: bool = True
    teams: tuple[tuple[str, str], ...] = ()

    @property
    def text_id(self) -> str:
        """One string for all records of the owner: there may be a million."""
        return sys.intern(str(self.id))

    @property
    def source(self) -> Source:
        """Who wrote a value, when this owner did so in HubSpot's own screens."""
        return _screen_source(self.user_id)

    def shape(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": self.text_id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.given_name,
            "lastName": self.family_name,
            "userId": self.user_id if self.active else None,
            "userIdIncludingInactive": self.user_id,
            "createdAt": self.created,
            "updatedAt": self.created,
            "archived": not self.active,
        }
        if self.teams:
            shown["teams"] = [
                {"id": team_id, "name": name, "primary": order == 0}
                for order, (team_id, name) in enumerate(self.teams)
            ]
        return shown


class Owners:
    """All owners, active or not, by each of their names."""

    def __init__(self) -> None:
        self._by_id: dict[int, Owner] = {}
        self._by_user: dict[int, Owner] = {}
        self._by_name: dict[str, Owner] = {}

    def add(self, owner: Owner) -> None:
        self._by_id[owner.id] = owner
        self._by_user[owner.user_id] = owner
        self._by_name[owner.ref] = self._by_name[owner.email.lower()] = owner

    def all(self, *, active: bool) -> list[Owner]:
        return sorted(
            (one for one in self._by_id.values() if one.active is active), key=lambda one: one.id
        )

    def get(self, owner_id: str | None) -> Owner | None:
        return self._by_id.get(int(owner_id)) if owner_id and owner_id.isdecimal() else None

    def of_user(self, user_id: int) -> Owner | None:
        return self._by_user.get(user_id)

    def named(self, name: str | None) -> Owner | None:
        """By the world's own name or by e-mail address."""
        return None if name is None else self._by_name.get(name) or self._by_name.get(name.lower())

    def email(self, owner_id: str | None) -> str:
        owner = self.get(owner_id)
        return "" if owner is None else owner.email

    def teams(self) -> dict[tuple[str, str], list[Owner]]:
        """Members by (id, name) of their team."""
        found: dict[tuple[str, str], list[Owner]] = {}
        for owner in sorted(self._by_id.values(), key=lambda one: one.id):
            for team in owner.teams:
                found.setdefault(team, []).append(owner)
        return found
