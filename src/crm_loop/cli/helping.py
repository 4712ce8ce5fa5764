"""`--help`: an example of each command, and everything in the reader's language.

The commands' own English stands beside their functions; `help.toml` of the distribution that
brings a command holds its example and its Japanese.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from crm_loop.errors import CrmLoopError
from crm_loop.settings import load_settings

JA = "ja"
#: How a command's parts are headed; English is what the libraries say by themselves.
COMMANDS = "コマンド"
_PANELS = {"option": "オプション", "argument": "引数"}
_EXAMPLE = {"en": "Example:", JA: "例："}


@dataclass(frozen=True, slots=True)
class Help:
    """One distribution's texts: of commands by what is typed, of options by their English."""

    commands: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def of(self, command: str) -> Mapping[str, str]:
        return self.commands.get(command, {})


@lru_cache(maxsize=16)
def helps(package: str) -> Help:
    """The texts that this package brings; none where it brings no file."""
    file = files(package).joinpath("help.toml")
    if not file.is_file():
        return Help()
    texts = tomllib.loads(file.read_text("utf-8"))
    return Help(texts.get("commands", {}), texts.get("options", {}))


def without_language(args: Sequence[str]) -> tuple[list[str], str]:
    """The arguments and the language of their help.

    `--lang` is taken out in front of every command and where help is asked for, since a group
    of commands has no such option.
    """
    wanted, rest = "", list(args)
    for place, one in enumerate(rest):
        name, equals, value = one.partition("=")
        if name == "--lang" and (place == 0 or "--help" in rest):
            wanted = value if equals else (rest[place + 1] if place + 1 < len(rest) else "")
            del rest[place : place + (1 if equals else 2)]
            break
    return rest, wanted if wanted in ("en", JA) else usual_language(rest)


def usual_language(args: Sequence[str] = ()) -> str:
    """What `--lang` says behind a command, else the settings'; English where they are wrong."""
    for before, one in pairwise(args):
        if before == "--lang" and one in ("en", JA):
            return one
    try:
        return load_settings().lang
    except CrmLoopError:
        return JA if os.environ.get("CRM_LOOP_LANG") == JA else "en"


def say(command: Any, path: str, language: str, *, own: Help, house: Help) -> None:
    """Give a command, and all below it, its example and its texts in this language."""
    known = own.of(path)
    if language == JA and JA in known:
        command.help = command.short_help = known[JA]
    if "example" in known:
        command.epilog = f"{_EXAMPLE[language]}\n\n{known['example']}"
    if language == JA:
        for parameter in command.params:
            _translate(parameter, own, house)
        _translate_flag(command, house)
    below = getattr(command, "commands", {})
    for name, one in below.items():
        if language == JA:
            one.rich_help_panel = COMMANDS
        say(one, f"{path} {name}".strip(), language, own=own, house=house)


def _translate(parameter: Any, own: Help, house: Help) -> None:
    english = getattr(parameter, "help", None)
    if english:
        parameter.help = own.options.get(english) or house.options.get(english, english)
    parameter.rich_help_panel = _PANELS[parameter.param_type_name]


def _translate_flag(command: Any, house: Help) -> None:
    """`--help` itself, which the library makes when it is first asked for."""

    def options(ctx: Any, made: Any = command.get_help_option) -> Any:
        found = made(ctx)
        if found is not None:
            found.help = house.options.get(found.help, found.help)
            found.rich_help_panel = _PANELS["option"]
        return found

    command.get_help_option = options
