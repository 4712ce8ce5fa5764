"""`crm-loop hubspot …`: what only HubSpot needs."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_loop.connector.commands import (
    Command,
    JsonOption,
    LangOption,
    Language,
    OrganisationOption,
)
from crm_loop.errors import CrmLoopError

#: Exit code of every command for what a person has to put right.
NEEDS_ATTENTION = 3
#: The house says here how an early pull is asked for; a connector does not know its queue.
EARLY_PULLS = "crm_loop.early_pulls"

ConnectionOption = Annotated[str, typer.Option(help="Which connection's portal.")]
CheckOnly = Annotated[bool, typer.Option("--check-only", help="Say what would happen.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What only HubSpot needs.")


@app.callback()
def hubspot() -> None:
    """What only HubSpot needs."""


@app.command()
def install(
    *,
    connection: ConnectionOption = "hubspot",
    organisation: OrganisationOption = "default",
    check_only: CheckOnly = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make the property group and the property for our key on tasks."""
    from crm_loop_hubspot import setting_up

    _command("hubspot install", as_json, lang).finish(
        lambda: setting_up.install(organisation, connection, check_only=check_only)
    )


@app.command()
def project(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    *,
    contact: Annotated[str, typer.Option(help="Whom people in HubSpot ask about the app.")] = "",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write the project of card and page, ready for `hs project upload`."""
    from crm_loop_hubspot import setting_up

    _command("hubspot project", as_json, lang).finish(lambda: setting_up.project(folder, contact))


@app.command()
def check(
    *,
    connection: ConnectionOption = "hubspot",
    organisation: OrganisationOption = "default",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what this portal lets us do, and what is in its way."""
    from crm_loop_hubspot import setting_up

    _command("hubspot check", as_json, lang).finish(
        lambda: setting_up.check(organisation, connection)
    )


@app.command()
def uninstall(
    *,
    connection: ConnectionOption = "hubspot",
    organisation: OrganisationOption = "default",
    check_only: CheckOnly = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take out what install made; tasks stay with their owners and are listed."""
    from crm_loop_hubspot import setting_up

    _command("hubspot uninstall", as_json, lang).finish(
        lambda: setting_up.uninstall(organisation, connection, check_only=check_only)
    )


def _command(name: str, as_json: bool, lang: Language | None) -> Command:
    return Command(name, "crm_loop_hubspot", as_json, lang)


@app.command()
def webhooks(
    *,
    connection: Annotated[str, typer.Option(help="Which connection's portal.")] = "hubspot",
    organisation: Annotated[str, typer.Option(help="Whose connection it is.")] = "default",
    port: Annotated[int, typer.Option(help="On loopback; a proxy stands before it.")] = 8730,
    public_url: Annotated[
        str | None, typer.Option(help="Scheme and host under which HubSpot reaches us.")
    ] = None,
) -> None:
    """Take HubSpot's messages on loopback; each asks for an early pull."""
    import uvicorn

    from crm_loop_hubspot.webhooks.receiver import Door, Receiver

    try:
        bell = _bell(organisation, connection)
    except CrmLoopError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(NEEDS_ATTENTION) from None
    door = Door(
        secret=bell.secret,
        portal=bell.portal,
        ring=bell.ring,
        forget=bell.forget,
        public_url=public_url,
    )
    # Without a configuration its lines go where the house's own lines go.
    uvicorn.run(
        Receiver(door),
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_level="warning",
        log_config=None,
    )


def _bell(organisation: str, connection: str) -> Any:
    (found,) = entry_points(group=EARLY_PULLS)
    return found.load()(organisation, connection)
