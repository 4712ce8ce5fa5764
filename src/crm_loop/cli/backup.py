"""`crm-loop backup` and `restore`: everything in one file, and back into an empty database.

`-` stands for stdout and stdin: out of a container, and through a pipe to wherever backups are
kept. What the commands have to say then goes to stderr.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from crm_loop.bootstrap import App, real_now
from crm_loop.cli.files import PIPE
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.store import backup as store
from crm_loop.store import erased_file

FileArgument = Annotated[
    Path,
    typer.Argument(help="The backup; one file, or - for a pipe.", dir_okay=False, allow_dash=True),
]

ErasedOption = Annotated[
    Path | None, typer.Option("--erased", help="Another list of erasures.", exists=True)
]


@command("backup")
def backup(app: App, call: Call, file: FileArgument) -> Answer:
    """Write everything that the database holds to a file; work may go on meanwhile.

    The secret key is not in it: keep that file somewhere else.
    """
    release, now = version("crm-loop"), real_now()
    if file != PIPE:
        made = store.back_up(app.engine, file, version=release, made_at=now)
        return _told(app, call, "backed_up", file, made)
    out = sys.stdout.buffer
    if out.isatty():
        raise WrongUsage(
            "There is nothing to write the backup to.",
            code="backup.terminal",
            kept="Nothing was done.",
            do="Send it to a file or a program: crm-loop backup - > FILE",
        )
    try:
        made = store.back_up_to(out, app.engine, version=release, made_at=now)
        out.flush()
    except OSError as error:
        raise store.unwritable(file, error) from None
    return _told(app, call, "backed_up", file, made)


@command("restore")
def restore(app: App, call: Call, file: FileArgument, erased: ErasedOption = None) -> Answer:
    """Fill the empty database of CRM_LOOP_DATABASE_URL from a backup, SQLite or PostgreSQL.

    Whoever was erased since does not come back: the list of erasures names them.
    """
    lists = [app.settings.erasures, *([erased] if erased else [])]
    gone = [one for name in lists for one in erased_file.read(name)]
    with _on_disk(file) as there:
        return _told(app, call, "restored", file, store.restore(app.engine, there, gone))


@contextmanager
def _on_disk(file: Path) -> Iterator[Path]:
    """What comes through a pipe is kept for a moment, because its list of contents comes last."""
    if file != PIPE:
        yield file
        return
    with TemporaryDirectory(prefix="crm-loop-") as folder:
        there = Path(folder) / "stdin"
        try:
            with there.open("wb") as raw:
                shutil.copyfileobj(sys.stdin.buffer, raw)
        except OSError as error:
            raise store.unwritable(there, error) from None
        yield there


def _told(app: App, call: Call, code: str, file: Path, manifest: store.Manifest) -> Answer:
    name = "stdout" if code == "backed_up" else "stdin"
    name = name if file == PIPE else file.name
    text = call.says(app)(code, file=name, rows=sum(manifest.rows.values()))
    data = {
        "file": str(file),
        "revision": manifest.revision,
        "made_at": manifest.made_at.isoformat(),
        "rows": dict(manifest.rows),
    }
    return Answer(
        data=data,
        show=lambda console: console.print(text, soft_wrap=True),
        aside=code == "backed_up" and file == PIPE,
    )
