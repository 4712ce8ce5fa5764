"""/api/v1 about the house: settings, catalogue, targets, what was learned, what moved, undoing.

The commands' own work answers, so that both say the same; people are left out whom the user may
not read about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from crm_loop.cli import (
    config,
    kpi,
    learn,
    mapping,
    people,
    rhythm,
    stage,
    target_reviews,
    targets,
    writes,
)
from crm_loop.cli import templates as plans
from crm_loop.cli.frame import WORKS, Call, Language
from crm_loop.console.answers import data, textless
from crm_loop.console.asked import day_of, part_asked, required_day, wrong
from crm_loop.console.visit import Visit
from crm_loop.cycle import turn as steps
from crm_loop.kpi.two_days import compare
from crm_loop.write_back import undo as taking_back

#: Their modules register the work of these commands.
_BROUGHT = (config, kpi, mapping, people, plans, rhythm, stage, target_reviews, targets, writes)


def catalogue(visit: Visit) -> Response:
    """Every KPI with its definition."""
    return _said(visit, "kpi list")


def chosen(visit: Visit) -> Response:
    """Which KPIs each role is shown."""
    return _said(visit, "kpi chosen")


def templates(visit: Visit) -> Response:
    """How the 1on1s of each role are planned."""
    return _said(visit, "templates list")


def stages(visit: Visit) -> Response:
    """Where every stage of the CRMs belongs."""
    return _said(visit, "map", connection=visit.query.get("connection") or None)


def settings(visit: Visit) -> Response:
    """What an admin has decided, as the text of a file."""
    return _said(visit, "config export")


def everybody(visit: Visit) -> Response:
    """Who is whose manager, as people.csv."""
    return _said(visit, "people export")


def imported_targets(visit: Visit) -> Response:
    """Targets that were imported, as targets.csv."""
    return _said(visit, "targets export", as_of=visit.query.get("as_of") or None)


def proposals(visit: Visit) -> Response:
    """Targets of these people for which another value is proposed."""
    return _of_people(visit, "targets review", "proposals")


def target_changes(visit: Visit) -> Response:
    """Every change of these people's targets that are in force."""
    return _of_people(visit, "targets history", "changes")


def standing(visit: Visit) -> Response:
    """How far the organisation has come, and what comes first."""
    return _said(visit, "stage")


def learned(visit: Visit) -> Response:
    """What was seen after which kinds of step; nothing is learned for it."""
    found = learn.told(visit.app, _call(visit, "learn"))
    return data(visit, "learn", found.data, as_of=found.as_of)


def going(visit: Visit) -> Response:
    """How 1on1s are going, as far as it is this user's to read."""
    return _said(visit, "rhythm", as_person=visit.sight.me)


def moved(visit: Visit) -> Response:
    """What moved the pipeline of one's own team between two days."""
    first, last = required_day(visit, "from"), required_day(visit, "to")
    found = compare(
        visit.app.begin, visit.organisation, first, last,
        horizon=day_of(visit, "due_by"), people=visit.sight.reports,
    )  # fmt: skip
    total = found.after - found.before
    return data(visit, "waterfall", {**asdict(found), "total": total}, as_of=last)


def preview(visit: Visit) -> Response:
    """What would be sent next, without what memos and steps say."""
    run, person = (visit.query.get(name) or None for name in ("run", "person"))
    window = part_asked(visit)
    with visit.look() as state:
        rows, total = writes.part_of(state, writes.Only(run, person), writes.WAITING, window)
    return data(visit, "writes preview", textless(writes.told(run, rows, total, window)))


def undo(visit: Visit) -> Response:
    """Take a run back, or all; workers do it, and look once more before each."""
    run = visit.form.get("run") or None
    if (run is None) is not (visit.form.get("all") == "yes"):
        raise wrong("Say which writes are to be taken back.", "Send run=RUN or all=yes.")
    turn, only_look = visit.turn, visit.form.get("dry_run") == "yes"
    mine = taking_back.run_of(turn.clock())
    rows: list[dict[str, Any]] = []
    for row in turn.connections():
        writing, may = steps.writing_to(turn, row.name), bool(row.facts.get("can_delete"))
        found = taking_back.look(writing, run, can_delete=may)
        taken = found.taken_back
        if taken and not only_look:
            taken = taking_back.undo(writing, found, by=visit.user.id, run=mine)
        rows += _rows(taken, found.left)
    if not only_look:
        with visit.change() as state:
            for name in state.writes.open_connections():
                state.ask_for("write", name, slot=visit.now, now=visit.app.clock())
        visit.app.bell.ring(visit.app.claims.due(visit.app.clock()))
    with visit.look() as state:
        states = {row.key: row.state for row in state.writes.with_keys([r["key"] for r in rows])}
    return data(visit, "writes undo", {"writes": [r | {"state": states[r["key"]]} for r in rows]})


def _rows(taken: Sequence[str], left: Mapping[str, str]) -> list[dict[str, Any]]:
    gone = [{"key": key, "left": None} for key in taken]
    return [*gone, *({"key": key, "left": why} for key, why in sorted(left.items()))]


def _of_people(visit: Visit, command: str, name: str) -> Response:
    """The rows about people whom this user may read about."""
    found = WORKS[command](visit.app, _call(visit, command), as_of=visit.query.get("as_of") or None)
    rows = [one for one in found.data[name] if one["person"] in visit.sight.people]
    return data(visit, command, {name: rows}, as_of=found.as_of)


def _said(visit: Visit, command: str, **given: Any) -> Response:
    found = WORKS[command](visit.app, _call(visit, command), **given)
    return data(visit, command, found.data, as_of=found.as_of, warnings=found.warnings)


def _call(visit: Visit, command: str) -> Call:
    language = Language(visit.words.language)
    return Call(command, as_json=True, lang=language, organisation=visit.organisation)
