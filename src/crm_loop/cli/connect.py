"""`crm-loop connect`: connect a CRM account and check it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_loop.bootstrap import App
from crm_loop.cli.files import read_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.setup.connect import Wanted
from crm_loop.setup.connect import connect as keep


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
) -> Answer:
    """Connect a CRM account: sign in, make what is needed there, remember what it can do."""
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
