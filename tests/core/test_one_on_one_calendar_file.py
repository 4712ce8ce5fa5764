"""Calendars of other houses: which entries are 1on1s, what is kept of them, when they are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest

from crm_loop.calendars import BusinessCalendar
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Meeting, Member, Role
from crm_loop.one_on_one.cadence import meetings
from crm_loop.one_on_one.calendar_file import between, read, write

REP, BOSS = "rep@example.com", "boss@example.com"
MEMBERS = [
    Member(
        person=person, name=person, family_name=person, role=role, manager=manager,
        language="ja", country="JP", time_zone="Asia/Tokyo", accounts={"salesforce": person},
    )
    for person, role, manager in (
        (REP, Role.AE, BOSS), ("other@example.com", Role.AE, BOSS), (BOSS, Role.MANAGER, None),
    )
]  # fmt: skip
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)


def a_calendar(*entries: str) -> str:
    inside = "".join(f"BEGIN:VEVENT\r\n{one}END:VEVENT\r\n" for one in entries)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{inside}END:VCALENDAR\r\n"


def an_entry(*more: str, guests: tuple[str, ...] = (REP,), **fields: str) -> str:
    base = {
        "UID": "one",
        "SUMMARY": "Secret plans",
        "DESCRIPTION": "Nobody else may read this",
        "DTSTART;TZID=Asia/Tokyo": "20260604T100000",
        "DTEND;TZID=Asia/Tokyo": "20260604T103000",
        "ORGANIZER;CN=Boss": f"mailto:{BOSS.upper()}",
    }
    lines = [f"{name}:{value}\r\n" for name, value in (base | fields).items()]
    lines += [f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{guest}\r\n" for guest in guests]
    return "".join([*lines, *(f"{one}\r\n" for one in more)])


def times(*entries: str) -> list[tuple[str, datetime, int]]:
    events = read(a_calendar(*entries), MEMBERS).events
    return [(one.rep, one.starts_at, one.minutes) for one in between(events, JUNE, JULY)]


def test_an_entry_of_a_manager_and_one_of_the_team_is_a_1on1() -> None:
    assert times(an_entry()) == [(REP, datetime(2026, 6, 4, 1, tzinfo=UTC), 30)]


def test_nothing_is_kept_but_when_it_is() -> None:
    (event,) = read(a_calendar(an_entry()), MEMBERS).events
    assert "Secret" not in event.rules
    assert "Nobody" not in event.rules
    assert "mailto" not in event.rules.lower()


def test_a_repeated_entry_goes_on_without_its_left_out_and_with_its_moved_times() -> None:
    repeated = an_entry("RRULE:FREQ=WEEKLY;BYDAY=TH", "EXDATE;TZID=Asia/Tokyo:20260618T100000")
    moved = an_entry(
        **{
            "RECURRENCE-ID;TZID=Asia/Tokyo": "20260611T100000",
            "DTSTART;TZID=Asia/Tokyo": "20260612T160000",
            "DTEND;TZID=Asia/Tokyo": "20260612T161500",
        }
    )
    assert [(one.date(), minutes) for _, one, minutes in times(repeated, moved)] == [
        (date(2026, 6, 4), 30), (date(2026, 6, 12), 15), (date(2026, 6, 25), 30),
    ]  # fmt: skip
    far = datetime(2030, 6, 1, tzinfo=UTC)
    events = read(a_calendar(repeated), MEMBERS).events
    assert len(between(events, far, far + timedelta(weeks=4))) == 4


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(guests=(REP, "other@example.com")),
        an_entry(guests=("customer@elsewhere.example",)),
        an_entry(guests=()),
        an_entry(**{"DTEND;TZID=Asia/Tokyo": "20260604T120000"}),
        an_entry(**{"ORGANIZER;CN=Boss": "mailto:other@example.com"}),
    ],
)
def test_entries_of_others_of_more_people_or_of_hours_are_passed_over(entry: str) -> None:
    found = read(a_calendar(entry), MEMBERS)
    assert (list(found.events), found.others) == ([], 1)


def test_a_whole_day_is_no_1on1() -> None:
    who = f"ORGANIZER:mailto:{BOSS}\r\nATTENDEE:mailto:{REP}\r\n"
    assert times(f"UID:d\r\nDTSTART;VALUE=DATE:20260604\r\n{who}") == []


def test_an_entry_that_was_called_off_says_so() -> None:
    events = read(a_calendar(an_entry(STATUS="CANCELLED")), MEMBERS).events
    assert [one.off for one in between(events, JUNE, JULY)] == [True]


@pytest.mark.parametrize("text", ["", "name,email\n", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "\x00"])
def test_what_is_no_calendar_is_refused_in_words(text: str) -> None:
    with pytest.raises(WrongUsage, match="no calendar file"):
        read(text, MEMBERS)


def planned(**fields: Any) -> Meeting:
    base: dict[str, Any] = {
        "rep": REP, "manager": BOSS, "week": "2026-W24", "minutes": 15,
        "starts_at": datetime(2026, 6, 9, 1, tzinfo=UTC), "publish_at": JUNE,
    }  # fmt: skip
    return Meeting(**(base | fields))


def test_our_own_calendar_says_when_and_keeps_its_identity_when_it_moves() -> None:
    later = datetime(2026, 6, 10, 1, tzinfo=UTC)
    first, second = (
        icalendar.Calendar.from_ical(write([one], lambda _: "1on1 佐藤さん", made_at=JUNE))
        for one in (planned(), planned(starts_at=later))
    )
    (old,), (new,) = first.walk("VEVENT"), second.walk("VEVENT")
    assert (old["dtstart"].dt, new["dtstart"].dt) == (planned().starts_at, later)
    assert old["uid"] == new["uid"]
    assert {str(name) for name in old} == {"UID", "DTSTAMP", "SUMMARY", "DTSTART", "DTEND"}


def test_nobody_meets_on_a_day_on_which_the_company_is_closed() -> None:
    tuesday = date(2026, 6, 9)

    def days(closed: frozenset[date]) -> set[date]:
        found = meetings(MEMBERS, [], "2026-W24", lambda country: BusinessCalendar(country, closed))
        return {one.starts_at.date() for one in found}

    assert days(frozenset()) == {tuesday}
    assert days(frozenset({tuesday})) == {tuesday + timedelta(days=1)}
