"""What own KPIs would show, before they are switched on."""

from datetime import date
from typing import Any

from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.own_kpis import checked
from crm_loop.kpi.service import read_setting
from crm_loop.store import Begin


def preview(
    begin: Begin, organisation: str, text: str, *, name: str, as_of: date
) -> list[dict[str, Any]]:
    """Each KPI of each rep in the running month, with its records; nothing is kept."""
    with begin(organisation) as state:
        own = checked(state, name, text)
    setting = read_setting(begin, organisation, as_of, also=list(own.values()))
    people = [rep.person for rep in setting.reps]
    found = []
    for id_, one in own.items():
        rows = only(one.measure(setting.frames, setting.month, as_of), people)
        for person in people:
            figure = figure_of(one.kpi, rows[person])
            refs = [f"{r['connection']}:{r['object']}:{r['id']}" for r in rows[person]["records"]]
            found.append(
                {
                    "rep": person,
                    "kpi": id_,
                    "value": figure.value,
                    "n": figure.n,
                    "status": figure.status.value,
                    "record_ids": refs,
                }
            )
    return found
