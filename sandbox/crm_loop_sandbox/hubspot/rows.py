"""One record with what it holds now and every value it held before."""

from collections.abc import Mapping
from typing import NamedTuple

from crm_loop_sandbox.hubspot.moments import iso


class Source(NamedTuple):
    """Who wrote a value, in HubSpot's words."""

    type: str
    id: str | None
    user_id: int | None


class Version(NamedTuple):
    at: int
    value: str
    source: Source


class Row:
    """A record. `history` holds only properties that changed after the record was made.

    All moments are milliseconds since 1970; a property without value is absent from `props`.
    """

    __slots__ = ("archived", "created", "history", "id", "props", "source", "updated")

    def __init__(self, row_id: int, *, at: int, source: Source, props: dict[str, str]) -> None:
        self.id = row_id
        self.created = at
        self.updated = at
        self.archived: int | None = None
        self.source = source
        self.props = props
        self.history: dict[str, list[Version]] | None = None

    def revise(self, changes: Mapping[str, str], *, at: int, source: Source) -> dict[str, str]:
        """Set values ("" clears); returns what was there before, for values that did change."""
        before = {
            name: self.props.get(name, "")
            for name, value in changes.items()
            if self.props.get(name, "") != value
        }
        for name, old in before.items():
            self._remember(name, old, Version(at, changes[name], source))
            if changes[name]:
                self.props[name] = changes[name]
            else:
                del self.props[name]
        self.updated = max(self.updated, at)
        return before

    def _remember(self, name: str, old: str, new: Version) -> None:
        if self.history is None:
            self.history = {}
        if name not in self.history:
            self.history[name] = [Version(self.created, old, self.source)] if old else []
        self.history[name].append(new)

    def versions(self, name: str) -> list[Version]:
        """All values of one property, oldest first."""
        if self.history is not None and name in self.history:
            return self.history[name]
        if name in self.props:
            return [Version(self.created, self.props[name], self.source)]
        return []

    def value_at(self, name: str, ms: int) -> str | None:
        """The value as it was at that moment."""
        held = [version.value for version in self.versions(name) if version.at <= ms]
        return held[-1] or None if held else None


def version_shape(version: Version) -> dict[str, object]:
    shown: dict[str, object] = {
        "value": version.value,
        "timestamp": iso(version.at),
        "sourceType": version.source.type,
    }
    if version.source.id is not None:
        shown["sourceId"] = version.source.id
    if version.source.user_id is not None:
        shown["updatedByUserId"] = version.source.user_id
    return shown
