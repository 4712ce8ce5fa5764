"""Who belongs to the organisation, and when pairs meet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Role(StrEnum):
    AE = "AE"
    SDR = "SDR"
    AM = "AM"
    MANAGER = "Manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One human of the organisation, in however many CRM accounts.

    `accounts` maps connection to CRM user id. `leave` holds inclusive date intervals.
    """

    person: str
    name: str
    family_name: str
    role: Role
    manager: str | None
    language: str
    country: str
    time_zone: str
    accounts: Mapping[str, str]
    team: str | None = None
    fte: float = 1.0
    role_start: date | None = None
    leave: Sequence[tuple[date, date]] = ()
    pilot: bool = True
    active: bool = True

    @property
    def takes_part(self) -> bool:
        """Whether there are 1on1s of this one at all."""
        return self.active and self.pilot


def with_leaders(members: Iterable[Member]) -> dict[str, Member]:
    """Those who take part, and whoever leads one of them."""
    known = {one.person: one for one in members}
    led_by = {one.manager for one in known.values() if one.takes_part}
    return {p: one for p, one in known.items() if one.takes_part or p in led_by}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When a manager meets a rep in one week, and when the memo goes out. Aware moments.

    `in_calendar`: it stands in the CRM's calendar, so that it may be moved there.
    """

    rep: str
    manager: str
    week: str
    starts_at: datetime
    minutes: int
    publish_at: datetime
    in_calendar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotLine:
    """One line of setup: this manager's 1on1s are on `weekday` (0 = Monday) from `first` on."""

    manager: str
    weekday: int
    first: time
    minutes: int = 15
    spacing_minutes: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEvent:
    """A pair's entry in another calendar; `rules` are its times as RFC 5545 writes them."""

    manager: str
    rep: str
    uid: str
    rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRest:
    """A pair whose memos rest since a week, until the manager takes them up again in another."""

    rep: str
    manager: str
    since: str
    resumed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRule:
    """A manager's word, since a week, that ideas for a rep may go into the memo as they come."""

    rep: str
    manager: str
    since: str
