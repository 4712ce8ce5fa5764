"""Who meets whom and when, and when the memo goes out; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from crm_loop.calendars import BusinessCalendar, monday_of, on_leave
from crm_loop.loop_records import Meeting, Member, Role, SlotLine
from crm_loop.one_on_one.calendar_pairs import Calendar, InCalendar

CalendarOf = Callable[[str], BusinessCalendar]

#: Where nobody has said when the 1on1s are.
DEFAULT_WEEKDAY = 1
DEFAULT_FIRST = time(10)

#: A week offers a 1on1 from so many business days on, and below so many days of leave.
MIN_BUSINESS_DAYS = 3
LEAVE_DAYS = 3

PUBLISHED_AT = time(9)
#: Nobody's 1on1 ends after this; a big team goes on the next day.
DAY_ENDS = time(18)


@dataclass(frozen=True, slots=True)
class Pair:
    rep: Member
    manager: Member
    calendars: tuple[BusinessCalendar, BusinessCalendar]

    def can_meet(self, day: date) -> bool:
        if not all(calendar.is_business_day(day) for calendar in self.calendars):
            return False
        return not any(on_leave(day, one.leave) for one in (self.rep, self.manager))

    def is_due(self, week: Sequence[date]) -> bool:
        """A week of few business days, or with long leave of either, has no 1on1."""
        own, other = self.calendars
        working = own.days(week[0], week[-1])
        if other != own:
            working = [day for day in working if other.is_business_day(day)]
        away = (
            sum(on_leave(day, one.leave) for day in working) for one in (self.rep, self.manager)
        )
        return len(working) >= MIN_BUSINESS_DAYS and all(days < LEAVE_DAYS for days in away)


def meetings(
    members: Sequence[Member],
    slot_lines: Sequence[SlotLine],
    week: str,
    calendar_of: CalendarOf = BusinessCalendar,
    entries: Calendar = MappingProxyType({}),
) -> list[Meeting]:
    """The 1on1s of a week: one slot line spreads a manager's team, sorted by e-mail.

    A pair whose 1on1s stand in the CRM's calendar (`entries`, by rep) meets as it says there.
    """
    known = {member.person: member for member in members}
    lines = {line.manager: line for line in slot_lines}
    found = []
    for manager, team in teams(members).items():
        boss = known.get(manager)
        if boss is None:
            continue
        line = lines.get(manager) or SlotLine(
            manager=manager, weekday=DEFAULT_WEEKDAY, first=DEFAULT_FIRST
        )
        for place, rep in enumerate(team):
            pair = Pair(rep, boss, (calendar_of(rep.country), calendar_of(boss.country)))
            if rep.person in entries:
                meeting = _as_entered(pair, entries[rep.person], week)
            else:
                meeting = _meeting(pair, line, place, week)
            found += [meeting] if meeting else []
    return sorted(found, key=lambda one: (one.starts_at, one.rep))


def teams(members: Sequence[Member]) -> dict[str, list[Member]]:
    """Reps by manager: active pilots with a manager and an account in some CRM."""
    found: dict[str, list[Member]] = {}
    for member in sorted(members, key=lambda one: one.person):
        takes_part = member.active and member.pilot and member.accounts
        if takes_part and member.manager and member.role is not Role.MANAGER:
            found.setdefault(member.manager, []).append(member)
    return dict(sorted(found.items()))


def _as_entered(pair: Pair, entry: InCalendar, week: str) -> Meeting | None:
    if entry.event is None:
        return None
    starts_at = entry.event.starts_at.astimezone(ZoneInfo(pair.manager.time_zone))
    return Meeting(
        rep=pair.rep.person,
        manager=pair.manager.person,
        week=week,
        starts_at=starts_at,
        minutes=entry.event.minutes,
        publish_at=publish_at(starts_at, pair.rep, pair.calendars[0]),
        in_calendar=True,
    )


def _meeting(pair: Pair, line: SlotLine, place: int, week: str) -> Meeting | None:
    monday = monday_of(week)
    days = [monday + timedelta(days=n) for n in range(7)]
    later_days, row = divmod(place, _fitting(line))
    wanted = min(line.weekday + later_days, len(days) - 1)
    day = next((day for day in _preferred(days, wanted) if pair.can_meet(day)), None)
    if day is None or not pair.is_due(days):
        return None
    zone = ZoneInfo(pair.manager.time_zone)
    starts_at = datetime.combine(day, line.first, zone)
    starts_at += timedelta(minutes=row * line.spacing_minutes)
    return Meeting(
        rep=pair.rep.person,
        manager=pair.manager.person,
        week=week,
        starts_at=starts_at,
        minutes=line.minutes,
        publish_at=publish_at(starts_at, pair.rep, pair.calendars[0]),
    )


def _preferred(days: Sequence[date], wanted: int) -> Iterator[date]:
    """The wanted day, later days of the week, then the nearest before."""
    yield from days[wanted:]
    yield from reversed(days[:wanted])


def _fitting(line: SlotLine) -> int:
    """How many 1on1s of this line end before the day does; at least one."""
    begins = line.first.hour * 60 + line.first.minute
    ends = DAY_ENDS.hour * 60 + DAY_ENDS.minute
    if line.spacing_minutes <= 0:
        return 1
    return max(1, (ends - begins - line.minutes) // line.spacing_minutes + 1)


def publish_at(starts_at: datetime, rep: Member, calendar: BusinessCalendar) -> datetime:
    """Nine o'clock where the rep is, on the last business day before a 1on1 that is later."""
    zone = ZoneInfo(rep.time_zone)
    local = starts_at.astimezone(zone)
    day = calendar.add(local.date(), -1 if local.time() >= PUBLISHED_AT else -2)
    return datetime.combine(day, PUBLISHED_AT, zone)
