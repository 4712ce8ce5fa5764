"""`crm-loop salesforce …`: put the package into an org, check it, take it out."""

from pathlib import Path
from typing import Annotated

import typer

from crm_loop.connector.commands import (
    Command,
    JsonOption,
    LangOption,
    Language,
    OrganisationOption,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What only Salesforce needs.")

UrlOption = Annotated[str, typer.Option(help="The org's own address, https://….my.salesforce.com")]
AdminOption = Annotated[
    Path, typer.Option(help="JSON file that signs an administrator in; read once, never kept.")
]
Names = Annotated[list[str] | None, typer.Option(help="A user name or e-mail; may be repeated.")]
CheckOnly = Annotated[bool, typer.Option("--check-only", help="Say what would happen.")]


@app.callback()
def salesforce() -> None:
    """What only Salesforce needs."""


@app.command()
def install(
    *,
    url: UrlOption = "",
    admin: AdminOption = Path("admin.json"),
    level: Annotated[int, typer.Option(min=1, max=2, help="1: key fields only.")] = 2,
    japanese: Annotated[bool, typer.Option("--japanese", help="With Japanese texts.")] = False,
    analytics: Annotated[bool, typer.Option("--analytics", help="With the dashboard.")] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="With the sign-in app; the file that keygen wrote.")
    ] = None,
    contact: Annotated[str, typer.Option(help="Contact e-mail of the sign-in app.")] = "",
    integration_user: Names = None,
    rep: Names = None,
    manager: Names = None,
    people: Annotated[
        Path | None, typer.Option(help="people.csv: everybody in it, as rep or manager.")
    ] = None,
    check_only: CheckOnly = False,
    save: Annotated[Path | None, typer.Option(help="Write the zip here; deploy nothing.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Deploy the package and give its permission sets."""
    from crm_loop_salesforce import setting_up

    wanted = setting_up.Wanted(
        level=level,
        japanese=japanese,
        analytics=analytics,
        certificate=certificate,
        contact=contact,
        integration=tuple(integration_user or ()),
        reps=tuple(rep or ()),
        managers=tuple(manager or ()),
        people=people,
    )
    _command("salesforce install", as_json, lang).finish(
        lambda: setting_up.install(wanted, url, admin, check_only=check_only, save=save)
    )


@app.command()
def check(
    *,
    connection: Annotated[str, typer.Option(help="Which connection's org.")] = "salesforce",
    organisation: OrganisationOption = "default",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what of the package the connected user can use, by the org's own description."""
    from crm_loop_salesforce import setting_up

    _command("salesforce check", as_json, lang).finish(
        lambda: setting_up.check(organisation, connection)
    )


@app.command()
def uninstall(
    *,
    url: UrlOption = "",
    admin: AdminOption = Path("admin.json"),
    check_only: CheckOnly = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take the package out again; tasks stay with their owners and are listed."""
    from crm_loop_salesforce import setting_up

    _command("salesforce uninstall", as_json, lang).finish(
        lambda: setting_up.uninstall(url, admin, check_only=check_only)
    )


@app.command()
def keygen(
    *,
    output: Annotated[Path, typer.Option(help="The folder for both files.")] = Path(),
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 730,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make the key that signs the worker in, and the certificate that the org is given."""
    from crm_loop_salesforce import setting_up

    _command("salesforce keygen", as_json, lang).finish(lambda: setting_up.keygen(output, days))


def _command(name: str, as_json: bool, lang: Language | None) -> Command:
    return Command(name, "crm_loop_salesforce", as_json, lang)
