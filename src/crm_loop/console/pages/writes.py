"""What is to be written into the CRMs, what was, what was refused; approve, try again, undo.

What a memo or an agreed step says belongs to its two people: its text is shown to them only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from crm_loop.access.roles import Sight, sight
from crm_loop.console.paging import Paging, wanted
from crm_loop.console.visit import Missing, Visit
from crm_loop.cycle import turn as steps
from crm_loop.errors import CrmLoopError
from crm_loop.loop_records import WriteState
from crm_loop.store.listing import Chosen
from crm_loop.store.write_rows import Write
from crm_loop.wording.names import called
from crm_loop.write_back import undo as taking_back
from crm_loop.write_back.service import approve as approve_writes

#: Tabs of the page: which states each shows.
TABS: dict[str, tuple[WriteState, ...]] = {
    "waiting": (WriteState.PLANNED, WriteState.APPROVED),
    "refused": (WriteState.REFUSED,),
    "unknown": (WriteState.UNKNOWN, WriteState.CLAIMED, WriteState.SENT),
    "written": (WriteState.CONFIRMED,),
    "aside": (WriteState.DISMISSED, WriteState.UNDONE),
}
RUNS = 20
#: Runs that somebody may still want to undo.
RECENT = timedelta(weeks=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One write; `subject` and `body` are empty for whoever may not read them."""

    write: Write
    name: str
    subject: str
    body: str
    before: str


def show(visit: Visit) -> Response:
    """One tab of the ledger."""
    tab = visit.query.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    run = visit.query.get("run") or None
    paging = wanted(visit)
    with visit.look() as state:
        rows, total = state.listing.writes(paging.window, Chosen(states=TABS[tab], run=run))
        counts = state.listing.write_counts()
        runs = state.listing.runs(RUNS, since=visit.now - RECENT)
        people = {one.person: one for one in state.people.members()}
    names = {p: called(m, visit.words.language) for p, m in people.items()}
    seen = sight(visit.user.email, visit.user.roles, people)
    return visit.page(
        "writes.html",
        lines=[_line(row, names.get(row.person, ""), seen) for row in rows],
        tab=tab,
        planned=counts.get(WriteState.PLANNED, 0),
        tabs=[(name, sum(counts.get(one, 0) for one in states)) for name, states in TABS.items()],
        run=run,
        runs=runs,
        writing=visit.own.writing,
        paging=Paging(paging.page, total),
    )


def _line(row: Write, name: str, seen: Sight) -> Line:
    mine = seen.may_read(row.person)
    return Line(
        write=row,
        name=name,
        subject=row.subject if mine else "",
        body=row.body if mine else "",
        before=(row.written_body or "") if mine else "",
    )


def approve(visit: Visit) -> Response:
    """Let one write through, or all of a run that wait."""
    key, run = visit.form.get("key"), visit.form.get("run") or None
    with visit.look() as state:
        keys = [key] if key else state.listing.planned_keys(Chosen(run=run))
    count = approve_writes(
        visit.app.begin, visit.organisation, keys, by=visit.user.id, at=visit.now
    )
    _ring(visit)
    return visit.go("writes", said="approved" if count else "nothing")


def retry(visit: Visit) -> Response:
    """Try again what a CRM refused, after its rule or the record was mended."""
    key = visit.form.get("key")
    with visit.look() as state:
        refused = state.writes.of_states(WriteState.REFUSED) if not key else []
    keys = [key] if key else [row.key for row in refused]
    with visit.change() as state:
        count = state.writes.retry(keys, by=visit.user.id, at=visit.now)
    _ring(visit)
    return visit.go("writes", said="again" if count else "nothing", tab="refused")


def undo_form(visit: Visit) -> Response:
    """What undoing a run would do; asks the CRMs, changes nothing."""
    run = visit.query.get("run", "")
    taken, left, troubles = _look(visit, run)
    if not taken and not left and not troubles:
        raise Missing
    return visit.page("undo.html", run=run, count=len(taken), left=left, troubles=troubles)


def undo(visit: Visit) -> Response:
    """Intend to take the run back; workers do it, and look once more before each."""
    run, turn = visit.form.get("run"), visit.turn
    mine, count = taking_back.run_of(turn.clock()), 0
    for row in turn.connections():
        writing = steps.writing_to(turn, row.name)
        may = bool(row.facts.get("can_delete"))
        undoing = taking_back.look(writing, run, can_delete=may)
        if undoing.taken_back:
            count += len(taking_back.undo(writing, undoing, by=visit.user.id, run=mine))
    _ring(visit)
    return visit.go("writes", said="undoing" if count else "nothing")


def _look(visit: Visit, run: str) -> tuple[list[str], dict[str, int], Sequence[str]]:
    """Keys that can be taken back, how many are left for which reason, and accounts in trouble."""
    turn = visit.turn
    taken: list[str] = []
    left: dict[str, int] = {}
    troubles = []
    for row in turn.connections():
        try:
            may = bool(row.facts.get("can_delete"))
            found = taking_back.look(steps.writing_to(turn, row.name), run, can_delete=may)
        except CrmLoopError as error:
            troubles.append(f"{row.name}: {visit.sentence(error)['happened']}")
            continue
        taken += found.taken_back
        for why in found.left.values():
            left[why] = left.get(why, 0) + 1
    return taken, left, troubles


def _ring(visit: Visit) -> None:
    """Have the writers look at once instead of at their next slot."""
    now = visit.app.clock()
    with visit.change() as state:
        for name in state.writes.open_connections():
            state.ask_for("write", name, slot=visit.now, now=now)
    visit.app.bell.ring(visit.app.claims.due(now))
