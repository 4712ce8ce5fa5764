"""One group of commands: ours by name, those of other distributions by entry point."""

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from crm_loop.cli.helping import COMMANDS, Help, helps, say, without_language
from crm_loop.connector.discovery import profiles

GROUP = "crm_loop.commands"
_LANGUAGE = "crm_loop.language"

#: Command, where it stands, and its line in the overview.
OWN = {
    "init": ("crm_loop.cli.init:init", "Set everything up by answering questions."),
    "connect": ("crm_loop.cli.connect:connect", "Connect a CRM account and check it."),
    "people": ("crm_loop.cli.people:app", "Who is whose manager: import and export people.csv."),
    "targets": ("crm_loop.cli.targets:app", "Import, export and compare targets."),
    "doctor": ("crm_loop.cli.doctor:doctor", "Check every connection, in plain words."),
    "health": ("crm_loop.cli.health:health", "Say what an operator has to look at now."),
    "pull": ("crm_loop.cli.pull:pull", "Read what changed in the CRMs."),
    "measure": ("crm_loop.cli.measure:measure", "Show KPI values, targets and pace."),
    "explain": ("crm_loop.cli.explain:explain", "Open a number to its records, with links."),
    "waterfall": ("crm_loop.cli.waterfall:waterfall", "What moved the pipeline between two days."),
    "map": ("crm_loop.cli.mapping:map_", "Which stage of a CRM is which of ours."),
    "config": ("crm_loop.cli.config:app", "Settings as a file: export, compare, take."),
    "kpi": ("crm_loop.cli.kpi:app", "The catalogue, and KPIs of your own from a file."),
    "agenda": ("crm_loop.cli.agenda:agenda", "Show the 1on1 memos of a week."),
    "templates": ("crm_loop.cli.templates:app", "How the 1on1s of each role are planned."),
    "pulse": ("crm_loop.cli.pulse:pulse", "How 1on1s are seen, by five people or more."),
    "retrospective": (
        "crm_loop.cli.retrospective:retrospective",
        "Draft what two people, or a team, look back at when a period is over.",
    ),
    "cycle": ("crm_loop.cli.cycle:cycle", "Show where each rep's week stands; --turn runs it."),
    "writes": ("crm_loop.cli.writes:app", "Plan, preview, approve, apply, verify, undo writes."),
    "pause": ("crm_loop.cli.pause:pause", "Stop writing to an account or to all."),
    "resume": ("crm_loop.cli.pause:resume", "Write again, at once, what has waited."),
    "jobs": ("crm_loop.cli.jobs:app", "List, show, retry and park jobs."),
    "docs": ("crm_loop.cli.docs:app", "Papers for approval, from what is set now."),
    "backup": ("crm_loop.cli.backup:backup", "Write everything that the database holds to a file."),
    "restore": ("crm_loop.cli.backup:restore", "Fill an empty database from such a file."),
    "keys": ("crm_loop.cli.keys:app", "Make and replace the key that seals credentials."),
    "privacy": ("crm_loop.cli.privacy:app", "Hand over or erase what is held about somebody."),
    "audit": ("crm_loop.cli.audit:app", "Show and verify the audit trail."),
    "rhythm": ("crm_loop.cli.rhythm:rhythm", "Show how regularly pairs meet, and how it goes."),
    "learn": ("crm_loop.cli.learn:learn", "Show what was seen after which kinds of step."),
    "console": ("crm_loop.console.command:console", "Serve the pages for people."),
    "admin": ("crm_loop.cli.admin:app", "Links that make accounts for the console."),
    "openapi": ("crm_loop.console.openapi:openapi", "Print the description of /api/v1."),
    "stage": ("crm_loop.cli.stage:stage", "Show how far the organisation has come."),
}

#: The same line for commands of our other distributions, so that help loads nothing of them.
#: What a connector's own commands are for, its profile says.
BROUGHT = {
    "demo": "Turn the loop for a few weeks against two sandbox CRMs.",
    "up": "Run everything on one machine.",
    "worker": "Run one worker.",
    "scheduler": "Run one scheduler.",
    "sandbox": "Serve small CRMs on loopback, for trials and tests.",
}


class Commands(TyperGroup):
    """Loads a command's module at its first use."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the language of help from the arguments before anything looks at them."""
        rest, language = without_language(args)
        ctx.meta[_LANGUAGE] = language
        say(self, "", language, own=_helps(""), house=_helps(""))
        return super().parse_args(ctx, rest)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the group's signature
        return sorted({*OWN, *(entry.name for entry in brought())})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give the overview its line without loading the command."""
        known = cmd_name in self.list_commands(ctx)
        return _listed(cmd_name, ctx.meta.get(_LANGUAGE, "en")) if known else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        language = ctx.meta.get(_LANGUAGE, "en")
        return name, _loaded(name, language) if name and command else command, rest


@cache
def brought() -> tuple[EntryPoint, ...]:
    """Commands of other distributions, by name; what is installed is looked up once."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda entry: entry.name))


def _listed(name: str, language: str = "en") -> Any:
    line = OWN[name][1] if name in OWN else BROUGHT.get(name) or _of_a_crm(name)
    stand_in = typer.Typer()
    stand_in.command(name, help=line)(lambda: None)
    command = typer.main.get_command(stand_in)
    command.epilog = None
    say(command, name, language, own=_helps(name), house=_helps(""))
    if language != "en":
        command.rich_help_panel = COMMANDS  # type: ignore[attr-defined]  # Typer's own
    return command


def _helps(name: str) -> Help:
    """The texts of the distribution that brings a command; ours for what is ours."""
    entry = next((one for one in brought() if one.name == name and name not in OWN), None)
    return helps(entry.module.partition(".")[0] if entry else __package__ or "")


def _of_a_crm(kind: str) -> str:
    profile = profiles().get(kind)
    if profile is None or not profile.commands:
        return ""
    return f"What only {profile.name} needs: {profile.commands}."


def _loaded(name: str, language: str = "en") -> Any:
    if name in OWN:
        module, _, attribute = OWN[name][0].partition(":")
        found = getattr(import_module(module), attribute)
    else:
        found = next(entry for entry in brought() if entry.name == name).load()
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False)
        found.command(name)(function)
    command = typer.main.get_command(found)
    command.name = name
    say(command, name, language, own=_helps(name), house=_helps(""))
    return command


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="KPI, 1on1, action, KPI: closes the loop inside your CRM.",
)


@app.callback()
def root() -> None:
    """KPI, 1on1, action, KPI: closes the loop inside your CRM."""


def main() -> None:
    app()
