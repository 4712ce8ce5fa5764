"""/api/v1: what the command line says with --json, as far as the user may read it.

Figures come from the store as they were measured last; only another period is counted anew.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from crm_loop.access import chain
from crm_loop.calendars import Period, monday_of, named_period, week_of
from crm_loop.cli import agenda as agendas
from crm_loop.cli import audit, closed, cycle, explain, health, jobs, measure, writes
from crm_loop.console import figure_store
from crm_loop.console.answers import data, textless
from crm_loop.console.asked import ENTRIES, MOST, day_asked, number_of, part_asked, wrong
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError
from crm_loop.kpi.explaining import Question
from crm_loop.kpi.explaining import explain as open_number
from crm_loop.kpi.service import measure_period
from crm_loop.loop_records import Level
from crm_loop.queue import JobState
from crm_loop.setup import vital_signs
from crm_loop.setup.doctor import examine, examine_key, examine_people
from crm_loop.setup.findings import worded
from crm_loop.setup.look import look
from crm_loop.setup.pausing import Wish, set_paused
from crm_loop.store.listing import Chosen
from crm_loop.write_back.service import approve as approve_writes


def measured(visit: Visit) -> Response:
    """Figures of the people this user may read about."""
    wanted = _people(visit)
    day, kpi = day_asked(visit), visit.query.get("kpi")
    if (period := _period(visit)) is not None:
        return _of_period(visit, period, wanted, day or visit.yesterday)
    with visit.look() as state:
        if day is None:
            found = figure_store.newest(visit.desk(state), wanted, visit.today)
            day = found.as_of
            values = [v for by_kpi in found.values.values() for v in by_kpi.values()]
        else:
            values = visit.desk(state).values_of(day, wanted)
    shown = [measure.plain(one) for one in values if kpi in (None, "", one.kpi)]
    return data(visit, "measure", _figures(shown, []), as_of=day)


def _of_period(visit: Visit, period: Period, wanted: Sequence[str], day: date) -> Response:
    """Another period than the running one is counted for the request; nothing is kept of it."""
    values = measure_period(visit.app.begin, visit.organisation, period, as_of=day)
    kpi = visit.query.get("kpi")
    theirs = [one for one in values if one.person in wanted and kpi in (None, "", one.kpi)]
    as_of = theirs[0].as_of if theirs else day
    with visit.look() as state:
        changed = measure.changed_since(state, period, theirs, day)
        stands = closed.closed_of(state, period, day)
    shown = [measure.plain(one) | closed.as_closed(one, stands) for one in theirs]
    said = _figures(shown, [measure.restated(one) for one in changed])
    return data(visit, "measure", said, as_of=as_of)


def _figures(
    values: list[dict[str, Any]], restatements: list[dict[str, Any]]
) -> dict[str, list[Any]]:
    """Who is measured by nobody is the operator's matter, not a reader's."""
    return {"values": values, "restatements": restatements, "without_manager": []}


def explained(visit: Visit) -> Response:
    """One number down to its records; it is counted again for that."""
    person, kpi = visit.query.get("rep", "").lower(), visit.query.get("kpi", "")
    if person not in visit.sight.people:
        raise Missing
    day = day_asked(visit) or visit.yesterday
    language = visit.words.language
    asked = Question(kpi=kpi, person=person, as_of=day, period=_period(visit))
    found = open_number(visit.app.begin, visit.organisation, asked, language=language)
    told = explain.plain(kpi, found, language)
    return data(visit, "explain", told, as_of=day, warnings=found.warnings)


def agenda(visit: Visit) -> Response:
    """Memos of one's own pairs; the manager's copy for the manager."""
    week, wanted = _week(visit), _people(visit)
    copy = visit.query.get("copy", "rep")
    me = visit.sight.me
    with visit.look() as state:
        review = state.actions.for_review(week, reps=wanted)
        found = [
            one
            for one in visit.desk(state).agendas_of(wanted, [week])
            if me in ([one.manager] if copy == "manager" else [one.rep, one.manager])
        ]
    shown = [agendas.plain(one, review.get(one.rep, []), copy) for one in found]
    return data(visit, "agenda", {"agendas": shown})


def cycles(visit: Visit) -> Response:
    """Where the weeks of these people stand."""
    week, wanted = _week(visit), _people(visit)
    with visit.look() as state:
        known = [one for one in state.cycles.of_week(week) if one.rep in wanted]
        # That nobody recorded a talk is told to its manager only.
        records = visit.desk(state).cycles(known)
    written = dict.fromkeys(cycle.WRITTEN, 0)
    shown = {"cycles": [cycle.plain(one) for one in records], "written": written}
    return data(visit, "cycle", shown)


def doctor(visit: Visit) -> Response:
    """Every connection, asked now, the people and where the key comes from."""
    with visit.look() as state:
        rows, members = state.connections.all(), state.people.members()
    only = visit.query.get("connection")
    found = [one for row in rows if only in (None, "", row.name) for one in _one(visit, row.name)]
    house = [*examine_people(members), examine_key(visit.app.settings.key_provider)]
    found += [worded(one, visit.words.language) for one in house]
    return data(visit, "doctor", {"findings": found})


def _one(visit: Visit, name: str) -> Iterable[dict[str, Any]]:
    try:
        seen = look(visit.app.door(visit.organisation), name)
    except CrmLoopError as error:
        blocked = {"connection": name, "code": error.code, "level": Level.BLOCKED.value}
        return [blocked | {"title": error.happened, "do": error.do}]
    return [worded(one, visit.words.language) for one in examine(seen)]


def healthy(visit: Visit) -> Response:
    """What an operator has to look at now; no CRM is asked."""
    with visit.look() as state:
        signs = vital_signs.seen(state, now=visit.app.clock(), business_now=visit.now)
    found = vital_signs.examine(signs)
    return data(visit, "health", health.plain(signs, found, visit.words.language))


def job_list(visit: Visit) -> Response:
    """Jobs that are not over, or those in one state."""
    chosen = visit.query.get("state", "")
    known = chosen in tuple(JobState)
    states = (JobState(chosen),) if known else (JobState.READY, JobState.RUNNING, JobState.PARKED)
    with visit.look() as state:
        found, _ = state.listing.jobs(part_asked(visit), states=states)
        counts = state.jobs.counts()
    return data(visit, "jobs list", {"jobs": [jobs.plain(one) for one in found], "counts": counts})


def write_list(visit: Visit) -> Response:
    """The ledger without what memos and steps say."""
    run, window = visit.query.get("run") or None, part_asked(visit)
    with visit.look() as state:
        rows, total = state.listing.writes(window, Chosen(run=run))
    return data(visit, "writes list", textless(writes.told(run, rows, total, window)))


def approve(visit: Visit) -> Response:
    """Let what waits through: all of it, or what is of a run, of a person, or one record."""
    run, person, key = (visit.form.get(name) or None for name in ("run", "person", "key"))
    with visit.look() as state:
        keys = state.listing.planned_keys(
            Chosen(run=run, person=person and person.lower(), keys=None if key is None else [key])
        )
    by = visit.user.id
    count = approve_writes(visit.app.begin, visit.organisation, keys, by=by, at=visit.now)
    return data(visit, "writes approve", {"run": run, "approved": count})


def pause(visit: Visit) -> Response:
    return _paused(visit, "pause", paused=True)


def resume(visit: Visit) -> Response:
    return _paused(visit, "resume", paused=False)


def _paused(visit: Visit, command: str, *, paused: bool) -> Response:
    only = visit.form.get("connection") or None
    if (only is None) != (visit.form.get("all") == "yes"):
        raise wrong("Name one account or all of them.", "Send connection=NAME or all=yes.")
    wish = Wish(only=only, paused=paused, by=visit.user.id)
    clock = visit.app.clock()
    names, _ = set_paused(visit.app.begin, visit.organisation, wish, now=visit.now, clock=clock)
    visit.app.bell.ring(visit.app.claims.due(clock))
    return data(visit, command, {"connections": [{"name": n, "paused": paused} for n in names]})


def trail(visit: Visit) -> Response:
    """Sealed entries after a number."""
    after, limit = number_of(visit, "after", 0), min(MOST, number_of(visit, "limit", ENTRIES))
    with visit.look() as state:
        entries = state.trail.entries(after=after, limit=limit)
    return data(visit, "audit list", {"entries": [audit.plain(one) for one in entries]})


def verified(visit: Visit) -> Response:
    """Whether the chain of the trail is whole."""
    found = chain.verify(visit.app.look, visit.organisation)
    names = ("sealed", "unsealed", "oldest_unsealed", "broken_at", "head")
    return data(visit, "audit verify", {name: getattr(found, name) for name in names})


def _people(visit: Visit) -> list[str]:
    """Whom this user may read about, or the one of them that was asked for."""
    rep = visit.query.get("rep", "").lower()
    return [one for one in visit.sight.people if rep in ("", one)]


def _period(visit: Visit) -> Period | None:
    text = visit.query.get("period")
    if not text:
        return None
    try:
        return named_period(text, fiscal_start=visit.own.fiscal_start)
    except ValueError:
        raise wrong(
            f"{text[:40]!r} is no period.",
            "Write a month as 2026-06, a quarter as 2026-Q1, a half as 2026-H1, a year 2026-FY.",
        ) from None


def _week(visit: Visit) -> str:
    text = visit.query.get("week")
    if not text:
        return visit.turn_week
    try:
        return week_of(monday_of(text))
    except ValueError:
        raise wrong(f"{text[:40]!r} is no week.", "Write a week as 2026-W24.") from None
