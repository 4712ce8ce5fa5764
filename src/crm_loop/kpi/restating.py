"""What became different after a period was closed; pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A closed period then and now: totals, and what changed by record; absent counts as 0."""

    frozen_total: float
    live_total: float
    changes: Mapping[str, float]

    @property
    def net(self) -> float:
        return self.live_total - self.frozen_total


def restate(frozen: Mapping[str, float], live: Mapping[str, float]) -> Restatement:
    """Compare amounts by record id; equal ones are not listed."""
    moved = {
        id_: live.get(id_, 0) - frozen.get(id_, 0)
        for id_ in sorted({*frozen, *live})
        if live.get(id_, 0) != frozen.get(id_, 0)
    }
    return Restatement(
        frozen_total=sum(frozen.values()), live_total=sum(live.values()), changes=moved
    )


def restate_value(
    frozen: Mapping[str, float],
    live: Mapping[str, float],
    frozen_value: float | None,
    live_value: float | None,
) -> Restatement:
    """Compare a share, a mean or a median then and now, and what each record gives to it.

    Values are in the KPI's unit; no data counts as 0. To a share a record gives 1 where it counts
    and 0 where it does not; one that came or went is listed even when it gives nothing: it is in
    the whole.
    """
    moved = {
        id_: live.get(id_, 0.0) - frozen.get(id_, 0.0)
        for id_ in sorted({*frozen, *live})
        if live.get(id_) != frozen.get(id_)
    }
    return Restatement(
        frozen_total=frozen_value or 0.0, live_total=live_value or 0.0, changes=moved
    )
