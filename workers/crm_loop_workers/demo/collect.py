"""Put a whole report together while the stage still stands."""

from collections.abc import Mapping
from typing import Any

from crm_loop.loop_records import WriteKind, WriteState
from crm_loop.records import Subject
from crm_loop.setup.doctor import examine, examine_people
from crm_loop.setup.findings import worded
from crm_loop.setup.look import look
from crm_loop.store.tables.work import write
from crm_loop_workers.demo.conductor import Stage
from crm_loop_workers.demo.report import (
    actions_part,
    connection_part,
    cycle_part,
    day_before,
    kpi_part,
    totals_part,
)
from crm_loop_workers.demo.setting_up import ORGANISATION

CONNECTIONS = ("salesforce", "hubspot")


def week_counts(stage: Stage) -> dict[str, dict[str, Any]]:
    """What can only be told while a week goes on: records known and calls made, by connection."""
    calls = stage.sandbox.calls()
    with stage.app.begin(ORGANISATION) as state:
        return {
            name: {
                "pulled": {s.value: state.crm.count(name, s) for s in Subject},
                "calls": calls[name],
            }
            for name in CONNECTIONS
        }


def report(
    stage: Stage, counts: Mapping[str, Mapping[str, Mapping[str, Any]]], language: str
) -> dict[str, Any]:
    """The report, all but its timings."""
    plan = stage.plan
    weeks = plan.week_names()
    ours = stage.sandbox.get("/__state")
    with stage.app.begin(ORGANISATION) as state:
        parts = [
            {
                "week": week,
                "connections": {
                    name: connection_part(state, name, week, **counts[week][name])
                    for name in CONNECTIONS
                },
                "actions": actions_part(state.actions.of_week(week), last_week=week == weeks[-1]),
                "cycles": [cycle_part(record) for record in state.cycles.of_week(week)],
                "kpis": [kpi_part(value) for value in state.figures.values(day_before(week))],
            }
            for week in weeks
        ]
        totals = {name: totals_part(state, name, ours[name]["records"]) for name in CONNECTIONS}
    return {
        "schema": 1,
        "seed": plan.seed,
        "start": plan.start.isoformat(),
        "weeks": parts,
        "totals": totals,
        "doctor": doctor(stage, language),
    }


def doctor(stage: Stage, language: str) -> list[dict[str, Any]]:
    found = []
    for name in CONNECTIONS:
        found += examine(look(stage.app.door(ORGANISATION), name))
    with stage.app.begin(ORGANISATION) as state:
        found += examine_people(state.people.members())
    return [worded(finding, language) for finding in found]


def sample_memos(stage: Stage, week: str) -> list[Mapping[str, str]]:
    """Two memos of a week as the ledger wrote them: one Japanese, one English where there are."""
    with stage.app.begin(ORGANISATION) as state:
        rows = state.writes.rows(
            write.c.kind == WriteKind.MEMO,
            write.c.week == week,
            write.c.state == WriteState.CONFIRMED,
        )
    japanese = [row for row in rows if not row.subject.isascii()]
    english = [row for row in rows if row.subject.isascii()]
    return [{"subject": row.subject, "text": row.body} for row in (*japanese[:1], *english[:1])]
