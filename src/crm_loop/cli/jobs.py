"""`crm-loop jobs`: what waits, what runs, what was parked and why."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.errors import WrongUsage
from crm_loop.queue import Job, JobState
from crm_loop.store.audit import record
from crm_loop.wording.said import why

app = typer.Typer(no_args_is_help=True, help="List, show, retry and park jobs.")

StateOption = Annotated[
    list[JobState] | None, typer.Option("--state", help="Only these; may be given twice.")
]
IdArgument = Annotated[str, typer.Argument(help="The job's id.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; shown to whoever looks.")]


@app.command("list")
@command("jobs list")
def list_(house: App, call: Call, *, state: StateOption = None) -> Answer:
    """List jobs that are not done (with --state: those in these states)."""
    wanted, says = state or [JobState.READY, JobState.RUNNING, JobState.PARKED], call.says(house)
    with house.begin(call.organisation) as opened:
        jobs, counts = opened.jobs.all(*wanted), opened.jobs.counts()
    data = {"jobs": [plain(job) for job in jobs], "counts": counts}
    return Answer(data=data, show=lambda console: _show(console, jobs, says))


@app.command()
@command("jobs show")
def show(house: App, call: Call, id_: IdArgument) -> Answer:
    """Show one job with everything that is known about it."""
    job, says = plain(_one(house, call.organisation, id_)), call.says(house)
    lines = [f"{says.headings(name)[0]}: {says.word('job', value)}" for name, value in job.items()]
    return Answer(data={"job": job}, show=lambda console: console.print("\n".join(lines)))


@app.command()
@command("jobs retry")
def retry(house: App, call: Call, id_: IdArgument) -> Answer:
    """Make a parked or finished job ready once more."""
    _one(house, call.organisation, id_)
    with house.begin(call.organisation) as state:
        done = state.jobs.again([id_], now=real_now()) == 1
        if done:
            record(state, actor="operator", what="job.retried", subject=id_, at=house.now())
    house.bell.ring(house.claims.due(real_now()))
    return _changed(house, call, id_, done=done)


@app.command()
@command("jobs park")
def park(
    house: App, call: Call, id_: IdArgument, *, reason: ReasonOption = "by an operator"
) -> Answer:
    """Set a job aside that has not begun, or that fails again and again."""
    _one(house, call.organisation, id_)
    with house.begin(call.organisation) as state:
        done = state.jobs.park(id_, reason=reason)
        if done:
            record(state, actor="operator", what="job.parked", subject=id_, at=house.now())
    return _changed(house, call, id_, done=done)


def _one(house: App, organisation: str, id_: str) -> Job:
    with house.begin(organisation) as state:
        job = state.jobs.get(id_)
    if job is None:
        raise WrongUsage(
            f"There is no job {id_!r}.",
            code="job.missing",
            kept="Nothing was changed.",
            do="Look at the ids with crm-loop jobs list.",
        )
    return job


def _changed(house: App, call: Call, id_: str, *, done: bool) -> Answer:
    job, says = _one(house, call.organisation, id_), call.says(house)
    sentence = says("job_is", id=job.id, state=says.word("job", job.state.value))
    return Answer(
        data={"job": plain(job), "changed": done},
        show=lambda console: console.print(sentence),
        in_part=not done,
    )


def plain(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "connection": job.connection,
        "state": job.state.value,
        "due": job.due,
        "attempts": job.attempts,
        "crashes": job.crashes,
        "holder": job.holder,
        "reason": job.last_error and job.last_error.replace("\n", " "),
    }


def _show(console: Console, jobs: list[Job], says: Says) -> None:
    if not jobs:
        console.print(says("jobs_none"))
        return
    table = Table()
    for heading in says.headings("id", "state", "when", "attempts", "crashes", "reason"):
        table.add_column(heading, overflow="fold")
    for job in jobs:
        counts = (str(job.attempts), str(job.crashes))
        due = job.due.isoformat(timespec="seconds")
        state = says.word("job", job.state.value)
        table.add_row(job.id, state, due, *counts, why(job.last_error or "", says.language))
    console.print(table)
