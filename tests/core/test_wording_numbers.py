"""Counts, money, days and names as people write them."""

from datetime import date

import pytest

from crm_loop.calendars import Period
from crm_loop.loop_records import Member, Role
from crm_loop.wording.names import called
from crm_loop.wording.numbers import Money, Names, day, listed, money, period, share, span

TUESDAY = date(2026, 6, 16)


@pytest.mark.parametrize(
    ("amount", "japanese", "english"),
    [
        (9_800, "約9,800円", "about 9,800 yen"),
        (425_250, "約43万円", "about 430,000 yen"),
        (6_000_000, "約600万円", "about 6 million yen"),
        (12_345_678, "約1,200万円", "about 12 million yen"),
        (99_600_000, "約1億円", "about 100 million yen"),
        (123_456_789, "約1.2億円", "about 120 million yen"),
        (0, "約0円", "about 0 yen"),
    ],
)
def test_money_is_said_in_two_figures(amount: float, japanese: str, english: str) -> None:
    assert money(Money(amount, "JPY"), "ja") == japanese
    assert money(Money(amount, "JPY"), "en") == english


def test_other_currencies_have_their_own_words() -> None:
    assert money(Money(430_000, "USD"), "ja") == "約43万ドル"
    assert money(Money(1_250_000, "USD"), "en") == "about $1.3 million"
    assert money(Money(500, "CHF"), "en") == "about 500 CHF"


def test_a_day_names_its_weekday_and_the_year_only_where_it_differs() -> None:
    assert day(TUESDAY, "ja") == "6/16（火）"
    assert day(TUESDAY, "en") == "Tue 16 June"
    assert day(TUESDAY, "ja", beside=date(2025, 12, 1)) == "2026/6/16（火）"


def test_a_range_has_the_wave_dash() -> None:
    assert span(7.0, 13.6, "ja") == "7\u301c14"
    assert span(7, 14, "en") == "7-14"


def test_few_cases_are_counted_and_many_are_a_whole_percentage() -> None:
    assert share(2, 12, "ja") == "12件のうち2件"
    assert share(7, 20, "ja") == "35%"
    assert share(2, 12, "en") == "2 of 12"


def test_a_fiscal_period_names_its_months() -> None:
    quarter = Period(date(2026, 4, 1), date(2026, 6, 30), "quarter")
    assert period(quarter, "ja") == "今期（4〜6月）"
    assert period(Period(date(2026, 6, 1), date(2026, 6, 30)), "ja") == "今月"


def test_a_long_list_of_names_ends_early() -> None:
    names = Names(("A", "B", "C", "D"), 4)
    assert listed(names, "ja") == "A、B、Cなど"
    assert listed(names, "en") == "A, B, C and others"
    assert listed(Names(("A",), 1), "en") == "A"


def a_member(name: str, family_name: str, language: str) -> Member:
    return Member(
        person=f"{name}@example.com",
        name=name,
        family_name=family_name,
        role=Role.AE,
        manager=None,
        language=language,
        country="JP",
        time_zone="Asia/Tokyo",
        accounts={},
    )


TANAKA = a_member("田中 一郎", "田中", "ja")


def test_people_are_called_by_family_name_in_japanese() -> None:
    assert called(TANAKA, "ja") == "田中さん"
    assert called(a_member("Anna Smith", "Smith", "en"), "ja") == "Smithさん"


def test_english_uses_given_names_but_for_japanese_people() -> None:
    assert called(a_member("Dustin Brinkmann", "Brinkmann", "en"), "en") == "Dustin"
    assert called(a_member("Ichiro Tanaka", "Tanaka", "ja"), "en") == "Tanaka-san"


def test_two_people_of_one_name_are_called_by_their_full_names() -> None:
    other = a_member("田中 花子", "田中", "ja")
    assert called(TANAKA, "ja", beside=other) == "田中一郎さん"
