"""Finds out of a search where to look, so that windows and keyset pages need no full scan."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm_loop_sandbox.hubspot.moments import parse
from crm_loop_sandbox.hubspot.table import Table

_ENDLESS = 1 << 62


@dataclass(frozen=True, slots=True)
class Plan:
    """Bounds that every match keeps: last change in milliseconds, and the id.

    `exact`: whatever keeps the bounds is a match, so that no record need be tested.
    """

    low: int = -_ENDLESS
    high: int = _ENDLESS
    above: int = -1
    exact: bool = True

    @property
    def windowed(self) -> bool:
        return self.low > -_ENDLESS or self.high < _ENDLESS

    def candidates(self, table: Table) -> list[int]:
        """Ids of live records within the bounds, ascending."""
        found = table.live
        if self.windowed:
            found = table.stamps.between(table.rows, found, self.low, self.high)
        return found[bisect_left(found, self.above + 1) :]


def plan(table: Table, body: Mapping[str, Any]) -> Plan:
    """The bounds of the only group; several groups, or filters beside them, have none."""
    groups = body.get("filterGroups") or []
    if len(groups) != 1 or body.get("filters"):
        return Plan(exact=not groups and not body.get("filters"))
    made = Plan()
    for one in groups[0].get("filters") or []:
        made = _narrowed(table, made, one)
    return made


def _narrowed(table: Table, made: Plan, one: Mapping[str, Any]) -> Plan:
    name, operator = one.get("propertyName"), str(one.get("operator"))
    value, high = parse(str(one.get("value"))), parse(str(one.get("highValue")))
    if value is None:
        return replace(made, exact=False)
    if name == "hs_object_id" and operator == "GT":
        return replace(made, above=max(made.above, value))
    if name == table.kind.modified and operator in _WINDOWS:
        low, top = _WINDOWS[operator](value, high)
        return replace(made, low=max(made.low, low), high=min(made.high, top))
    return replace(made, exact=False)


_WINDOWS: dict[str, Callable[[int, int | None], tuple[int, int]]] = {
    "GT": lambda value, _: (value + 1, _ENDLESS),
    "GTE": lambda value, _: (value, _ENDLESS),
    "LT": lambda value, _: (-_ENDLESS, value - 1),
    "LTE": lambda value, _: (-_ENDLESS, value),
    "EQ": lambda value, _: (value, value),
    "BETWEEN": lambda value, high: (value, value if high is None else high),
}
