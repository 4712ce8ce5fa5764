"""Counts, money, days and ranges as people write them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm_loop.calendars import Period

#: U+301C: the wave dash, not the look-alike U+FF5E that some keyboards give.
WAVE = "\u301c"
#: Percentages say little below this many cases.
ENOUGH_FOR_PERCENT = 20
#: A list in a sentence names so many; who wants more opens the records.
NAMES_IN_A_SENTENCE = 3

_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_COUNTS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
_UNITS_JA = {"JPY": "円", "USD": "ドル", "EUR": "ユーロ", "GBP": "ポンド"}
_SIGNS_EN = {"USD": "$", "EUR": "€", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Money:
    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names for one sentence; `total` is how many there are altogether."""

    names: Sequence[str]
    total: int


@dataclass(frozen=True, slots=True)
class Cases:
    """A number of things with its unit, where a text is about any KPI."""

    count: int


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI as people call it in a talk."""

    id: str


def whole(value: float) -> int:
    """Half up, as people round."""
    return int(Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def count(number: int, language: str) -> str:
    """English sentences spell small counts out."""
    if language == "en" and 0 <= number < len(_COUNTS):
        return _COUNTS[number]
    return f"{number:,}"


def share(part: int, of: int, language: str) -> str:
    """`12件のうち2件` for few cases, a whole percentage for many."""
    if of >= ENOUGH_FOR_PERCENT:
        return f"{whole(100 * part / of)}%"
    return f"{of}件のうち{part}件" if language == "ja" else f"{part} of {of}"


def span(low: float, high: float, language: str) -> str:
    """A range of counts, without its unit."""
    dash = WAVE if language == "ja" else "-"
    return f"{whole(low)}{dash}{whole(high)}"


def day(value: date, language: str, *, beside: date | None = None) -> str:
    """`6/16（火）` or `Tue 16 June`; with the year where it is not that of `beside`."""
    weekday = _WEEKDAYS[language][value.weekday()]
    other_year = beside is not None and beside.year != value.year
    if language == "ja":
        year = f"{value.year}/" if other_year else ""
        return f"{year}{value.month}/{value.day}（{weekday}）"
    year = f" {value.year}" if other_year else ""
    return f"{weekday} {value.day} {_MONTHS[value.month - 1]}{year}"


def period(value: Period, language: str) -> str:
    """`今月`, `今期（4〜6月）`; a year is named by its months as well."""
    if value.kind == "month":
        return "今月" if language == "ja" else "this month"
    if language == "en":
        return f"this {'half year' if value.kind == 'half' else value.kind}"
    return f"今期（{value.start.month}{WAVE}{value.end.month}月）"


def listed(value: Names, language: str) -> str:
    """`A社、B社、C社など`; `A, B and C`."""
    names = list(value.names[:NAMES_IN_A_SENTENCE])
    more = value.total > len(names)
    if language == "ja":
        return "、".join(names) + ("など" if more else "")
    if more:
        return ", ".join(names) + " and others"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))


def money(value: Money, language: str) -> str:
    """Two figures, as in speech: `約43万円`, `約1.2億円`, `about 6 million yen`."""
    amount = _two_figures(value.amount)
    return _money_ja(amount, value.currency) if language == "ja" else _money_en(amount, value)


def _two_figures(amount: float) -> Decimal:
    exact = Decimal(str(amount))
    if exact == 0:
        return exact
    step = Decimal(1).scaleb(exact.adjusted() - 1)
    rounded = (exact / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    return rounded if abs(exact) >= 100 else exact.quantize(Decimal(1), ROUND_HALF_UP)  # noqa: PLR2004 - below, two figures are all there are


def _money_ja(amount: Decimal, currency: str) -> str:
    unit = _UNITS_JA.get(currency, currency)
    for size, name in ((Decimal(10**8), "億"), (Decimal(10**4), "万")):
        if abs(amount) >= size:
            return f"約{_plain(amount / size)}{name}{unit}"
    return f"約{_plain(amount)}{unit}"


def _money_en(amount: Decimal, value: Money) -> str:
    number = _plain(amount)
    for size, name in ((Decimal(10**9), " billion"), (Decimal(10**6), " million")):
        if abs(amount) >= size:
            number = _plain(amount / size) + name
            break
    sign = _SIGNS_EN.get(value.currency)
    if sign:
        return f"about {sign}{number}"
    return f"about {number} {'yen' if value.currency == 'JPY' else value.currency}"


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cases(value: Cases, language: str) -> str:
    return f"{value.count:,}件" if language == "ja" else f"{value.count:,}"


def _time(value: time, language: str) -> str:
    del language
    return f"{value.hour}:{value.minute:02d}"


#: How a fact of each kind is said; a plain text stays as it is.
_FORMS: Mapping[type, Callable[[Any, str], str]] = {
    Money: money,
    Cases: cases,
    Names: listed,
    Period: period,
    date: day,
    time: _time,
    int: count,
    float: lambda value, language: count(whole(value), language),
    str: lambda value, _: value,
}


def shown(fact: Any, language: str) -> str:
    """A fact of any of our kinds, ready for a sentence; KeyError for any other kind."""
    return _FORMS[type(fact)](fact, language)


def amount(value: Money, language: str) -> str:
    """Money at a glance: `980円`, `4,325万円`, `1.23億円`; `¥43.3M`, `USD 980`."""
    exact = Decimal(str(value.amount))
    if language == "ja":
        unit = _UNITS_JA.get(value.currency, value.currency)
        if abs(exact) >= 10**8:
            return f"{_significant(exact / 10**8)}億{unit}"
        if abs(exact) >= 10**4:
            return f"{whole(float(exact / 10**4)):,}万{unit}"
        return f"{whole(float(exact)):,}{unit}"
    sign = {**_SIGNS_EN, "JPY": "¥"}.get(value.currency, f"{value.currency} ")
    for size, name in ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")):
        if abs(exact) >= size:
            return f"{sign}{_significant(exact / size)}{name}"
    return f"{sign}{whole(float(exact)):,}"


def rounded(value: float) -> float:
    """Two figures, as in speech."""
    return float(_two_figures(value))


def exactly(value: Money, language: str) -> str:
    """Money to the last digit, for tables: `43,250,000円`, `¥43,250,000`."""
    digits = f"{whole(value.amount):,}"
    if language == "ja":
        return f"{digits}{_UNITS_JA.get(value.currency, value.currency)}"
    sign = {**_SIGNS_EN, "JPY": "¥"}.get(value.currency, f"{value.currency} ")
    return f"{sign}{digits}"


def _significant(number: Decimal) -> str:
    """Three figures, without zeros behind the point."""
    digits = 2 - number.adjusted() if number else 0
    return _plain(round(number, max(0, digits)))
