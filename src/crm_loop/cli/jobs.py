"""`crm-loop jobs`: what waits, what runs, what was parked and why."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.errors import WrongUsage
from crm_loop.queue import Job, JobState
from crm_loop.store.audit import record

app = typer.Typer(no_args_is_help=True, help="List, show, retry and park jobs.")

StateOption = Annotated[
    list[JobState] | None, typer.Option("--state", help="Only these; may be given twice.")
]
IdArgument = Annotated[str, typer.Argument(help="The job's id.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; shown to whoever looks.")]


@app.command("list")
def list_(
    *,
    state: StateOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """List jobs that are not done (with --state: those in these states)."""
    call = Call("jobs list", as_json, lang, organisation)
    wanted = state or [JobState.READY, JobState.RUNNING, JobState.PARKED]

    def work(house: App) -> Answer:
        with house.begin(organisation) as opened:
            jobs, counts = opened.jobs.all(*wanted), opened.jobs.counts()
        data = {"jobs": [plain(job) for job in jobs], "counts": counts}
        return Answer(data=data, show=lambda console: _show(console, jobs))

    answer(call, work)


@app.command()
def show(
    id_: IdArgument,
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show one job with everything that is known about it."""
    call = Call("jobs show", as_json, lang, organisation)

    def work(house: App) -> Answer:
        job = _one(house, organisation, id_)
        return Answer(
            data={"job": plain(job)},
            show=lambda console: console.print(
                "\n".join(f"{name}: {value}" for name, value in plain(job).items())
            ),
        )

    answer(call, work)


@app.command()
def retry(
    id_: IdArgument,
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Make a parked or finished job ready once more."""
    call = Call("jobs retry", as_json, lang, organisation)

    def work(house: App) -> Answer:
        _one(house, organisation, id_)
        with house.begin(organisation) as state:
            done = state.jobs.again([id_], now=real_now()) == 1
            if done:
                record(state, actor="operator", what="job.retried", subject=id_, at=house.now())
        house.bell.ring(house.claims.due(real_now()))
        return _changed(house, organisation, id_, done=done)

    answer(call, work)


@app.command()
def park(
    id_: IdArgument,
    *,
    reason: ReasonOption = "by an operator",
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Set a job aside that has not begun, or that fails again and again."""
    call = Call("jobs park", as_json, lang, organisation)

    def work(house: App) -> Answer:
        _one(house, organisation, id_)
        with house.begin(organisation) as state:
            done = state.jobs.park(id_, reason=reason)
            if done:
                record(state, actor="operator", what="job.parked", subject=id_, at=house.now())
        return _changed(house, organisation, id_, done=done)

    answer(call, work)


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


def _changed(house: App, organisation: str, id_: str, *, done: bool) -> Answer:
    job = _one(house, organisation, id_)
    return Answer(
        data={"job": plain(job), "changed": done},
        show=lambda console: console.print(f"{job.id}: {job.state.value}"),
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
        "reason": job.last_error,
    }


def _show(console: Console, jobs: list[Job]) -> None:
    table = Table()
    for heading in ("id", "state", "due", "attempts", "crashes", "reason"):
        table.add_column(heading, overflow="fold")
    for job in jobs:
        counts = (str(job.attempts), str(job.crashes))
        due = job.due.isoformat(timespec="seconds")
        table.add_row(job.id, job.state.value, due, *counts, job.last_error or "")
    console.print(table)
