"""Secrets and people that tests plant, and the sweep for them when all tests of a process are over.

What a test gives a house (passwords, a CRM's credentials) and whom it tells it about is planted
here once. Afterwards no secret may stand in any file that the tests left (database, its log, what
a broker wrote, exports, backups), on any page that the console served or in any metric; and in
broker files, logs and metrics stands nobody's name or address either.
"""

import base64
import csv
import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from crm_loop.logs import JsonLines

#: What signs in to a CRM that is none.
CREDENTIALS = {
    "client_secret": "kanaria-client-secret-7b1f",
    "refresh_token": "5Aep861kanaria.refresh.token",
    "private_key": "-----BEGIN PRIVATE KEY-----kanaria-----END PRIVATE KEY-----",
    "access_token": "pat-na1-kanaria0-1111-2222-3333-444455556666",
}
#: The password of every console, and the above.
ALWAYS = {"password": "a long walk by the sea", **CREDENTIALS}
#: Of what a sandbox gives away, these sign somebody in.
SIGNING_IN = frozenset(
    {"access_token", "app_secret", "client_secret", "private_key", "refresh_token"}
)
#: Files that a test writes in order to hand a secret over, or that are one.
INPUTS = frozenset(
    {
        "admin.json",
        "hs.json",
        "hubspot.json",
        "salesforce.json",
        "sf.json",
        "credentials.json",
        "spec.json",
    }
)
KEYS = ("key", "crm_loop.key", "house.key")
#: Programs and pages of packages, in which nobody signs in.
_NEVER = frozenset({".xml", ".js", ".css", ".py", ".svg", ".toml", ".mjs", ".ts", ".tsx"})
#: What only ids, counts and codes may be in.
_NOBODY = frozenset({".aof", ".rdb", ".log"})
_SHORTEST = 16


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something stands that must not, and what; never the secret itself."""

    place: str
    what: str


@dataclass(slots=True)
class Canaries:
    """What was planted in this process, and what was found on the way."""

    secrets: dict[str, bytes] = field(default_factory=dict)
    people: dict[str, bytes] = field(default_factory=dict)
    found: list[Hit] = field(default_factory=list)

    def plant(self, access: Any, name: str = "") -> None:
        """Everything in a sandbox's `/__access` that signs somebody in."""
        for key, value in access.items() if isinstance(access, Mapping) else ():
            if isinstance(value, Mapping):
                self.plant(value, f"{name} {key}".strip())
            elif key in SIGNING_IN and len(str(value)) >= _SHORTEST:
                # One line of a PEM is enough; JSON writes the ends of lines otherwise.
                longest = max(str(value).splitlines(), key=len)
                self.secrets[f"{name} {key} {len(self.secrets)}"] = longest.encode()

    def plant_people(self, people_csv: str) -> None:
        """Names and addresses of a sandbox's people."""
        for row in csv.DictReader(StringIO(people_csv)):
            for one in filter(None, (row["email"], row["name"])):
                # As it is, and as JSON writes it.
                self.people |= {one: one.encode(), f"{one} in JSON": _in_json(one)}

    def seen(self, place: str, text: str, *, people: bool = False) -> None:
        """Look at a page, or at what tells nothing of `people`, when it is served."""
        self.found += self._in(place, text.encode(), people=people)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Look at every line of the log in the form that it has in production."""
        ear = _Ear(self)
        root = logging.getLogger()
        root.addHandler(ear)
        try:
            yield
        finally:
            root.removeHandler(ear)

    def sweep(self, folder: Path) -> list[Hit]:
        """Look through the files of each test, also for that test's own keys."""
        for place in sorted(one for one in folder.iterdir() if not one.is_symlink()):
            files = [place] if place.is_file() else [f for f in place.rglob("*") if f.is_file()]
            keys = dict(_keys(files))
            for file in files:
                self._sweep_file(file, keys)
        return self.found

    def sweep_log(self, folder: Path) -> list[Hit]:
        """A database server's own log of changes: large, so only what every test plants."""
        few = {name: one for name, one in self.secrets.items() if name in ALWAYS}
        for file in (one for one in folder.rglob("*") if one.is_file()):
            self.found += _hits(str(file), file.read_bytes(), few)
        return self.found

    def _sweep_file(self, file: Path, keys: Mapping[str, bytes]) -> None:
        if file.suffix in _NEVER or file.name in INPUTS or _is_key(file):
            return
        content = _content(file)
        self.found += self._in(str(file), content, people=file.suffix in _NOBODY)
        self.found += _hits(str(file), content, keys)

    def _in(self, place: str, content: bytes, *, people: bool) -> list[Hit]:
        return [
            *_hits(place, content, self.secrets),
            *(_hits(place, content, self.people) if people else ()),
        ]


class _Ear(logging.Handler):
    """Hears what is logged."""

    def __init__(self, canaries: Canaries) -> None:
        super().__init__()
        self._canaries = canaries
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self._canaries.seen(f"log of {record.name}", self.format(record), people=True)


def _content(file: Path) -> bytes:
    """What is in a file, unpacked where it is an archive."""
    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(file) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())
    with suppress(OSError):  # a socket, or gone meanwhile
        return file.read_bytes()
    return b""


def _hits(place: str, content: bytes, wanted: Mapping[str, bytes]) -> list[Hit]:
    return [Hit(place, name) for name, one in wanted.items() if one in content]


def _in_json(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


def _is_key(file: Path) -> bool:
    """A house's key, a copy that a rotation left beside it, or the half of a pair of keys."""
    return any(file.name == one or file.name.startswith(f"{one}.") for one in KEYS)


def _keys(files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        if not _is_key(file) or file.suffix == ".erased":
            continue
        for line in file.read_bytes().split():
            with suppress(ValueError):
                raw = base64.urlsafe_b64decode(line)
                if len(raw) >= _SHORTEST:
                    forms = {"as text": line, "as bytes": raw, "in hex": raw.hex().encode()}
                    yield from ((f"key {file.name} {how}", one) for how, one in forms.items())


#: What the tests of this process have planted.
PLANTED = Canaries({name: text.encode() for name, text in ALWAYS.items()})
