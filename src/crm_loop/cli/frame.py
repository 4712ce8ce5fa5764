"""What every command shares: the options, the answer's form, errors as one sentence."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App, build
from crm_loop.calendars import monday_of, week_of
from crm_loop.cycle.turn import Turn
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient, WrongUsage
from crm_loop.settings import load_settings


class Exit(IntEnum):
    """What the process says when it ends."""

    DONE = 0
    OUR_BUG = 1
    WRONG_USAGE = 2
    NEEDS_ATTENTION = 3
    TRY_AGAIN = 4
    IN_PART = 5


class Language(StrEnum):
    JA = "ja"
    EN = "en"


JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]
LangOption = Annotated[Language | None, typer.Option("--lang", help="Language of texts.")]
OrganisationOption = Annotated[
    str, typer.Option("--organisation", help="Which organisation; one by default.")
]
DEFAULT_ORGANISATION = "default"

_DATABASE_SILENT = Transient(
    "The database did not answer.",
    code="database.silent",
    kept="What was finished before is kept.",
    do="Run the command again when it does.",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found. `show` draws it for people; `in_part`: something did not go."""

    data: Mapping[str, Any]
    show: Callable[[Console], None]
    as_of: date | None = None
    warnings: Sequence[str] = field(default_factory=tuple)
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: its name and the shared options."""

    command: str
    as_json: bool
    lang: Language | None
    organisation: str

    def language(self, app: App) -> str:
        return (self.lang or Language(app.settings.lang)).value


def answer(call: Call, work: Callable[[App], Answer]) -> None:
    """Open the house, run the work, and end as `finish_with` does."""

    def inside() -> Answer:
        with opened() as app:
            return work(app)

    finish_with(call, inside)


def finish_with(call: Call, work: Callable[[], Answer]) -> None:
    """Run the work, print its answer or its error, and end with the code that says which."""
    try:
        found = work()
    except CrmLoopError as error:
        raise _ended(call, error) from None
    except DBAPIError:
        raise _ended(call, _DATABASE_SILENT) from None
    except typer.Exit:
        raise
    except Exception as error:
        logger.debug("unforeseen", exc_info=error)
        raise _ended(call, _bug(error)) from None
    if call.as_json:
        print_json(_envelope(call, found))
    else:
        console = Console()
        found.show(console)
        for warning in found.warnings:
            console.print(warning, style="yellow")
    raise typer.Exit(Exit.IN_PART if found.in_part else Exit.DONE)


def _ended(call: Call, error: CrmLoopError) -> typer.Exit:
    _complain(call, error)
    return typer.Exit(exit_code(error))


def _bug(error: Exception) -> CrmLoopError:
    return CrmLoopError(
        f"This is a mistake of crm_loop itself ({type(error).__name__}).",
        code="bug",
        kept="What was finished before it is kept.",
        do="Run it again with CRM_LOOP_LOG_LEVEL=DEBUG and report what it prints.",
    )


def week_of_turn(turn: Turn, wanted: str | None) -> str:
    """The ISO week that was asked for, else the one that it is; WrongUsage when it is none."""
    if wanted is None:
        return turn.week()
    try:
        return week_of(monday_of(wanted))
    except ValueError:
        raise WrongUsage(
            f"{wanted!r} is no week.",
            code="usage.week",
            kept="Nothing was done.",
            do="Write a week as 2026-W24.",
        ) from None


@contextmanager
def opened() -> Iterator[App]:
    settings = load_settings()
    if settings.log_level == "DEBUG":
        # Ours only: what libraries say at this level may hold what they send.
        logging.basicConfig(level="WARNING")
        logging.getLogger("crm_loop").setLevel("DEBUG")
    app = build(settings)
    try:
        yield app
    finally:
        app.close()


def exit_code(error: CrmLoopError) -> Exit:
    if isinstance(error, WrongUsage):
        return Exit.WRONG_USAGE
    if isinstance(error, NeedsAttention):
        return Exit.NEEDS_ATTENTION
    if isinstance(error, Transient):
        return Exit.TRY_AGAIN
    if isinstance(error, Refused):
        return Exit.IN_PART
    return Exit.OUR_BUG


def print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def _envelope(call: Call, found: Answer) -> dict[str, Any]:
    return {
        "schema": 1,
        "command": call.command,
        "ok": True,
        "as_of": found.as_of,
        "data": found.data,
        "warnings": list(found.warnings),
    }


def _complain(call: Call, error: CrmLoopError) -> None:
    logger.debug("command failed", exc_info=error)
    if not call.as_json:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", highlight=False)
        return
    named = (NeedsAttention, Transient, Refused)
    kind = next((cls.__name__ for cls in type(error).__mro__ if cls in named), "Bug")
    parts = {"happened": error.happened, "kept": error.kept, "do": error.do}
    value = {"kind": kind, "code": error.code, **parts}
    print_json({"schema": 1, "command": call.command, "ok": False, "error": value})
