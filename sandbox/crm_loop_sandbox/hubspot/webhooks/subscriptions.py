"""What an app asked to be told of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import BY_ID

#: What can happen to a record, in the second half of a subscription's type.
HAPPENINGS = frozenset(
    {
        "creation",
        "deletion",
        "merge",
        "restore",
        "propertyChange",
        "associationChange",
        "privacyDeletion",
    }
)


@dataclass(slots=True, kw_only=True)
class Settings:
    """Where to send; `concurrent` is how many requests may be under way at once."""

    target_url: str
    concurrent: int = 10
    created: int = 0
    updated: int = 0

    def shape(self) -> dict[str, Any]:
        return {
            "targetUrl": self.target_url,
            "throttling": {"maxConcurrentRequests": self.concurrent, "period": "SECONDLY"},
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
        }


@dataclass(slots=True, kw_only=True)
class Subscription:
    """`event_type` is `deal.creation` or, with `object_type_id`, `object.creation`."""

    id: int
    event_type: str
    object_type_id: str
    property_name: str | None = None
    active: bool = True
    created: int = 0
    updated: int = 0

    @property
    def happening(self) -> str:
        return self.event_type.partition(".")[2]

    def wants(self, happening: str, type_id: str, name: str | None) -> bool:
        return (
            self.active
            and self.happening == happening
            and self.object_type_id == type_id
            and (self.property_name is None or self.property_name == name)
        )

    def shape(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": str(self.id),
            "eventType": self.event_type,
            "active": self.active,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
        }
        if self.event_type.startswith("object."):
            shown["objectTypeId"] = self.object_type_id
        if self.property_name is not None:
            shown["propertyName"] = self.property_name
        return shown


@dataclass(slots=True)
class Subscriptions:
    """All of one app."""

    settings: Settings | None = None
    by_id: dict[int, Subscription] = field(default_factory=dict)

    def wanting(
        self, happening: str, type_id: str, name: str | None = None
    ) -> Iterator[Subscription]:
        return (one for one in self.by_id.values() if one.wants(happening, type_id, name))


def type_of(event_type: str) -> str | None:
    """The object type that the first half names (`deal`); None for `object` and unknown ones."""
    word = event_type.partition(".")[0]
    return next((kind.id for kind in BY_ID.values() if kind.singular == word), None)
