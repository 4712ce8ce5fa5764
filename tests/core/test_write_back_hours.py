"""Quiet hours at the moment of writing, and how much a rule may write to one person."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from rig.memory_crm import MemoryCrm, a_writing, an_intent

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Member, Role, WriteState
from crm_loop.setup.doctor import examine_work
from crm_loop.setup.findings import worded
from crm_loop.store import Begin
from crm_loop.write_back.hours import RECORDS_A_WEEK, approve_by_rule, held_back, postponed
from crm_loop.write_back.service import apply, approve, plan

TOKYO = ZoneInfo("Asia/Tokyo")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=TOKYO)


def a_member(person: str = "rep@example.com") -> Member:
    return Member(
        person=person,
        name="山田",
        family_name="山田",
        role=Role.AE,
        manager=None,
        language="ja",
        country="JP",
        time_zone="Asia/Tokyo",
        accounts={"salesforce": "005"},
    )


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (at(15, 9), None),
        (at(15, 8), at(15, 8, 30)),
        (at(15, 20), at(16, 8, 30)),
        (at(19, 18, 1), at(22, 8, 30)),  # Friday evening: Monday
    ],
)
def test_what_reaches_a_person_waits_for_the_working_day(
    now: datetime, then: datetime | None
) -> None:
    later = postponed(
        ["rep@example.com", "gone@example.com"],
        {"rep@example.com": a_member()},
        BusinessCalendar,
        now=now,
    )
    assert later == ({} if then is None else {"rep@example.com": then})


def test_a_postponed_write_is_not_sent_before(begin: Begin) -> None:
    crm, intent = MemoryCrm(), an_intent()
    plan(begin, "acme", [intent], run="r")
    approve(begin, "acme", [intent.key], by="rule", at=at(15, 20))
    with begin("acme") as state:
        later = {"rep@example.com": at(16, 8, 30)}
        assert state.writes.postpone("salesforce", later, business_now=at(15, 20)) == 1
    apply(a_writing(begin, crm, now=at(16, 8, 29)))
    assert crm.sent == []
    apply(a_writing(begin, crm, now=at(16, 8, 30)))
    assert crm.sent == [intent.key]


@pytest.fixture
def many(begin: Begin) -> Callable[[int], list[str]]:
    def wanted(count: int) -> list[str]:
        intents = [an_intent(key=f"k{number:03}") for number in range(count)]
        plan(begin, "acme", intents, run="r")
        return [intent.key for intent in intents]

    return wanted


def approved(begin: Begin) -> int:
    with begin("acme") as state:
        return sum(row.state is WriteState.APPROVED for row in state.writes.rows())


def test_a_rule_lets_only_so_many_new_records_of_a_week_through(
    begin: Begin, many: Callable[[int], list[str]]
) -> None:
    keys = many(RECORDS_A_WEEK + 5)
    assert approve_by_rule(begin, "acme", keys, by="rule", at=at(15, 9)) == 5
    assert approve_by_rule(begin, "acme", keys, by="rule", at=at(15, 10)) == 5
    assert approved(begin) == RECORDS_A_WEEK


@pytest.mark.parametrize(("language", "words"), [("ja", "5件"), ("en", "5 writes")])
def test_what_a_full_week_keeps_back_is_told_to_the_operator(
    begin: Begin, many: Callable[[int], list[str]], language: str, words: str
) -> None:
    keys = many(RECORDS_A_WEEK)
    approve_by_rule(begin, "acme", keys, by="rule", at=at(15, 9))
    with begin("acme") as state:
        assert held_back(state.writes.rows()) == 0
    approve_by_rule(begin, "acme", many(RECORDS_A_WEEK + 5), by="rule", at=at(15, 9))
    with begin("acme") as state:
        waiting = held_back(state.writes.rows())
    (finding,) = examine_work([], 0, "Asia/Tokyo", held_back=waiting)
    assert words in worded(finding, language)["title"]


def test_a_person_may_let_the_rest_through(begin: Begin, many: Callable[[int], list[str]]) -> None:
    keys = many(RECORDS_A_WEEK + 5)
    approve_by_rule(begin, "acme", keys, by="rule", at=at(15, 9))
    assert approve(begin, "acme", keys, by="operator", at=at(15, 9)) == 5
