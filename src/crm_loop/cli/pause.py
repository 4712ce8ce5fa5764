"""`crm-loop pause` and `resume`: no new write within five seconds, and on again."""

from dataclasses import replace
from typing import Annotated

import typer

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.queue import NewJob
from crm_loop.store.audit import record

ConnectionOption = Annotated[str | None, typer.Option("--connection", help="Only this account.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every account.")]


@command("pause")
def pause(
    app: App, call: Call, *, connection: ConnectionOption = None, everything: AllOption = False
) -> Answer:
    """Stop writing to an account or to all; what is on its way is still settled."""
    return _set(app, call, _only(connection, everything=everything), paused=True)


@command("resume")
def resume(
    app: App, call: Call, *, connection: ConnectionOption = None, everything: AllOption = False
) -> Answer:
    """Write again, at once, what has waited."""
    return _set(app, call, _only(connection, everything=everything), paused=False)


def _only(connection: str | None, *, everything: bool) -> str | None:
    if (connection is None) != everything:
        raise WrongUsage(
            "Name one account or all of them.",
            code="usage.pause",
            kept="Nothing was changed.",
            do="Use --connection NAME or --all.",
        )
    return connection


def _set(app: App, call: Call, only: str | None, *, paused: bool) -> Answer:
    """Change the flag that every writer asks before each batch, and wake the writers."""
    changed = []
    with app.begin(call.organisation) as state:
        rows = state.connections.all()
        if only is not None and only not in {row.name for row in rows}:
            raise WrongUsage(
                f"There is no connection {only!r}.",
                code="connection.missing",
                kept="Nothing was changed.",
                do="Look at the names with crm-loop doctor.",
            )
        for row in rows:
            if row.paused != paused and only in (None, row.name):
                state.connections.put(replace(row, paused=paused))
                what = "connection.paused" if paused else "connection.resumed"
                record(state, actor="operator", what=what, subject=row.name, at=app.now())
                changed.append(row.name)
        for name in [] if paused else changed:
            now = real_now()
            job = NewJob(id=f"resume:write:{name}:{now.isoformat()}", kind="write", connection=name)
            state.jobs.add(job, now=now)
    app.bell.ring(app.claims.due(real_now()))
    shown = [row.name for row in rows if only in (None, row.name)]
    says = call.says(app)
    between = "、" if says.language == "ja" else ", "
    done = says("paused" if paused else "writing", names=between.join(shown))
    return Answer(
        data={"connections": [{"name": name, "paused": paused} for name in shown]},
        show=lambda console: console.print(done if shown else says("no_account")),
    )
