"""Who meets whom and when."""

from datetime import date, time
from typing import Any

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Meeting, Member, Role, SlotLine
from crm_loop.one_on_one.cadence import meetings

WEEK = "2026-W25"  # Monday 15 June
BOSS = "boss@example.com"


def a_member(person: str, **fields: Any) -> Member:
    base: dict[str, Any] = {
        "name": person,
        "family_name": person,
        "role": Role.AE,
        "manager": BOSS,
        "language": "ja",
        "country": "JP",
        "time_zone": "Asia/Tokyo",
        "accounts": {"salesforce": person},
    }
    return Member(person=person, **(base | fields))


def the_boss(**fields: Any) -> Member:
    return a_member(BOSS, role=Role.MANAGER, manager=None, **fields)


def planned(*reps: Member, boss: Member | None = None, week: str = WEEK) -> list[Meeting]:
    return meetings([boss or the_boss(), *reps], [], week)


def times(found: list[Meeting]) -> list[str]:
    return [one.starts_at.strftime("%m-%d %H:%M") for one in found]


def test_a_team_is_spread_over_tuesday_morning() -> None:
    found = planned(a_member("b"), a_member("a"), a_member("c"))
    assert [one.rep for one in found] == ["a", "b", "c"]
    assert times(found) == ["06-16 10:00", "06-16 10:30", "06-16 11:00"]


def test_a_slot_line_says_day_time_length_and_spacing() -> None:
    line = SlotLine(manager=BOSS, weekday=3, first=time(13), minutes=30, spacing_minutes=45)
    found = meetings([the_boss(), a_member("a"), a_member("b")], [line], WEEK)
    assert times(found) == ["06-18 13:00", "06-18 13:45"]
    assert [one.minutes for one in found] == [30, 30]


def test_a_memo_goes_out_at_nine_on_the_business_day_before() -> None:
    (one,) = planned(a_member("a"))
    assert one.publish_at.isoformat() == "2026-06-15T09:00:00+09:00"


def test_a_monday_1on1_is_published_on_friday() -> None:
    line = SlotLine(manager=BOSS, weekday=0, first=time(10))
    (one,) = meetings([the_boss(), a_member("a")], [line], WEEK)
    assert one.publish_at.date() == date(2026, 6, 12)


def test_an_early_1on1_is_published_one_day_earlier() -> None:
    line = SlotLine(manager=BOSS, weekday=1, first=time(8, 30))
    (one,) = meetings([the_boss(), a_member("a")], [line], WEEK)
    assert one.publish_at.date() == date(2026, 6, 12)


def test_a_memo_is_published_by_the_rep_s_own_clock() -> None:
    line = SlotLine(manager=BOSS, weekday=1, first=time(18))
    rep = a_member("a", country="GB", time_zone="Europe/London")
    (one,) = meetings([the_boss(), rep], [line], WEEK)
    assert one.starts_at.isoformat() == "2026-06-16T18:00:00+09:00"
    assert one.publish_at.isoformat() == "2026-06-15T09:00:00+01:00"


def test_a_holiday_moves_the_1on1_to_the_next_business_day() -> None:
    # Tuesday 11 August 2026 is Mountain Day.
    assert times(planned(a_member("a"), week="2026-W33")) == ["08-12 10:00"]


def test_leave_of_either_moves_the_1on1() -> None:
    tuesday = ((date(2026, 6, 16), date(2026, 6, 16)),)
    assert times(planned(a_member("a", leave=tuesday))) == ["06-17 10:00"]
    assert times(planned(a_member("a"), boss=the_boss(leave=tuesday))) == ["06-17 10:00"]


def test_a_friday_off_moves_the_1on1_forward_within_the_week() -> None:
    line = SlotLine(manager=BOSS, weekday=4, first=time(10))
    rep = a_member("a", leave=((date(2026, 6, 19), date(2026, 6, 19)),))
    assert times(meetings([the_boss(), rep], [line], WEEK)) == ["06-18 10:00"]


def test_a_week_of_two_business_days_has_no_1on1() -> None:
    # Golden Week 2026: only Thursday and Friday are worked.
    assert planned(a_member("a"), week="2026-W19") == []


def test_three_days_of_leave_mean_no_1on1() -> None:
    days = ((date(2026, 6, 17), date(2026, 6, 19)),)
    assert planned(a_member("a", leave=days)) == []
    assert planned(a_member("a"), boss=the_boss(leave=days)) == []


def test_only_active_pilots_with_a_manager_and_an_account_take_part() -> None:
    found = planned(
        a_member("inactive", active=False),
        a_member("outside", pilot=False),
        a_member("alone", manager=None),
        a_member("unknown", accounts={}),
        a_member("lead", role=Role.MANAGER),
        a_member("orphan", manager="nobody@example.com"),
        a_member("rep"),
    )
    assert [one.rep for one in found] == ["rep"]


def test_a_big_team_goes_on_the_next_day() -> None:
    found = planned(*(a_member(f"rep{n:02}") for n in range(18)))
    assert times(found)[15:] == ["06-16 17:30", "06-17 10:00", "06-17 10:30"]


def test_company_holidays_count_like_any_other() -> None:
    def closed(country: str) -> BusinessCalendar:
        return BusinessCalendar(country, frozenset({date(2026, 6, 16)}))

    assert times(meetings([the_boss(), a_member("a")], [], WEEK, closed)) == ["06-17 10:00"]
