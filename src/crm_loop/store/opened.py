"""One measured figure with everything that was kept of it, read alone."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from crm_loop.loop_records import KpiValue
from crm_loop.store.packing import unpack_lines
from crm_loop.store.state import State
from crm_loop.store.tables.kpi import kpi_records


def opened(state: State, person: str, kpi: str, as_of: date) -> KpiValue | None:
    """The value as of that day with its records; None where none was kept."""
    values = state.figures.values(as_of, persons=[person])
    value = next((one for one in values if one.kpi == kpi), None)
    table = kpi_records
    query = select(table.c.packed, table.c.given).where(
        table.c.organisation == state.organisation,
        table.c.person == person,
        table.c.kpi == kpi,
        table.c.as_of == as_of,
    )
    row = state.connection.execute(query).first()
    if value is None or row is None:
        return None
    return replace(value, records=unpack_lines(row.packed, row.given))
