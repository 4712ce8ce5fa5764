"""Values read with tolerance."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop_hubspot import values

TOKYO = ZoneInfo("Asia/Tokyo")
ANYTHING = st.none() | st.text() | st.integers() | st.floats() | st.booleans()


@given(ANYTHING)
def test_no_value_is_too_odd_to_be_read(value: object) -> None:
    values.moment(value)
    values.decimal(value)
    values.seconds(value)
    values.flag(value)
    values.text(value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-06-30T15:30:00.000Z",
        "2026-06-30T15:30:00Z",
        "2026-07-01T00:30:00+09:00",
        "1782833400000",
        "1782833400000.0",
        "1.7828334E12",
    ],
)
def test_a_moment_may_be_written_in_many_ways(written: str) -> None:
    assert values.moment(written) == datetime(2026, 6, 30, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["1796010101030", "1799123123595", "1812123123", "20260630"])
def test_bare_digits_are_milliseconds_even_where_they_look_like_a_date(stamp: str) -> None:
    since = datetime(1970, 1, 1, tzinfo=UTC)
    assert values.moment(stamp) == since + timedelta(milliseconds=int(stamp))


def test_a_day_is_the_local_one() -> None:
    assert values.day("2026-06-30T15:30:00Z", TOKYO) == date(2026, 7, 1)


@pytest.mark.parametrize("written", [None, "", "  ", "n/a", "NaN", "Infinity"])
def test_what_is_no_number_is_no_amount(written: str | None) -> None:
    assert values.decimal(written) is None


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1E+999999"])
def test_the_ends_of_time_have_no_local_day(edge: str) -> None:
    assert values.day(edge, TOKYO) is None


def test_money_keeps_its_digits() -> None:
    assert values.decimal("1500.10") == Decimal("1500.10")


def test_durations_are_milliseconds() -> None:
    assert values.seconds("61999") == 61


@given(st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants it naive
def test_a_written_moment_reads_back_to_the_millisecond(at: datetime) -> None:
    back = values.moment(values.written(at))
    assert back is not None
    assert timedelta(0) <= at - back < timedelta(milliseconds=1)
