"""What a user may be, and whom a user may read about; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_loop.loop_records import Member


class ConsoleRole(StrEnum):
    """What somebody signs in as; a user may be several of these."""

    ADMIN = "admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    MANAGER = "manager"
    REP = "rep"


#: The ones whose pages are about people's figures and talks.
SELLING = frozenset({ConsoleRole.MANAGER, ConsoleRole.REP})
#: The ones whose pages are about the machine.
RUNNING = frozenset({ConsoleRole.ADMIN, ConsoleRole.OPERATOR})
EVERYBODY = frozenset(ConsoleRole)

#: Totals of fewer people than this would be about somebody.
SMALLEST_GROUP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Whom one user may read about, as the CRMs' manager chain is now.

    `own`: the user's own page. `reports`: those whom the user leads directly. `below`: everybody
    further down, of whom only totals are shown.
    """

    me: str
    own: bool
    reports: tuple[str, ...]
    below: frozenset[str]

    def may_read(self, person: str) -> bool:
        """Figures, actions and talks of this person."""
        return (self.own and person == self.me) or person in self.reports

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose figures this user may read, sorted."""
        return tuple(sorted({*self.reports, *([self.me] if self.own else [])}))


def sight(email: str, roles: Collection[str], members: Mapping[str, Member]) -> Sight:
    """Whom a user with this address and these roles sees; nobody without the roles for it."""
    me = email.lower()
    leads = ConsoleRole.MANAGER in roles
    reports = tuple(reports_of(me, members.values())) if leads else ()
    return Sight(
        me=me,
        own=me in members and not SELLING.isdisjoint(roles),
        reports=reports,
        below=frozenset(_below(reports, members.values())),
    )


def reports_of(manager: str, members: Iterable[Member]) -> list[str]:
    """Active people who are led directly by this one, sorted."""
    return sorted(
        one.person for one in members if one.manager == manager and one.active and one.person
    )


def _below(reports: Sequence[str], members: Iterable[Member]) -> set[str]:
    """Everybody further down; a circle in the chain ends where it began."""
    by_manager: dict[str, list[str]] = {}
    for one in members:
        if one.manager and one.active:
            by_manager.setdefault(one.manager, []).append(one.person)
    found: set[str] = set()
    left = list(reports)
    while left:
        for person in by_manager.get(left.pop(), ()):
            if person not in found and person not in reports:
                found.add(person)
                left.append(person)
    return found
