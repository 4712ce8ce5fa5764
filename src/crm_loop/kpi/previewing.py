"""What own KPIs would show, before they are switched on."""

from datetime import date
from typing import Any

from crm_loop.kpi.counting_again import record_lines
from crm_loop.kpi.explained import Reading
from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.own_kpis import checked
from crm_loop.kpi.service import read_setting
from crm_loop.store import Begin


def preview(
    begin: Begin, organisation: str, text: str, *, name: str, as_of: date, language: str = "en"
) -> list[dict[str, Any]]:
    """Each KPI of each rep in the running month, with its records; nothing is kept.

    `records` are as those of an opened figure, in the reader's language.
    """
    with begin(organisation) as state:
        own = checked(state, name, text)
        reading = Reading({row.name: row.facts for row in state.connections.all()}, language)
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
                    "denominator": figure.denominator,
                    "status": figure.status.value,
                    "record_ids": refs,
                    "records": record_lines(setting.frames, one.kpi, rows[person], reading),
                }
            )
    return found
