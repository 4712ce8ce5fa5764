"""What waits, what runs, what was set aside and why."""

from starlette.responses import Response

from crm_loop.console.paging import Paging, wanted
from crm_loop.console.visit import Missing, Visit
from crm_loop.queue import JobState

#: What the page begins with: whatever is not over.
OPEN = (JobState.PARKED, JobState.RUNNING, JobState.READY)


def show(visit: Visit) -> Response:
    """Jobs in a state, and when each kind was done last."""
    chosen = visit.query.get("state", "")
    states = (JobState(chosen),) if chosen in tuple(JobState) else OPEN
    paging = wanted(visit)
    with visit.look() as state:
        jobs, total = state.listing.jobs(paging.window, states=states)
        counts = state.jobs.counts()
        last = state.listing.last_done()
    return visit.page(
        "jobs.html",
        jobs=jobs,
        counts=counts,
        chosen=chosen if chosen in tuple(JobState) else "",
        states=tuple(JobState),
        last=sorted(last.items(), key=lambda item: (item[0][0], item[0][1] or "")),
        paging=Paging(paging.page, total),
    )


def retry(visit: Visit) -> Response:
    """Make a parked or finished job ready once more."""
    id_ = visit.form.get("id")
    with visit.change() as state:
        if state.jobs.get(id_) is None:
            raise Missing
        if state.jobs.again([id_], now=visit.app.clock()):
            visit.note(state, "job.retried", id_)
    visit.app.bell.ring(visit.app.claims.due(visit.app.clock()))
    return visit.go("jobs", said="asked")


def park(visit: Visit) -> Response:
    """Set a job aside that has not begun."""
    id_ = visit.form.get("id")
    with visit.change() as state:
        if state.jobs.get(id_) is None:
            raise Missing
        parked = state.jobs.park(id_, reason="by an operator")
        if parked:
            visit.note(state, "job.parked", id_)
    return visit.go("jobs", said="saved" if parked else "too_late_job")
