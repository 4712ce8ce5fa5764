"""Where the reading of one object stands: what a cursor keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Read to the end until `since`; or in the middle of a window that ends at `until`.

    In the middle: behind row `id`, whose stamp is `at`; or behind `pages` pages of the bulk job
    `job`, with `locator` where its pages are a chain.
    """

    since: datetime | None = None
    until: datetime | None = None
    at: str | None = None
    id: str | None = None
    job: str | None = None
    pages: int = 0
    locator: str | None = None

    @property
    def is_first(self) -> bool:
        """Whether nothing was ever read to the end."""
        return self.since is None

    def behind(self, at: str, record_id: str) -> "Place":
        return replace(self, at=at, id=record_id)

    def written(self) -> dict[str, Any]:
        """As a cursor keeps it."""
        moments = {name: _text(getattr(self, name)) for name in ("since", "until")}
        others = {name: getattr(self, name) for name in ("at", "id", "job", "pages", "locator")}
        return {name: value for name, value in (moments | others).items() if value}


def read(kept: Mapping[str, Any] | None) -> Place:
    """The place that a cursor kept."""
    values = dict(kept or {})
    for name in ("since", "until"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    return Place(**values)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
