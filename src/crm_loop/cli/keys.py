"""`crm-loop keys new`: the key that seals credentials, made once for a house."""

from pathlib import Path
from typing import Annotated

import typer

from crm_loop.cli.frame import Answer, Call, JsonOption, LangOption, finish_with
from crm_loop.cli.saying import says
from crm_loop.errors import WrongUsage
from crm_loop.secrets import new_key
from crm_loop.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="The key that seals credentials.")

FileArgument = Annotated[
    Path | None, typer.Argument(help="Where; CRM_LOOP_SECRET_KEY_FILE if left out.")
]


@app.callback()
def keys() -> None:
    """The key that seals credentials."""


@app.command("new")
def new(file: FileArgument = None, *, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Make the key of a new house. Nothing opens the database's credentials without it."""
    call = Call("keys new", as_json, lang, "")

    def work() -> Answer:
        settings = load_settings()
        where = file or settings.secret_key_file
        if not new_key(where):
            raise WrongUsage(
                f"There is a key in {where} already.",
                code="keys.exists",
                kept="It was not touched.",
                do="Name another file, or use this one.",
            )
        text = says(call.tongue)("key_made", file=where)
        return Answer(
            data={"file": str(where)},
            show=lambda console: console.print(text, soft_wrap=True),
        )

    finish_with(call, work)
