"""`crm-loop admin`: links that make an account for the console, or give it a new password."""

from typing import Annotated

import typer

from crm_loop.access.roles import ConsoleRole
from crm_loop.bootstrap import App
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

app = typer.Typer(no_args_is_help=True, help="Links that make accounts for the console.")

PersonOption = Annotated[
    str, typer.Option("--person", help="Whose account (e-mail); whoever opens it, if left out.")
]
RoleOption = Annotated[
    list[ConsoleRole] | None, typer.Option("--role", help="What the account is for; repeatable.")
]


@app.callback()
def root() -> None:
    """Links that make accounts for the console."""


@app.command()
def link(
    *,
    person: PersonOption = "",
    role: RoleOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Print a link that works once within a day; an admin's unless roles are named."""
    call = Call("admin link", as_json, lang, organisation)

    def work(house: App) -> Answer:
        if person and "@" not in person:
            raise WrongUsage(
                f"{person!r} is no e-mail address.",
                code="usage.email",
                kept="Nothing was made.",
                do="Write it as tanaka@example.com.",
            )
        house.ensure_organisation(organisation)
        roles = role or [ConsoleRole.ADMIN]
        secret = house.doorkeeper.link(organisation, email=person, roles=roles, made_by="operator")
        url = f"{house.settings.console_url}/welcome/{secret}"
        return Answer(
            data={"one_time_link": url, "roles": sorted(roles)},
            show=lambda console: console.print(url, highlight=False, soft_wrap=True),
        )

    answer(call, work)
