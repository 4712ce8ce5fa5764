"""What one possible next step is made from, and how it is put into words; pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Action, RecordRef, Suggestion, Topic, VerifyRule

#: Days to do a suggested step, counted in business days from the 1on1.
BUSINESS_DAYS_TO_DO = 3
#: A to-do's subject is read at a glance; a Japanese one says more in a character.
MAX_TEXT = {"ja": 40, "en": 80}

_WEEKDAYS = {
    "ja": "月火水木金土日",
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What an open step of the rep is about: how it is seen, which figure and which deals."""

    verify: VerifyRule
    kpi: str | None = None
    deal: RecordRef | None = None

    @classmethod
    def of(cls, action: Action) -> "Agreed":
        return cls(verify=action.verify, kpi=action.kpi, deal=action.deal)

    @property
    def deals(self) -> set[RecordRef]:
        return {*self.verify.deals, *([self.deal] if self.deal else [])}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a suggestion is made from: whose 1on1, its theme, and how deals are called.

    `names` are the customers' names by deal; `met_on` is the local day of the 1on1. `resting`
    are slots that were not taken lately, `agreed` what the rep's open actions are about. `open`
    are the rep's open deals, those first of which most is expected. `confirmed` is the factor
    that the rep named as what holds things back; it goes before the one that figures suppose.
    `most` is how many are offered at once. `flags` is what speaks against open deals, such as
    `overdue` or `pushed`; `rep_name` is how the rep is called, by language. `other` is the
    manager's language, where that is not the rep's.
    """

    rep: str
    week: str
    language: str
    connection: str
    met_on: date
    topic: Topic
    names: Mapping[RecordRef, str]
    calendar: BusinessCalendar
    resting: frozenset[str] = frozenset()
    agreed: Sequence[Agreed] = ()
    open: Sequence[RecordRef] = ()
    confirmed: str = ""
    most: int = 3
    flags: Mapping[RecordRef, frozenset[str]] = field(default_factory=dict)
    rep_name: Mapping[str, str] = field(default_factory=dict)
    other: str = ""

    @property
    def busy(self) -> set[RecordRef]:
        """Deals that the rep has an open step about."""
        return set().union(*(one.deals for one in self.agreed))


def day_text(day: date, language: str) -> str:
    """A day as people write it: 6/19（金） or Fri 19 June."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "ja":
        return f"{day.month}/{day.day}（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}"


def idea(
    situation: Situation,
    slot: str,
    template: str,
    rule: VerifyRule,
    *,
    deal: RecordRef | None = None,
    **facts: Any,
) -> Suggestion:
    due = situation.calendar.add(situation.met_on, BUSINESS_DAYS_TO_DO)

    def told(language: str) -> str:
        return _told(language, template, due, facts | {"rep": situation.rep_name.get(language, "")})

    return Suggestion(
        rep=situation.rep,
        week=situation.week,
        slot=slot,
        text=told(situation.language),
        due=due,
        verify=rule,
        connection=deal.connection if deal else situation.connection,
        kpi=situation.topic.kpi,
        deal=deal,
        cause=situation.topic.code,
        said=told(situation.other) if situation.other else "",
    )


def _told(language: str, template: str, due: date, facts: Mapping[str, Any]) -> str:
    """A template of one language, filled in."""
    own = _templates()[language]
    hour = {"hour": own[facts["hour"]]} if "hour" in facts else {}
    day = day_text(due, language)
    return _fitting(own[template], MAX_TEXT[language], day=day, **{**facts, **hour})


def _fitting(pattern: str, longest: int, **facts: Any) -> str:
    """Fill in; a long customer name is shortened rather than the sentence cut."""
    text = pattern.format(**facts)
    if len(text) > longest and "customer" in facts:
        spare = max(4, len(facts["customer"]) - (len(text) - longest) - 1)
        text = pattern.format(**facts | {"customer": facts["customer"][:spare] + "…"})
    return text


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("crm_loop.actions").joinpath("templates.toml").read_text("utf-8"))
