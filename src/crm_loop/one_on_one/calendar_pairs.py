"""1on1s that stand in the CRM's own calendar: rep and manager and nobody else; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from crm_loop.calendars import local_date, monday_of
from crm_loop.loop_records import Member
from crm_loop.records import Activity, ActivityStatus, Participant

#: Longer ones of the two are something else.
LONGEST_MINUTES = 60
SHORTEST_MINUTES = 15
#: From so many of them in the weeks before on, the calendar is where this pair's 1on1s are.
USUAL, WEEKS_BACK = 2, 4

_OFF = (ActivityStatus.CANCELED, ActivityStatus.NO_SHOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEvent:
    """One calendar entry of a rep and the rep's manager.

    `off_by`: whose entry it was, where it was called off; whoever did not come called nothing off.
    """

    rep: str
    manager: str
    starts_at: datetime
    minutes: int
    off: bool = False
    off_by: str = ""


@dataclass(frozen=True, slots=True)
class InCalendar:
    """What the calendar says of one pair's week; `event` None: it does not take place.

    `off_by`: whose entry it was that was called off, as far as the calendar still has it.
    """

    event: PairEvent | None
    off_by: str = ""


def pair_events(
    activities: Sequence[tuple[str, Activity]],
    participants: Sequence[tuple[str, Participant]],
    members: Iterable[Member],
) -> list[PairEvent]:
    """Entries of exactly two people, one of whom leads the other; customers make it a visit."""
    people = {(c, user): one for one in members for c, user in one.accounts.items()}
    guests: dict[tuple[str, str], list[Participant]] = {}
    for connection, guest in participants:
        guests.setdefault((connection, guest.activity_id), []).append(guest)
    found = []
    for connection, one in activities:
        invited = guests.get((connection, one.id), [])
        if not _may_be(one, invited):
            continue
        users = {one.owner_id, *one.colleague_ids, *(guest.person_id for guest in invited)}
        who = [people.get((connection, user)) for user in sorted(filter(None, users))]
        pair = _pair([member for member in who if member is not None]) if None not in who else None
        if pair:
            found.append(_event(one, *pair, people.get((connection, one.owner_id or ""))))
    return sorted(found, key=lambda one: (one.starts_at, one.rep))


def _may_be(one: Activity, invited: Sequence[Participant]) -> bool:
    outside = (
        one.external_attendees or one.contact_ids or one.lead_id or one.deal_id or one.account_id
    )
    others = any(guest.contact_id or guest.lead_id for guest in invited)
    minutes = (one.duration_seconds or 0) / 60
    return not outside and not others and minutes <= LONGEST_MINUTES


def _pair(who: Sequence[Member]) -> tuple[Member, Member] | None:
    if len(who) != 2:  # noqa: PLR2004 - a 1on1
        return None
    for rep, manager in (who, who[::-1]):
        if rep.manager == manager.person:
            return rep, manager
    return None


def _event(one: Activity, rep: Member, manager: Member, owner: Member | None) -> PairEvent:
    minutes = round((one.duration_seconds or 0) / 60)
    return PairEvent(
        rep=rep.person,
        manager=manager.person,
        starts_at=one.start,
        minutes=max(SHORTEST_MINUTES, minutes),
        off=one.status in _OFF,
        off_by=owner.person if owner and one.status is ActivityStatus.CANCELED else "",
    )


def in_calendar(events: Sequence[PairEvent], week: str, time_zone: str) -> dict[str, InCalendar]:
    """By rep, what the calendar says of a week; nothing of pairs that meet by the schedule.

    A pair with an entry in the week meets then, moved or not. One that usually has entries and
    has none now, or only one that was called off, does not meet.
    """
    monday = monday_of(week)
    by_rep: dict[str, list[PairEvent]] = {}
    for one in events:
        by_rep.setdefault(one.rep, []).append(one)
    found = {}
    for rep, own in by_rep.items():
        days = [(one, (local_date(one.starts_at, time_zone) - monday).days) for one in own]
        here = [one for one, day in days if 0 <= day < 7]  # noqa: PLR2004 - a week
        before = [one for one, day in days if -7 * WEEKS_BACK <= day < 0 and not one.off]
        standing = [one for one in here if not one.off]
        if here or len(before) >= USUAL:
            off_by = "" if standing else max((one.off_by for one in here), default="")
            found[rep] = InCalendar(standing[0] if standing else None, off_by)
    return found


def span(week: str) -> tuple[datetime, datetime]:
    """Between which moments entries are looked at for a week, a day wider for time zones."""
    monday = datetime.combine(monday_of(week), time(), UTC)
    return monday - timedelta(weeks=WEEKS_BACK, days=1), monday + timedelta(days=8)


Calendar = Mapping[str, InCalendar]
