"""`crm-loop backup` and `restore`: everything in one file, and back into an empty database."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.store import backup as store
from crm_loop.store import erased_file

FileArgument = Annotated[Path, typer.Argument(help="The backup; one file.", dir_okay=False)]

ErasedOption = Annotated[
    Path | None, typer.Option("--erased", help="Another list of erasures.", exists=True)
]


@command("backup")
def backup(app: App, call: Call, file: FileArgument) -> Answer:
    """Write everything that the database holds to a file; work may go on meanwhile.

    The secret key is not in it: keep that file somewhere else.
    """
    made = store.back_up(app.engine, file, version=version("crm-loop"), made_at=real_now())
    return _told(app, call, "backed_up", file, made)


@command("restore")
def restore(app: App, call: Call, file: FileArgument, erased: ErasedOption = None) -> Answer:
    """Fill the empty database of CRM_LOOP_DATABASE_URL from a backup, SQLite or PostgreSQL.

    Whoever was erased since does not come back: the list beside the key names them.
    """
    lists = [erased_file.beside(app.settings.secret_key_file), *([erased] if erased else [])]
    gone = [one for name in lists for one in erased_file.read(name)]
    return _told(app, call, "restored", file, store.restore(app.engine, file, gone))


def _told(app: App, call: Call, code: str, file: Path, manifest: store.Manifest) -> Answer:
    text = call.says(app)(code, file=file.name, rows=sum(manifest.rows.values()))
    data = {
        "file": str(file),
        "revision": manifest.revision,
        "made_at": manifest.made_at.isoformat(),
        "rows": dict(manifest.rows),
    }
    return Answer(data=data, show=lambda console: console.print(text, soft_wrap=True))
