"""Is a typed step concrete? What, how many, by when, for which deal; pure."""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar
from crm_loop.wording.vague import VAGUE_WORDS

#: An action is due within this many days.
HORIZON_DAYS = 14

_UNITS = "件回社名人通本"
_WEEKDAYS = "月火水木金土日"
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENGLISH_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip

#: Whole names or short ones: "2 decision makers" is no day in December.
MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_MONTH = rf"(?P<month>{MONTHS})"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DAY_MONTH = re.compile(rf"\b{_NTH}\s+(?:of\s+)?{_MONTH}\b")
_MONTH_DAY = re.compile(rf"\b{_MONTH}\.?\s+{_NTH}(?![\d:])")
_BY_DAY = re.compile(
    rf"\b(?:by|on)\s+(?P<day>{'|'.join(_ENGLISH_DAYS)}|(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun))\b"
)

VERBS = (
    "実施", "架電", "電話", "送付", "送る", "提案", "訪問", "設定", "登録", "更新", "依頼", "確認",
    "作成", "紹介", "予約", "アポ", "決める", "伺う", "連絡", "話す", "かける", "かけて", "見直す",
    "作る", "あてる", "あて", "hold", "call", "send", "book", "schedule", "visit", "update", "add",
    "create", "ask", "present", "fix", "agree", "set", "talk", "make", "review",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concreteness:
    """Which of the five checks pass, and the vague words that spoil it."""

    due: date | None
    quantity: int | None
    checks: dict[str, bool]
    vague: tuple[str, ...]

    @property
    def score(self) -> int:
        return sum(self.checks.values())

    @property
    def concrete(self) -> bool:
        return all(self.checks.values()) and not self.vague


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A step as somebody typed it, with what is known around it."""

    text: str
    owner: str
    created: date
    kpi: str | None = None
    deals: Sequence[str] = ()


def check(
    typed: Typed,
    calendar_: BusinessCalendar,
    *,
    verbs: Sequence[str] = VERBS,
    vague_words: Sequence[str] = VAGUE_WORDS,
) -> Concreteness:
    """Judge one typed step; substrings are matched in lower case, full-width digits count."""
    text = unicodedata.normalize("NFKC", typed.text).lower()
    due = due_of(text, typed.created, calendar_)
    quantity = quantity_of(text)
    checks = {
        "verb": any(verb.lower() in text for verb in verbs),
        "countable": quantity is not None or bool(typed.deals),
        "due": _acceptable(due, typed.created, calendar_),
        "owner": bool(typed.owner.strip()),
        "link": bool(typed.kpi or typed.deals),
    }
    vague = tuple(word for word in vague_words if word.lower() in text)
    return Concreteness(due, quantity, checks, vague)


def _acceptable(due: date | None, created: date, calendar_: BusinessCalendar) -> bool:
    if due is None or not created <= due <= created + timedelta(days=HORIZON_DAYS):
        return False
    return calendar_.is_business_day(due)


def quantity_of(text: str) -> int | None:
    """How many the text names, in lower case and half width; None where it names no number."""
    found = re.search(rf"(\d+)\s*[{_UNITS}]", text) or re.search(r"\b(\d+)\s+[a-z]+", text)
    return int(found.group(1)) if found else None


def due_of(text: str, created: date, calendar_: BusinessCalendar) -> date | None:
    """The day a text names, None where it names none that is understood.

    Relative days that are no business days move to the one before; written dates stay.
    """
    written = _iso(text) or _month_day(text, created) or _english_date(text, created)
    if written is not None:
        return written
    relative = (
        _next_week(text, created)
        or _weekday(text, created)
        or _english_weekday(text, created)
        or _this_week(text, created)
        or _month_end(text, created)
    )
    return None if relative is None else calendar_.at_or_before(relative)


def _iso(text: str) -> date | None:
    found = re.search(r"(\d{4})-(\d{2})-(\d{2})", text)
    return _date(*map(int, found.groups())) if found else None


def _month_day(text: str, created: date) -> date | None:
    found = re.search(r"(?<![\d/])(\d{1,2})[/月](\d{1,2})(?![\d/])", text)
    return _coming(int(found.group(1)), int(found.group(2)), created) if found else None


def _english_date(text: str, created: date) -> date | None:
    """19 June, 19th June; June 19 as well, which is no month and year: June 2027 has no day."""
    found = _DAY_MONTH.search(text) or _MONTH_DAY.search(text)
    if not found:
        return None
    return _coming(_ENGLISH_MONTHS.index(found["month"][:3]) + 1, int(found["day"]), created)


def _coming(month: int, day: int, created: date) -> date | None:
    this_year = _date(created.year, month, day)
    if this_year is not None and this_year >= created:
        return this_year
    return _date(created.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next_week(text: str, created: date) -> date | None:
    found = re.search(rf"来週の?\s*([{_WEEKDAYS}])", text)
    if not found:
        return None
    monday = created - timedelta(days=created.weekday()) + timedelta(days=7)
    return monday + timedelta(days=_WEEKDAYS.index(found.group(1)))


def _weekday(text: str, created: date) -> date | None:
    found = re.search(rf"([{_WEEKDAYS}])曜", text)
    return _on_or_after(created, _WEEKDAYS.index(found.group(1))) if found else None


def _english_weekday(text: str, created: date) -> date | None:
    found = _BY_DAY.search(text)
    if not found:
        return None
    place = next(n for n, day in enumerate(_ENGLISH_DAYS) if day.startswith(found["day"][:3]))
    return _on_or_after(created, place)


def _on_or_after(created: date, weekday: int) -> date:
    return created + timedelta(days=(weekday - created.weekday()) % 7)


def _this_week(text: str, created: date) -> date | None:
    if "今週中" not in text:
        return None
    return created + timedelta(days=4 - created.weekday())


def _month_end(text: str, created: date) -> date | None:
    if "月末" not in text:
        return None
    return created.replace(day=calendar.monthrange(created.year, created.month)[1])
