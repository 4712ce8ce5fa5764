"""`crm-loop connect`: connect a CRM account and check it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_loop.bootstrap import App
from crm_loop.cli.files import read_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.connector.discovery import profiles
from crm_loop.errors import NeedsAttention, WrongUsage
from crm_loop.setup.connect import Wanted
from crm_loop.setup.connect import connect as keep
from crm_loop.setup.consenting import NOBODY, ConsentDesk, Intended


@command("connect")
def connect(
    app: App,
    call: Call,
    name: Annotated[str, typer.Argument(help="What to call this account.")],
    *,
    kind: Annotated[str, typer.Option(help="Which CRM it is, as its connector is called.")],
    url: Annotated[str, typer.Option(help="Login or base URL of the account.")],
    credentials: Annotated[Path, typer.Option(help="JSON file with what signs us in.")],
    setting: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for this connection.")
    ] = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="Print the link where an admin agrees in the CRM.")
    ] = False,
) -> Answer:
    """Connect a CRM account: sign in, make what is needed there, remember what it can do."""
    if consent:
        app.ensure_organisation(call.organisation)
        intended = _intended(name, url, _credentials(credentials))
        return _to_be_agreed(app, call, kind, intended)
    wanted = Wanted(
        name=name,
        kind=kind,
        url=url,
        settings=dict(_pair(one) for one in setting or ()),
        credentials=_credentials(credentials),
    )
    app.ensure_organisation(call.organisation)
    found = keep(app.door(call.organisation), wanted)
    data = {"connection": name, "account_id": found.account_id, "name": found.account_name}
    sentence = call.says(app)(
        "connected", name=name, account=found.account_name, id=found.account_id
    )
    return Answer(data=data, show=lambda console: console.print(sentence, highlight=False))


def _intended(name: str, url: str, app: dict[str, str]) -> Intended:
    if not app.get("client_id") or not app.get("client_secret"):
        raise WrongUsage(
            "Some of what signs us in is missing.",
            code="connection.credentials_incomplete",
            kept="Nothing was connected.",
            do="Give client_id and client_secret of the app.",
        )
    return Intended(
        name=name, url=url, client_id=app["client_id"], client_secret=app["client_secret"]
    )


def _to_be_agreed(app: App, call: Call, kind: str, intended: Intended) -> Answer:
    """Keep what an admin goes on with in the console, where a browser is signed in."""
    crm = profiles().get(kind)
    if crm is None or all(way.consent is None for way in crm.ways):
        raise NeedsAttention(
            f"The connector of kind {kind} has no page of consent.",
            code="connection.no_consent",
            do="Connect it with all of its credentials, without --consent.",
        )
    desk = ConsentDesk(
        begin=app.begin,
        seal=app.seal,
        clock=app.clock,
        organisation=call.organisation,
        kind=kind,
    )
    secret = desk.keep(intended, session=NOBODY, by="system")
    page = f"{app.settings.console_url}/connections/consent/{kind}"
    link, redirect = f"{page}?prepared={secret}", f"{page}/return"
    said = call.says(app)("consent", link=link, redirect=redirect)
    return Answer(
        data={"connection": intended.name, "open": link, "redirect": redirect},
        show=lambda console: console.print(said, highlight=False, soft_wrap=True),
    )


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise _wrong(f"The setting {text!r} has no value.", "Write it as NAME=VALUE.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _credentials(file: Path) -> dict[str, str]:
    try:
        value = json.loads(read_text(file))
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise _wrong(f"{file} is no JSON object of texts.", 'Write it as {"access_token": "…"}.')
    return value


def _wrong(happened: str, do: str) -> WrongUsage:
    return WrongUsage(happened, code="usage.connect", kept="Nothing was connected.", do=do)
