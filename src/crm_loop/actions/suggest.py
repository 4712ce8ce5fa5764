"""What could be the next step for a theme: concrete, small, with a day; pure."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Action, RecordRef, Suggestion, Topic, Verify, VerifyRule

#: A rep is offered few steps at once, by profile; more is a list nobody reads.
MOST: Mapping[str, int] = {"starter": 1, "standard": 2, "full": 2}
#: Who has agreed to so many things that are still open is offered no more.
MAX_OPEN = 3
#: Days to do a suggested step, counted in business days from the 1on1.
BUSINESS_DAYS_TO_DO = 3
#: A to-do's subject is read at a glance; a Japanese one says more in a character.
MAX_TEXT = {"ja": 40, "en": 80}
#: Steps that fit into one week beside the normal work.
MEETINGS_A_WEEK = 2
CALLS_A_WEEK = 3

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
    `most` is how many are offered at once.
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
    most: int = MOST["standard"]


def suggest(situation: Situation) -> list[Suggestion]:
    """A step or two for the theme; none where the theme asks for talk rather than action.

    What was not taken rests, and nothing is offered twice to somebody who has agreed to it.
    """
    maker = _maker(situation)
    made = maker(situation) if maker else []
    room = min(situation.most, max(0, MAX_OPEN - len(situation.agreed)))
    return [one for one in made if _is_new(one, situation)][:room]


def _is_new(one: Suggestion, situation: Situation) -> bool:
    """Nothing is new that rests, is about a deal of an open step, or counts the same things.

    Steps that only a tick shows count nothing: two of them are the same when they are about one
    figure.
    """
    if one.slot in situation.resting:
        return False
    offered = Agreed(verify=one.verify, kpi=one.kpi, deal=one.deal)
    if offered.deals:
        return not offered.deals & _busy(situation)
    return all(_counted(offered) != _counted(other) for other in situation.agreed)


def _busy(situation: Situation) -> set[RecordRef]:
    return set().union(*(one.deals for one in situation.agreed))


def _counted(one: Agreed) -> tuple[object, ...]:
    rule = one.verify
    by_tick = rule.kind is Verify.CLOSED_TASK
    return rule.kind, rule.activity, rule.new_account, one.kpi if by_tick else None, bool(one.deals)


def day_text(day: date, language: str) -> str:
    """A day as people write it: 6/19（金） or Fri 19 June."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "ja":
        return f"{day.month}/{day.day}（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}"


def _next_dates(situation: Situation) -> list[Suggestion]:
    deals = [ref for ref in situation.topic.records if ref.object == "deal"]
    known = [ref for ref in deals if ref in situation.names]
    return [
        _suggestion(
            situation,
            f"next:{ref.connection}:{ref.id}",
            "next_date",
            VerifyRule(kind=Verify.NEXT_STEP, target=1, deals=(ref,)),
            deal=ref,
            customer=situation.names[ref],
        )
        for ref in known
    ]


def _meetings(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=MEETINGS_A_WEEK, activity="meeting")
    return [_suggestion(situation, "meetings", "meetings", rule, n=MEETINGS_A_WEEK)]


def _first_meetings(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(
        kind=Verify.ACTIVITIES, target=MEETINGS_A_WEEK, activity="meeting", new_account=True
    )
    return [_suggestion(situation, "first_meetings", "first", rule, n=MEETINGS_A_WEEK)]


def _calls(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=CALLS_A_WEEK, activity="call")
    return [_suggestion(situation, "calls", "calls", rule, n=CALLS_A_WEEK)]


def _first_open(situation: Situation) -> RecordRef | None:
    """The open deal with a known customer that comes first and is not agreed about already."""
    busy = _busy(situation)
    return next((r for r in situation.open if r in situation.names and r not in busy), None)


def _about_a_deal(situation: Situation, slot: str, template: str, kind: Verify) -> list[Suggestion]:
    ref = _first_open(situation)
    if ref is None:
        return []
    deals = (ref,) if kind is Verify.NEXT_STEP else ()
    rule = VerifyRule(kind=kind, target=1, deals=deals)
    where = f"{slot}:{ref.connection}:{ref.id}"
    facts = {"customer": situation.names[ref]}
    return [_suggestion(situation, where, template, rule, deal=ref, **facts)]


def _needs(situation: Situation) -> list[Suggestion]:
    """First meetings that lead on: what is asked in the next ones."""
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=MEETINGS_A_WEEK, activity="meeting")
    return [_suggestion(situation, "needs", "needs", rule, n=MEETINGS_A_WEEK)]


def _criteria(situation: Situation) -> list[Suggestion]:
    return _about_a_deal(situation, "criteria", "criteria", Verify.NEXT_STEP)


def _proposal(situation: Situation) -> list[Suggestion]:
    return _about_a_deal(situation, "proposal", "proposal", Verify.CLOSED_TASK)


def _wider(situation: Situation) -> list[Suggestion]:
    return _about_a_deal(situation, "wider", "wider", Verify.CLOSED_TASK)


def _answers(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(kind=Verify.CLOSED_TASK)
    return [_suggestion(situation, "answers", "answers", rule)]


def _maker(situation: Situation) -> Callable[[Situation], list[Suggestion]] | None:
    """By the factor where the theme supposes one, else by the theme."""
    driver = situation.topic.driver
    if driver:
        confirmed = _BY_DRIVER.get(situation.confirmed)
        return confirmed or _BY_DRIVER.get(driver)
    return _MAKERS.get(situation.topic.code)


_MAKERS: Mapping[str, Callable[[Situation], list[Suggestion]]] = {
    "T01": _meetings,
    "T03": _calls,
    "T04": _next_dates,
    "T05": _next_dates,
    "T13": _answers,
}
_BY_DRIVER: Mapping[str, Callable[[Situation], list[Suggestion]]] = {
    "meetings": _first_meetings,
    "meeting_opp": _needs,
    "opp_proposal": _criteria,
    "proposal_win": _proposal,
    "avg_deal_size": _wider,
}


def _suggestion(
    situation: Situation,
    slot: str,
    template: str,
    rule: VerifyRule,
    *,
    deal: RecordRef | None = None,
    **facts: Any,
) -> Suggestion:
    due = situation.calendar.add(situation.met_on, BUSINESS_DAYS_TO_DO)
    pattern = _templates()[situation.language][template]
    day = day_text(due, situation.language)
    return Suggestion(
        rep=situation.rep,
        week=situation.week,
        slot=slot,
        text=_fitting(pattern, MAX_TEXT[situation.language], day=day, **facts),
        due=due,
        verify=rule,
        connection=deal.connection if deal else situation.connection,
        kpi=situation.topic.kpi,
        deal=deal,
        cause=situation.topic.code,
    )


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
