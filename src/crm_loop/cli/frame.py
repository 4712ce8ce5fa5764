"""What every command shares: the options, the answer's form, errors as one sentence."""

import inspect
import json
import logging
import os
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
from crm_loop.cli.saying import Says, says
from crm_loop.cycle.turn import Turn
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient, WrongUsage
from crm_loop.logs import say_on_stderr
from crm_loop.settings import Environment, load_settings
from crm_loop.store.engine import require_house
from crm_loop.tracing import collected, span
from crm_loop.wording.said import complaint, said


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
AsOption = Annotated[
    str | None, typer.Option("--as", help="Only what this person (e-mail) may read.")
]
DEFAULT_ORGANISATION = "default"

#: Commands that a new house may begin with in production, where any other one is likelier to have
#: been given the wrong database.
BEGINNERS = frozenset({"init", "connect", "console", "restore", "people import", "config apply"})
#: Commands that are never meant for a house without anything in it.
OF_A_HOUSE = frozenset(
    {"admin link", "admin unlock", "audit verify", "backup", "health",
     "privacy erase", "privacy export"}
)  # fmt: skip

_DATABASE_SILENT = Transient(
    "The database did not answer.",
    code="database.silent",
    kept="What was finished before is kept.",
    do="Run the command again when it does.",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found. `show` draws it for people; `in_part`: something did not go.

    `aside`: it is told on stderr, because stdout has what was asked for.
    """

    data: Mapping[str, Any]
    show: Callable[[Console], None]
    as_of: date | None = None
    warnings: Sequence[str] = field(default_factory=tuple)
    in_part: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: its name and the shared options."""

    command: str
    as_json: bool
    lang: Language | None
    organisation: str

    def language(self, app: App) -> str:
        return (self.lang or Language(app.settings.lang)).value

    def says(self, app: App) -> Says:
        """The command line's own texts in the language of this call."""
        return says(self.language(app))

    @property
    def tongue(self) -> str:
        """The language also where no house could be opened; English where it is not known."""
        if self.lang is not None:
            return self.lang.value
        try:
            return load_settings().lang
        except CrmLoopError:
            wanted = os.environ.get("CRM_LOOP_LANG", "")
            return "ja" if wanted == "ja" else "en"


#: What a command does, given the house, the call and its own options.
Work = Callable[..., Answer]
#: The work of each command by its name, for whoever says the same without a terminal.
WORKS: dict[str, Work] = {}


def command(name: str) -> Callable[[Work], Callable[..., None]]:
    """Make a command of a function: the three shared options, the answer's form, the exit code.

    The function takes the house, the call and its own options; only these are asked for, and
    the shared ones come after them.
    """

    def framed(work: Work) -> Callable[..., None]:
        WORKS[name] = work
        own = list(inspect.signature(work, eval_str=True).parameters.values())[2:]

        def run(*, as_json: bool, lang: Language | None, organisation: str, **given: Any) -> None:
            call = Call(name, as_json, lang, organisation)
            answer(call, lambda house: _spanned(house, call, lambda: work(house, call, **given)))

        run.__name__, run.__doc__ = work.__name__, work.__doc__
        parameters = [*own, *SHARED]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # for Typer
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return framed


def _spanned(house: App, call: Call, work: Callable[[], Answer]) -> Answer:
    with (
        collected(house.settings.traces_url, service="cli"),
        span(f"crm-loop {call.command}", organisation=call.organisation),
    ):
        return work()


SHARED = tuple(
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
    for name, kind, default in (
        ("as_json", JsonOption, False),
        ("lang", LangOption, None),
        ("organisation", OrganisationOption, DEFAULT_ORGANISATION),
    )
)


def answer(call: Call, work: Callable[[App], Answer]) -> None:
    """Open the house, run the work, and end as `finish_with` does."""

    def inside() -> Answer:
        with opened(call.command) as app:
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
        print_json(_envelope(call, found), aside=found.aside)
    else:
        console = Console(stderr=found.aside)
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
def opened(name: str = "") -> Iterator[App]:
    """The house for one command; NeedsAttention where that would begin a new one by accident."""
    settings = load_settings()
    say_on_stderr(settings, "DEBUG" if settings.log_level == "DEBUG" else "WARNING")
    serious = settings.env is Environment.PRODUCTION
    if name in OF_A_HOUSE or (serious and name not in BEGINNERS):
        require_house(settings.database_url)
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


def print_json(value: Mapping[str, Any], *, aside: bool = False) -> None:
    out = sys.stderr if aside else sys.stdout
    out.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


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
        said_ = complaint(error, call.tongue)
        Console(stderr=True, soft_wrap=True).print(said_, style="red", highlight=False)
        return
    named = (NeedsAttention, Transient, Refused)
    kind = next((cls.__name__ for cls in type(error).__mro__ if cls in named), "Bug")
    tongue = call.tongue
    told = {"happened": error.happened, "kept": error.kept, "do": error.do}
    parts = {name: said(text, tongue) for name, text in told.items()}
    value = {"kind": kind, "code": error.code, **parts}
    print_json({"schema": 1, "command": call.command, "ok": False, "error": value})
