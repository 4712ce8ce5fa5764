"""Every figure of somebody's daily work can become a theme, and is missed where it never does."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crm_loop.calendars import BusinessCalendar
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.profiles import ROLES
from crm_loop.loop_records import KpiValue, ProgressStatus, RecordRef, Role, ValueStatus
from crm_loop.one_on_one.attention import SPOKEN_OF
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.phrases import example_of, topic_of
from crm_loop.one_on_one.score import scored
from crm_loop.one_on_one.situation import Situation
from crm_loop.one_on_one.topics import candidates
from crm_loop.one_on_one.topics_of_activity import COUNTED, SHARES
from crm_loop.wording import words
from crm_loop.wording.linter import blocked, lint

TODAY = date(2026, 6, 16)


def kpi(name: str, **fields: Any) -> KpiValue:
    base: dict[str, Any] = {
        "person": "rep", "kpi": name, "period_start": date(2026, 6, 1),
        "period_end": date(2026, 6, 30), "as_of": date(2026, 6, 15), "numerator": None,
        "denominator": None, "n": 9, "value_status": ValueStatus.OK, "value": 3.0,
        "target": 12.0, "expected_to_date": 5.0, "p_attain": 0.2,
        "progress": ProgressStatus.OFF_TRACK,
    }  # fmt: skip
    return KpiValue(**(base | fields))


def a_share(name: str, hits: int, of: int, target: float) -> KpiValue:
    return kpi(name, value=hits / of, numerator=hits, denominator=of, target=target)


def a_situation(*values: KpiValue, **known: Any) -> Situation:
    base: dict[str, Any] = {
        "values": {one.kpi: one for one in values}, "deals": (), "currency": "JPY",
        "met_on": TODAY, "calendar": BusinessCalendar("JP"), "last_week": "先週",
    }  # fmt: skip
    return Situation(**(base | known))


BOOKED = kpi("bookings", value=12e6, target=12e6, progress=ProgressStatus.ACHIEVED)
BEHIND = [
    *(kpi(name) for name in COUNTED),
    a_share("connect_rate", 2, 12, 0.5),
    a_share("open_touch_rate", 3, 9, 0.8),
    a_share("single_threaded_rate", 4, 6, 0.2),
]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("value", BEHIND, ids=lambda one: one.kpi)
def test_a_figure_that_is_behind_is_a_theme_of_its_own_said_as_people_say_it(
    value: KpiValue, language: str
) -> None:
    (one,) = candidates(a_situation(BOOKED, value))
    assert (one.code, one.kpi, one.p) == ("T01", value.kpi, 0.8)
    assert one.effect > 0
    topic = topic_of(scored(one, 12e6), words(language), "other")
    example = example_of(one, words(language), TODAY, "", "other")
    for text in (topic.fact, topic.plain_fact, topic.reason, topic.plain_reason, example):
        assert lint(text, language) == []
        assert not blocked(text, language)
    assert not any(sign.isdigit() for sign in topic.plain_fact)


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("connect_rate", "ja", "今月の電話12件は、まだつながっていません。"),
        ("connect_rate", "en", "None of 12 calls this month got through."),
        ("lead_response_sla", "ja", "お問い合わせ12件は、最初の連絡まで1時間以上かかっています。"),
        ("lead_response_sla", "en", "None of 12 new enquiries heard from us within an hour."),
    ],
)
def test_none_of_so_many_is_said_as_a_person_says_it(name: str, language: str, said: str) -> None:
    (one,) = candidates(a_situation(BOOKED, a_share(name, 0, 12, 0.5)))
    assert topic_of(scored(one, 12e6), words(language), "other").fact == said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_way_of_saying_none_keeps_the_tone(language: str) -> None:
    known = {name: text for name, text in words(language).flat.items() if "fact_none" in name}
    assert len(known) == 8
    for text in known.values():
        period = "今月" if language == "ja" else "this month"
        said = text.format(period=period, n=12, deals="案件", deal="案件")
        assert not blocked(said, language)
        assert lint(said if language == "ja" else said.replace("案件", "deals"), language) == []


@pytest.mark.parametrize(
    "value",
    [
        kpi("calls", value=5.0),
        kpi("calls", progress=ProgressStatus.ON_TRACK),
        kpi("calls", target=None),
        kpi("calls", period_end=date(2026, 6, 15)),
        a_share("connect_rate", 6, 12, 0.5),
        a_share("single_threaded_rate", 1, 6, 0.2),
        replace(a_share("open_touch_rate", 0, 1, 0.8), numerator=0, denominator=0),
    ],
)
def test_a_figure_that_is_where_it_should_be_is_no_theme(value: KpiValue) -> None:
    assert candidates(a_situation(BOOKED, value)) == []


def a_deal(number: int, *, overdue: bool) -> OpenDeal:
    return OpenDeal(
        ref=RecordRef(connection="sf", object="deal", id=str(number)), customer=f"客{number}社",
        owner="u", amount=1e6, chance=0.5, close_date=date(2026, 6, 30), quiet=False,
        has_next=True, overdue=overdue,
    )  # fmt: skip


def test_deals_past_their_close_dates_are_tidied_up_like_others() -> None:
    late = kpi("overdue_close_rate", value=0.5, target=0.1)
    deals = (a_deal(1, overdue=True), a_deal(2, overdue=False))
    (one,) = candidates(a_situation(BOOKED, late, deals=deals))
    assert (one.code, one.kpi, [ref.id for ref in one.records]) == (
        "T05", "overdue_close_rate", ["1"],
    )  # fmt: skip


def test_what_a_seller_is_measured_by_day_by_day_is_missed_on_an_agenda() -> None:
    sellers = [profile for role, profile in ROLES.items() if role is not Role.MANAGER]
    process = {one for profile in sellers for one in profile.process}
    assert process <= SPOKEN_OF.keys()
    assert {*COUNTED, *SHARES} <= SPOKEN_OF.keys()
    assert SPOKEN_OF.keys() <= catalogue().keys()
    assert all(name in names for name, names in SPOKEN_OF.items())
