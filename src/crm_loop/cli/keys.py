"""`crm-loop keys`: the key of the house: made once, replaced now and then, given up when lost."""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_loop.bootstrap import real_now
from crm_loop.cli.files import PIPE
from crm_loop.cli.frame import Answer, Call, JsonOption, LangOption, finish_with
from crm_loop.cli.saying import says
from crm_loop.errors import WrongUsage
from crm_loop.secrets import key_text, new_key
from crm_loop.settings import Settings, load_settings
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.key_providers import provider_of
from crm_loop.store.key_rotation import Done, Step, forget_lost, rotate
from crm_loop.store.keyring import Keyring

app = typer.Typer(no_args_is_help=True, help="The key that seals credentials.")

FileArgument = Annotated[
    Path | None,
    typer.Argument(help="Where, or - for a pipe; CRM_LOOP_SECRET_KEY_FILE if left out."),
]
DataKeysOption = Annotated[
    bool, typer.Option("--data-keys", help="New data keys too: everything is sealed anew.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it; it cannot be taken back.")]


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
        if where == PIPE:
            sys.stdout.write(f"{key_text()}\n")
            told = [says(call.tongue)("key_made", file="stdout")]
            return replace(_told(call, {"file": "-"}, told), aside=True)
        if not new_key(where):
            raise WrongUsage(
                f"There is a key in {where} already.",
                code="keys.exists",
                kept="It was not touched.",
                do="Name another file, or use this one.",
            )
        return _told(call, {"file": str(where)}, [says(call.tongue)("key_made", file=where)])

    finish_with(call, work)


@app.command("rotate")
def rotate_(
    *,
    data_keys: DataKeysOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Replace the key of the house while everything runs; run it again if it was cut short."""
    call = Call("keys rotate", as_json, lang, "")

    def work() -> Answer:
        settings = load_settings()
        engine, provider = open_engine(settings.database_url), provider_of(settings)
        try:
            migrate(engine)
            Keyring(engine, provider)
            done = list(rotate(engine, provider, now=real_now(), data_keys=data_keys))
        finally:
            engine.dispose()
        return _rotated(call, settings, done)

    finish_with(call, work)


@app.command("forget")
def forget(*, yes: YesOption = False, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Give up what a lost key has sealed: credentials, tokens, private notes."""
    call = Call("keys forget", as_json, lang, "")

    def work() -> Answer:
        if not yes:
            raise WrongUsage(
                "What the lost key has sealed cannot be opened any more after this.",
                code="keys.unconfirmed",
                kept="Nothing was changed.",
                do="Add --yes if the key is really lost.",
            )
        settings = load_settings()
        engine = open_engine(settings.database_url)
        try:
            migrate(engine)
            lost = forget_lost(engine, provider_of(settings))
        finally:
            engine.dispose()
        return _told(call, {"forgotten": lost}, [says(call.tongue)("keys_forgotten", n=lost)])

    finish_with(call, work)


def _rotated(call: Call, settings: Settings, done: Iterable[Done]) -> Answer:
    total: Counter[Step] = Counter()
    copy = ""
    for one in done:
        total[one.step] += one.count
        copy = one.what if one.step is Step.COPIED else copy
    say = says(call.tongue)
    counts = {step.value: total[step] for step in Step if step is not Step.COPIED}
    lines = [say("keys_rotated", wrapped=total[Step.REWRAPPED], sealed=total[Step.RESEALED])]
    if copy:
        lines.append(say("keys_copy", file=copy))
    if total[Step.KEY_LEFT]:
        from_file = settings.key_provider == "file"
        key = "keys_left" if from_file else "keys_left_elsewhere"
        lines.append(say(key, file=settings.secret_key_file))
    if total[Step.UNREADABLE]:
        lines.append(say("keys_unreadable", n=total[Step.UNREADABLE]))
    data = {"file": str(settings.secret_key_file), "copy": copy or None, **counts}
    return _told(call, data, lines, in_part=bool(total[Step.UNREADABLE]))


def _told(call: Call, data: dict[str, Any], lines: list[str], *, in_part: bool = False) -> Answer:
    del call
    text = "\n".join(lines)
    return Answer(
        data=data, show=lambda console: console.print(text, soft_wrap=True), in_part=in_part
    )
