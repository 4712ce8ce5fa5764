"""`crm-loop backup` and `restore`: everything in one file, and back into an empty database."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.frame import Answer, Call, JsonOption, LangOption, answer
from crm_loop.store import backup as store
from crm_loop.wording import words

FileArgument = Annotated[Path, typer.Argument(help="The backup; one file.", dir_okay=False)]


def backup(file: FileArgument, *, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Write everything that the database holds to a file; work may go on meanwhile.

    The secret key is not in it: keep that file somewhere else.
    """
    call = Call("backup", as_json, lang, "")

    def work(app: App) -> Answer:
        made = store.back_up(app.engine, file, version=version("crm-loop"), made_at=real_now())
        return _told(app, call, "backup.made", file, made)

    answer(call, work)


def restore(file: FileArgument, *, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Fill the empty database of CRM_LOOP_DATABASE_URL from a backup, SQLite or PostgreSQL."""
    call = Call("restore", as_json, lang, "")

    def work(app: App) -> Answer:
        return _told(app, call, "backup.restored", file, store.restore(app.engine, file))

    answer(call, work)


def _told(app: App, call: Call, code: str, file: Path, manifest: store.Manifest) -> Answer:
    rows = sum(manifest.rows.values())
    text = words(call.language(app)).say(code, file=file.name, rows=str(rows))
    data = {
        "file": str(file),
        "revision": manifest.revision,
        "made_at": manifest.made_at.isoformat(),
        "rows": dict(manifest.rows),
    }
    return Answer(data=data, show=lambda console: console.print(text, soft_wrap=True))
