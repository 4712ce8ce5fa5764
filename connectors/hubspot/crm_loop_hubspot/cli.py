"""`crm-loop hubspot …`: what only HubSpot needs."""

from importlib.metadata import entry_points
from typing import Annotated, Any

import typer

from crm_loop.errors import CrmLoopError

#: Exit code of every command for what a person has to put right.
NEEDS_ATTENTION = 3
#: The house says here how an early pull is asked for; a connector does not know its queue.
EARLY_PULLS = "crm_loop.early_pulls"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What only HubSpot needs.")


@app.callback()
def hubspot() -> None:
    """What only HubSpot needs."""


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
    door = Door(secret=bell.secret, portal=bell.portal, ring=bell.ring, public_url=public_url)
    uvicorn.run(Receiver(door), host="127.0.0.1", port=port, access_log=False, log_level="warning")


def _bell(organisation: str, connection: str) -> Any:
    (found,) = entry_points(group=EARLY_PULLS)
    return found.load()(organisation, connection)
