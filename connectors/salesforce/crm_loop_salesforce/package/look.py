"""What of the package an org has, as its own description shows it to the user who asks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.package.sources import Unit, files
from crm_loop_salesforce.translate import names

_SPACE = "{http://soap.sforce.com/2006/04/metadata}"
_ACTIVITIES = ("Task", "Event")


class Level(IntEnum):
    """How much of the package can be used: nothing, the key fields, all of it."""

    NOTHING = 0
    KEYS = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """What differs from the package's files.

    `absent` objects and fields are not there or hidden from this user; `fixed` ones cannot be
    written by it; `plain_keys` could be given to two records.
    """

    level: Level
    absent: Sequence[str]
    fixed: Sequence[str]
    plain_keys: Sequence[str]


def look(org: Org) -> Seen:
    """Compare the package's files with what the org describes."""
    expected = _expected()
    absent, fixed, plain = [], [], []
    for table, fields in expected.items():
        if table not in org.objects:
            absent.append(table)
            continue
        known = org.fields(table)
        absent += [f"{table}.{name}" for name in fields if name not in known]
        there = {name: known[name] for name in fields if name in known}
        fixed += [
            f"{table}.{name}"
            for name, one in there.items()
            if not (one.get("createable") or one.get("calculated"))
        ]
        key = there.get(names.KEY_FIELD, {})
        if key and not (key.get("unique") and key.get("externalId")):
            plain.append(f"{table}.{names.KEY_FIELD}")
    return Seen(_level(absent, expected), sorted(absent), sorted(fixed), sorted(plain))


def remains(org: Org) -> list[str]:
    """Objects and fields of the package that are still there."""
    found = []
    for table, fields in _expected().items():
        if table not in org.objects:
            continue
        known = org.fields(table)
        if table not in _ACTIVITIES:
            found.append(table)
        found += [f"{table}.{name}" for name in fields if name in known]
    return sorted(found)


def _level(absent: Sequence[str], expected: Mapping[str, Sequence[str]]) -> Level:
    keys = {f"{table}.{names.KEY_FIELD}" for table in _ACTIVITIES}
    if keys & set(absent):
        return Level.NOTHING
    lost = {name.partition(".")[0] for name in absent}
    return Level.KEYS if lost & (expected.keys() - set(_ACTIVITIES)) else Level.ALL


def _expected() -> dict[str, list[str]]:
    """Custom fields by object; those of activities belong to tasks and to events."""
    found: dict[str, list[str]] = {}
    for object_, field in _fields():
        for table in _ACTIVITIES if object_ == "Activity" else (object_,):
            found.setdefault(table, []).append(field)
    return found


def _fields() -> Iterator[tuple[str, str]]:
    for name, content in files(Unit.CORE):
        path = PurePosixPath(name)
        if path.parts[0] == "objects" and path.parent.name == "fields":
            root = ET.fromstring(content)  # noqa: S314 - the package's own files
            yield path.parts[1], root.findtext(f"{_SPACE}fullName") or ""
