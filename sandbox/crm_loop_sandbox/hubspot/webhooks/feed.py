"""Turns changes of records into the events that somebody subscribed to."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.hubspot.webhooks.subscriptions import Subscriptions
from crm_loop_sandbox.kernel import Kernel

Event = dict[str, Any]
#: Takes events for the address that its app set.
Send = Callable[[str, list[Event]], None]


class Feed:
    """Costs nothing while nobody listens. `send` is set by who owns the network."""

    def __init__(self, kernel: Kernel, *, portal_id: int, app_id: int) -> None:
        self._kernel = kernel
        self._who = {"portalId": portal_id, "appId": app_id}
        self._count = itertools.count(1)
        self.subscriptions = Subscriptions()
        self.send: Send | None = None

    @property
    def _heard(self) -> bool:
        return bool(self.subscriptions.by_id) and self.subscriptions.settings is not None

    def created(self, type_id: str, row: Row, *, at: int, source: Source) -> None:
        """A new record; each of its values is news as well."""
        if self._heard:
            self._tell(
                type_id, "creation", {"objectId": row.id, "changeFlag": "CREATED"}, at, source
            )
            self.changed(type_id, row, row.props, at=at, source=source)

    def changed(
        self, type_id: str, row: Row, names: Iterable[str], *, at: int, source: Source
    ) -> None:
        for name in names if self._heard else ():
            more = {
                "objectId": row.id,
                "propertyName": name,
                "propertyValue": row.props.get(name, ""),
            }
            self._tell(type_id, "propertyChange", more, at, source)

    def happened(
        self, type_id: str, happening: str, more: Mapping[str, Any], *, at: int, source: Source
    ) -> None:
        """Anything else; `more` are the keys of the event that say to whom."""
        if self._heard:
            self._tell(type_id, happening, more, at, source)

    def _tell(
        self, type_id: str, happening: str, more: Mapping[str, Any], at: int, source: Source
    ) -> None:
        settings = self.subscriptions.settings
        wanting = self.subscriptions.wanting(happening, type_id, more.get("propertyName"))
        events = [
            {
                "eventId": self._number(),
                "subscriptionId": one.id,
                **self._who,
                "occurredAt": at,
                "subscriptionType": one.event_type,
                "attemptNumber": 0,
                "objectTypeId": type_id,
                "changeSource": source.type,
                **({} if source.id is None else {"sourceId": source.id}),
                **more,
            }
            for one in wanting
        ]
        if events and settings is not None and self.send is not None:
            twice = self._kernel.faults.take("webhook_twice", "hubspot")
            self.send(settings.target_url, events * 2 if twice else events)

    def _number(self) -> int:
        digest = self._kernel.digest("hubspot", "event", next(self._count))
        return int.from_bytes(digest[:4])
