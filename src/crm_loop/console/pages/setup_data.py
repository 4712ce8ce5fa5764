"""Setting up what is about data: check, stages and fiscal year, KPIs, targets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from starlette.responses import Response

from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.cli.targets import wanted as targets_of
from crm_loop.console import figure_store
from crm_loop.console.figure_view import Writing
from crm_loop.console.pages import setup_past
from crm_loop.console.pages.setup import finish
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError
from crm_loop.kpi.catalogue import SHOWN, Kpi
from crm_loop.kpi.target_diff import TargetDiff, diff
from crm_loop.loop_records import Level, Target
from crm_loop.records import Stage, Subject
from crm_loop.setup import targets_csv
from crm_loop.setup.doctor import examine
from crm_loop.setup.findings import worded
from crm_loop.setup.look import look
from crm_loop.store import State

PLACES = ("S1", "S2", "S3", "S4", "won", "lost")
#: Closed months whose real values are shown beside the KPIs.
MONTHS = 3
_PURPOSE = 60


def check(visit: Visit) -> Response:
    """Every connection, as the doctor sees it now; done when nothing is blocked."""
    with visit.look() as state:
        names = [row.name for row in state.connections.all()]
    found = {name: _findings(visit, name) for name in names}
    levels = {one["level"] for findings in found.values() for one in findings}
    if names and Level.BLOCKED.value not in levels:
        with visit.change() as state:
            finish(visit, state, "check", {"connections": names})
    return visit.page("setup_check.html", found=found)


def _findings(visit: Visit, name: str) -> list[dict[str, str]]:
    try:
        seen = look(visit.app.door(visit.organisation), name)
    except CrmLoopError as error:
        said = visit.sentence(error)
        blocked = Level.BLOCKED.value
        return [{"level": blocked, "title": said["happened"], "do": said["do"]}]
    return [worded(one, visit.words.language) for one in examine(seen)]


def stages(visit: Visit) -> Response:
    """Where each stage of the CRMs belongs, and when the fiscal year begins."""
    with visit.look() as state:
        found, mapped = _stages(state), state.mapping.all()
    return visit.page(
        "setup_map.html",
        stages=[
            (f"{at}|{one.pipeline}|{one.id}", at, one, mapped.get((at, one.pipeline, one.id), ""))
            for at, one in found
        ],
        places=PLACES,
        months=range(1, 13),
        fiscal_start=visit.own.fiscal_start,
    )


def _stages(state: State) -> list[tuple[str, Stage]]:
    found = [(at, one) for at, one in state.crm.read(Subject.STAGES) if one.active]
    return sorted(found, key=lambda pair: (pair[0], pair[1].pipeline, pair[1].order))


def set_stages(visit: Visit) -> Response:
    """Keep what was chosen for stages that the CRMs really have."""
    month = visit.form.get("fiscal_start")
    with visit.change() as state:
        chosen: dict[str, dict[tuple[str, str], str]] = {}
        for at, one in _stages(state):
            place = visit.form.get(f"{at}|{one.pipeline}|{one.id}")
            if place in PLACES:
                chosen.setdefault(at, {})[one.pipeline, one.id] = place
        for at, places in chosen.items():
            state.mapping.set(at, places)
        if month in {str(number) for number in range(1, 13)}:
            state.connections.put_organisation(replace(visit.own, fiscal_start=int(month)))
        finish(visit, state, "map", {at: len(places) for at, places in chosen.items()})
    return visit.go("setup", said="saved")


def kpis(visit: Visit) -> Response:
    """What is shown to begin with, beside what really was in the last months."""
    with visit.look() as state:
        known = figure_store.kpis(state)
    past, waits = setup_past.months(visit, MONTHS)
    writing = Writing(visit.words, visit.own.currency)
    return visit.page(
        "setup_kpis.html",
        profiles=[
            (name, [_beside(known[id_], past, writing) for id_ in ids if id_ in known])
            for name, ids in SHOWN.items()
        ],
        waits=waits,
        profile=visit.own.profile,
        purpose=visit.own.purpose,
        longest=_PURPOSE,
    )


Past = Sequence[tuple[str, date, float, int]]


def _beside(kpi: Kpi, past: Past, writing: Writing) -> tuple[str, str, list[str]]:
    """Name, what it is for, and the company's totals of the last closed months."""
    said = [
        writing.words.say(
            "setup_kpis.month",
            month=writing.words.say(f"months.m{month.month}"),
            total=writing.number(kpi, total),
        )
        for id_, month, total, people in past
        if id_ == kpi.id and kpi.is_volume and people >= SMALLEST_GROUP
    ]
    language = writing.words.language
    return kpi.names[language], kpi.purposes[language], said[-MONTHS:]


def set_kpis(visit: Visit) -> Response:
    profile, purpose = visit.form.get("profile"), visit.form.get("purpose")[:_PURPOSE]
    chosen = profile if profile in SHOWN else visit.own.profile
    with visit.change() as state:
        state.connections.put_organisation(replace(visit.own, profile=chosen, purpose=purpose))
        finish(visit, state, "kpis", {"profile": chosen})
    return visit.go("setup", said="saved")


def targets(visit: Visit) -> Response:
    """Where targets come from; a file is looked at before it is taken."""
    return _targets(visit)


def _targets(visit: Visit, *, status: int = 200, **facts: object) -> Response:
    with visit.look() as state:
        quotas = sum(state.crm.count(r.name, Subject.QUOTAS) for r in state.connections.all())
        kept = len(state.figures.targets(visit.today))
    shown: Mapping[str, object] = {"wrong": None, "text": "", "changes": None, "off": 0,
                                     "suggested": (), **facts}  # fmt: skip
    columns = ",".join(targets_csv.COLUMNS)
    if shown["changes"] is None and shown["wrong"] is None:
        shown = {**shown, "suggested": setup_past.suggested(visit)}
    return visit.page(
        "setup_targets.html", status=status, quotas=quotas, kept=kept, columns=columns, **shown
    )


def set_targets(visit: Visit) -> Response:
    """Show what a file would change; take it when that was seen."""
    text = visit.form.get("file") or visit.form.get("text")
    if not text:
        with visit.change() as state:
            finish(visit, state, "targets", {"rows": 0})
        return visit.go("setup", said="saved")
    try:
        with visit.look() as state:
            wanted = targets_of(state, text, "targets.csv")
        if visit.form.get("seen") != "yes":
            return _preview(visit, text, _diff(visit, wanted))
    except CrmLoopError as error:
        return _targets(visit, status=422, wrong=visit.sentence(error), text=text)
    with visit.change() as state:
        count = state.figures.put_targets(wanted, at=visit.now)
        finish(visit, state, "targets", {"rows": count})
    return visit.go("setup", said="saved")


def _diff(visit: Visit, wanted: Sequence[Target]) -> TargetDiff:
    return diff(visit.app.begin, visit.organisation, wanted, as_of=visit.yesterday)


def _preview(visit: Visit, text: str, found: TargetDiff) -> Response:
    off = len(found.turned_off_track)
    return _targets(visit, text=text, changes=len(found.changes), off=off)
