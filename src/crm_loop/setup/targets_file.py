"""targets.csv held against the house: its KPIs, people and currencies."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from crm_loop.loop_records import Target
from crm_loop.records import Subject
from crm_loop.setup.targets_csv import House, parse
from crm_loop.store import State


def read(
    state: State,
    text: str,
    units: Mapping[str, str],
    file: str = "targets.csv",
    *,
    aimless: Collection[str] = (),
) -> list[Target]:
    """Targets of a file; `units` has the unit of every KPI, `aimless` those without a target.

    WrongUsage names line and column.
    """
    return parse(text, replace(house_of(state, units), aimless=aimless), file)


def house_of(state: State, units: Mapping[str, str]) -> House:
    """What a file may name; before anything was pulled nobody knows people and currencies."""
    shares = frozenset(kpi for kpi, unit in units.items() if unit == "ratio")
    people = frozenset(one.person for one in state.people.members())
    if not people:
        return House(kpis=units, shares=shares)
    own = state.connections.organisation().currency.upper()
    rates = {rate.currency.upper() for _, rate in state.crm.read(Subject.RATES)}
    return House(kpis=units, shares=shares, people=people, currencies=frozenset({own, *rates}))
