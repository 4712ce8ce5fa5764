"""`crm-loop pause` and `resume`: no new write within five seconds, and on again."""

from typing import Annotated

import typer

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.setup.pausing import Wish, set_paused

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
    """Change the flag, and wake the writers."""
    wish = Wish(only=only, paused=paused, by="operator")
    shown, _ = set_paused(app.begin, call.organisation, wish, now=app.now(), clock=real_now())
    app.bell.ring(app.claims.due(real_now()))
    says = call.says(app)
    between = "、" if says.language == "ja" else ", "
    done = says("paused" if paused else "writing", names=between.join(shown))
    return Answer(
        data={"connections": [{"name": name, "paused": paused} for name in shown]},
        show=lambda console: console.print(done if shown else says("no_account")),
    )
