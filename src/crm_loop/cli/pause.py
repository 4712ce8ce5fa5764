"""`crm-loop pause` and `resume`: no new write within five seconds, and on again."""

from typing import Annotated

import typer

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
from crm_loop.setup.pausing import Wish, set_paused

ConnectionOption = Annotated[str | None, typer.Option("--connection", help="Only this account.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every account.")]


def pause(
    *,
    connection: ConnectionOption = None,
    everything: AllOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Stop writing to an account or to all; what is on its way is still settled."""
    call = Call("pause", as_json, lang, organisation)
    answer(call, lambda app: _set(app, call, _only(connection, everything=everything), paused=True))


def resume(
    *,
    connection: ConnectionOption = None,
    everything: AllOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Write again, at once, what has waited."""
    call = Call("resume", as_json, lang, organisation)
    answer(
        call, lambda app: _set(app, call, _only(connection, everything=everything), paused=False)
    )


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
    words = "paused" if paused else "writing"
    return Answer(
        data={"connections": [{"name": name, "paused": paused} for name in shown]},
        show=lambda console: console.print(f"{', '.join(shown) or 'no account'}: {words}"),
    )
