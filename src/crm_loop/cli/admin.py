"""`crm-loop admin`: links that make an account for the console, or give it a new password."""

from typing import Annotated

import typer

from crm_loop.access.roles import ConsoleRole
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
from crm_loop.store.audit import record

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


@app.command("unlock")
def factor_off(
    *,
    person: PersonOption,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Switch somebody's two-step sign-in off, whose telephone is gone; ends all sessions."""
    call = Call("admin unlock", as_json, lang, organisation)

    def work(house: App) -> Answer:
        with house.begin(organisation) as state:
            user = state.users.by_email(person.strip().lower())
            if user is None:
                raise WrongUsage(
                    f"There is no account {person!r}.",
                    code="admin.nobody",
                    kept="Nothing was changed.",
                    do="Look at the addresses on the page of users.",
                )
            state.users.set_totp(user.id, None)
            state.users.end_sessions(user.id)
            what, at = "user.second_factor_off", real_now()
            record(state, actor="operator", what=what, subject=user.id, at=at)
        text = call.says(house)("factor_off")
        return Answer(data={"switched_off": True}, show=lambda console: console.print(text))

    answer(call, work)
