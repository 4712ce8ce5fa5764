"""Everybody's figures of one day as one, for whoever may not see them one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from crm_loop.store.state import State
from crm_loop.store.tables.loop import kpi_value as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """One KPI of all `people` who have a value: sums of values, of hits and of cases."""

    kpi: str
    people: int
    total: float
    numerator: float
    denominator: float


def together(state: State, as_of: date) -> list[Together]:
    """Every KPI as of a day, in the order of their ids."""
    query = (
        select(
            table.c.kpi,
            func.count().label("people"),
            func.sum(table.c.value).label("total"),
            func.coalesce(func.sum(table.c.numerator), 0.0).label("numerator"),
            func.coalesce(func.sum(table.c.denominator), 0.0).label("denominator"),
        )
        .where(table.c.organisation == state.organisation, table.c.as_of == as_of)
        .where(table.c.value.is_not(None))
        .group_by(table.c.kpi)
        .order_by(table.c.kpi)
    )
    return [Together(**row) for row in state.connection.execute(query).mappings()]


def aims_of(state: State, as_of: date, kpis: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
    """Person and target by KPI as of a day, of those who have one."""
    query = select(table.c.kpi, table.c.person, table.c.target).where(
        table.c.organisation == state.organisation,
        table.c.as_of == as_of,
        table.c.kpi.in_(kpis),
        table.c.target.is_not(None),
    )
    found: dict[str, list[tuple[str, float]]] = {}
    for kpi, person, target in state.connection.execute(query):
        found.setdefault(kpi, []).append((person, target))
    return found
