"""Where the key of the house comes from besides a file: the environment, a command, a package.

A package names a provider of its own (of a KMS, of Vault) in the group `crm_loop.key_providers`:
a function of the settings that gives a `KeyProvider`. The key may then stay where it is: what a
`Wrapping` has to do is wrap and unwrap the data keys, a handful of calls a day.
"""

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from crm_loop.errors import NeedsAttention
from crm_loop.secrets import KeyFile, KeyProvider, Seal, seals_in
from crm_loop.settings import Settings

GROUP = "crm_loop.key_providers"
#: A KMS answers within a second; what takes longer than this is away.
PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class KeyInEnvironment:
    """The service manager hands the key over in CRM_LOOP_SECRET_KEY."""

    lines: str = field(repr=False)
    name: str = "environment"

    def seals(self) -> Sequence[Seal]:
        if found := seals_in(self.lines.encode()):
            return found
        raise NeedsAttention(
            "CRM_LOOP_SECRET_KEY holds no 256-bit key.",
            code="secrets.key_environment",
            do="Set it to what crm-loop keys new writes into a file, or use that file.",
        )


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """A command prints the key to stdout; it is run without a shell, and again for a rotation."""

    words: Sequence[str]
    patience: float = PATIENCE_SECONDS
    name: str = "command"

    def seals(self) -> Sequence[Seal]:
        if not self.words or not Path(self.words[0]).is_absolute():
            raise NeedsAttention(
                "CRM_LOOP_KEY_COMMAND names no command by its absolute path.",
                code="secrets.key_command",
                do="Write the absolute path of a command that prints the key.",
            )
        found = seals_in(self._printed())
        if not found:
            raise self._away("it prints no 256-bit key")
        return found

    def _printed(self) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - the admin's own command, without a shell
                list(self.words),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._away("it did not answer in time") from None
        except OSError:
            raise self._away("it cannot be run") from None
        if done.returncode:
            # What it says on stderr may hold what nobody should read.
            raise self._away(f"it ended with code {done.returncode}")
        return done.stdout

    def _away(self, why: str) -> NeedsAttention:
        return NeedsAttention(
            f"The command {self.words[0]} gave no key: {why}.",
            code="secrets.key_command",
            do=f"Run {self.words[0]} by hand as the user of the service, then start again.",
        )


def provider_of(settings: Settings, *, may_create: bool = False) -> KeyProvider:
    """The provider that the settings name; NeedsAttention where there is none of that name.

    `may_create`: a file that is missing is made.
    """
    name = settings.key_provider
    if name == "file":
        return KeyFile(settings.secret_key_file, may_create=may_create)
    if name == "environment":
        given = settings.secret_key
        return KeyInEnvironment(given.get_secret_value() if given else "")
    if name == "command":
        return KeyCommand(_words(settings.key_command))
    return _installed(name, settings)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # a quotation that does not end
        return []


def _installed(name: str, settings: Settings) -> KeyProvider:
    for entry in entry_points(group=GROUP, name=name):
        try:
            provider: KeyProvider = entry.load()(settings)
        except (ImportError, AttributeError):
            continue
        return provider
    raise NeedsAttention(
        f"No provider of keys called {name} is installed.",
        code="secrets.key_provider",
        do="Correct CRM_LOOP_KEY_PROVIDER: file, environment, command or an installed one.",
    )
