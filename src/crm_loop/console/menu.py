"""What stands in a user's menu: what the roles open, and nothing else."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_loop.access.roles import ConsoleRole

if TYPE_CHECKING:
    from crm_loop.console.visit import Visit

_ADMIN, _OPERATOR, _AUDITOR = ConsoleRole.ADMIN, ConsoleRole.OPERATOR, ConsoleRole.AUDITOR
_MANAGER, _REP = ConsoleRole.MANAGER, ConsoleRole.REP

#: Route, the parameters of its path, and who finds it in the menu, in this order.
ENTRIES: tuple[tuple[str, dict[str, str], frozenset[ConsoleRole]], ...] = (
    ("team", {}, frozenset({_MANAGER})),
    ("talks", {}, frozenset({_MANAGER, _REP})),
    ("figures", {"person": "me"}, frozenset({_REP})),
    ("actions", {}, frozenset({_MANAGER, _REP})),
    ("standing", {}, frozenset({_MANAGER, _ADMIN})),
    ("setup", {}, frozenset({_ADMIN})),
    ("connections", {}, frozenset({_ADMIN, _OPERATOR})),
    ("jobs", {}, frozenset({_ADMIN, _OPERATOR})),
    ("writes", {}, frozenset({_ADMIN, _OPERATOR})),
    ("users", {}, frozenset({_ADMIN})),
    ("house_key", {}, frozenset({_ADMIN})),
    ("privacy_house", {}, frozenset({_ADMIN})),
    ("audit", {}, frozenset({_ADMIN, _AUDITOR})),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    name: str
    path: str
    here: bool


def menu(visit: "Visit") -> list[Entry]:
    held = set(visit.user.roles)
    # A page of a section lights the section up.
    section = visit.route.section or visit.route.name
    return [
        Entry(name, visit.pages.path(name, **params), name == section)
        for name, params, roles in ENTRIES
        if held & roles and name in visit.pages.paths
    ]
