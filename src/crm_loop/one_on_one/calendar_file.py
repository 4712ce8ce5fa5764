"""1on1s in calendar files: those of another calendar to read, ours to take over; pure.

A file is what Outlook, Google Calendar and others write and read (RFC 5545).
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Meeting, Member, TalkEvent
from crm_loop.one_on_one.calendar_pairs import LONGEST_MINUTES, SHORTEST_MINUTES, PairEvent

#: What of an entry is kept: when it is. Titles, places and notes are nobody's business here.
_WHEN = (
    "uid", "dtstart", "dtend", "duration", "rrule", "rdate", "exdate", "recurrence-id", "status",
)  # fmt: skip
PRODUCT = "-//crm_loop//1on1//EN"
#: A calendar of years is a few megabytes; more is something else.
LARGEST_CHARACTERS = 20_000_000


@dataclass(frozen=True, slots=True)
class Read:
    """The pairs' entries of a file, and how many others it had that were passed over."""

    events: Sequence[TalkEvent]
    others: int


def read(text: str, members: Iterable[Member]) -> Read:
    """Entries of exactly a manager and one of the team; WrongUsage when it is no calendar."""
    known = {one.person: one for one in members if one.active}
    events, others = [], 0
    for entry in _calendar(text).walk("VEVENT"):
        pair = _pair(entry, known)
        if pair is None or _minutes(entry) > LONGEST_MINUTES:
            others += 1
            continue
        rep, manager = pair
        events.append(
            TalkEvent(
                manager=manager,
                rep=rep,
                uid=_identity(entry),
                rules=_bare(entry),
            )
        )
    return Read(events, others)


def _identity(entry: icalendar.Component) -> str:
    """An entry, and a single time of it that was moved, each by itself."""
    moved = entry.get("recurrence-id")
    return f"{entry.get('uid', '')}|{moved.to_ical().decode() if moved is not None else ''}"


def _calendar(text: str) -> icalendar.Calendar:
    found: object = None
    if len(text) <= LARGEST_CHARACTERS:
        with suppress(ValueError, IndexError, KeyError):
            found = icalendar.Calendar.from_ical(text.removeprefix("\ufeff"))
    if not isinstance(found, icalendar.Calendar):
        raise WrongUsage(
            "This is no calendar file.",
            code="setup.calendar",
            kept="Nothing was changed.",
            do="Export the calendar as an .ics file and take that one.",
        )
    return found


def _pair(entry: icalendar.Component, known: dict[str, Member]) -> tuple[str, str] | None:
    """Rep and manager, where nobody else is invited."""
    invited = {_address(one) for one in [entry.get("organizer"), *_several(entry, "attendee")]}
    invited.discard("")
    people = sorted(invited)
    if len(people) != 2 or not invited <= known.keys():  # noqa: PLR2004 - a 1on1
        return None
    for rep, manager in (people, people[::-1]):
        if known[rep].manager == manager:
            return rep, manager
    return None


def _several(entry: icalendar.Component, name: str) -> list[object]:
    found = entry.get(name, [])
    return list(found) if isinstance(found, list) else [found]


def _address(value: object) -> str:
    """The e-mail address of `mailto:…`; empty where there is none."""
    text = str(value or "").strip().lower()
    address = text.removeprefix("mailto:")
    return address if "@" in address else ""


def _minutes(entry: icalendar.Component) -> float:
    begins, ends = entry.get("dtstart"), entry.get("dtend")
    if begins is None or not isinstance(begins.dt, datetime):
        return LONGEST_MINUTES + 1  # whole days are no 1on1
    if ends is None:
        length = entry.get("duration")
        return length.dt.total_seconds() / 60 if length is not None else 0
    seconds: float = (ends.dt - begins.dt).total_seconds()
    return seconds / 60


def _bare(entry: icalendar.Component) -> str:
    """The entry with nothing in it but its times."""
    bare = icalendar.Event()
    for name in _WHEN:
        if name in entry:
            bare[name] = entry[name]
    return str(bare.to_ical().decode())


def between(events: Sequence[TalkEvent], first: datetime, last: datetime) -> list[PairEvent]:
    """Every time that the entries name from `first` up to `last`, repeated ones too."""
    by_pair: dict[tuple[str, str], list[TalkEvent]] = {}
    for one in events:
        by_pair.setdefault((one.rep, one.manager), []).append(one)
    found = []
    for (rep, manager), several in sorted(by_pair.items()):
        calendar = icalendar.Calendar()
        for one in several:
            calendar.add_component(icalendar.Event.from_ical(one.rules))
        for entry in recurring_ical_events.of(calendar).between(first, last):
            starts_at = entry["dtstart"].dt
            aware = starts_at if starts_at.tzinfo else starts_at.replace(tzinfo=UTC)
            found.append(
                PairEvent(
                    rep=rep,
                    manager=manager,
                    starts_at=aware.astimezone(UTC),
                    minutes=max(SHORTEST_MINUTES, round(_minutes(entry))),
                    off=str(entry.get("status", "")).upper() == "CANCELLED",
                )
            )
    return sorted(found, key=lambda one: (one.starts_at, one.rep))


def write(
    meetings: Sequence[Meeting], title: Callable[[Meeting], str], *, made_at: datetime
) -> bytes:
    """Planned 1on1s as a calendar to take over; nothing but title and time.

    A meeting keeps its identifier when it moves, so that taking it over again moves it.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for one in meetings:
        entry = icalendar.Event()
        entry.add("uid", f"{one.week}-{_local(one.rep)}@crm-loop")
        entry.add("dtstamp", made_at.astimezone(UTC))
        entry.add("summary", title(one))
        begins = one.starts_at.astimezone(ZoneInfo("UTC"))
        entry.add("dtstart", begins)
        entry.add("dtend", begins + timedelta(minutes=one.minutes))
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _local(person: str) -> str:
    return person.replace("@", ".at.")
