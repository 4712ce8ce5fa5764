"""The package's metadata files, in units that are installed one by one."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

#: In a wheel the files lie inside the package, in a working copy beside it.
_PLACES = (Path(__file__).parents[1] / "metadata", Path(__file__).parents[2])


class Unit(StrEnum):
    """One deploy each, so that none can keep another from being installed.

    ACTIVITY: the key fields of tasks and events alone. CORE: everything a team needs. JA and
    ANALYTICS depend on what an org has switched on. SIGN_IN: the app that the worker signs in by.
    """

    ACTIVITY = "activity"
    CORE = "core"
    JA = "ja"
    ANALYTICS = "analytics"
    SIGN_IN = "sign-in"


_FOLDERS = {
    Unit.ACTIVITY: "force-app",
    Unit.CORE: "force-app",
    Unit.JA: "i18n-ja",
    Unit.ANALYTICS: "analytics",
    Unit.SIGN_IN: "auth",
}
#: Of the core, what stands by itself: no object of ours is needed for it.
_ACTIVITY = (
    "objects/Activity/fields/CrmLoop_Key__c.field-meta.xml",
    "objects/Activity/fields/CrmLoop_Agenda_Item_Key__c.field-meta.xml",
    "permissionsets/CrmLoop_Activity.permissionset-meta.xml",
)


def files(unit: Unit) -> Iterator[tuple[str, bytes]]:
    """Path below `main/default` and content of each file of a unit, by path."""
    home = _home(_FOLDERS[unit])
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if not path.is_file():
            continue
        if unit is Unit.ACTIVITY and name not in _ACTIVITY:
            continue
        yield name, path.read_bytes()


def _home(folder: str) -> Path:
    found = next(place for place in _PLACES if (place / folder).is_dir())
    return found / folder / "main/default"
