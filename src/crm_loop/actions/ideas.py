"""Which next steps belong to which theme or supposed cause; pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm_loop.actions.idea import Situation, idea
from crm_loop.loop_records import FOR_MANAGER, RecordRef, Suggestion, Verify, VerifyRule

#: Steps that fit into one week beside the normal work.
MEETINGS_A_WEEK = 2
CALLS_A_WEEK = 3
LEADS_A_WEEK = 2
LOST_A_WEEK = 2
#: So many people of a customer make a second contact.
PEOPLE = 2
#: So many dates are looked at in one step.
DATES_A_WEEK = 3
#: From this urgency on, what is sown now is reaped in the next period.
TOO_LATE = 0.25
#: Times of day to try when few calls get through, one week the one, one week the other.
SLOTS = ("slot_morning", "slot_evening")

Maker = Callable[[Situation], list[Suggestion]]


def maker_of(situation: Situation) -> Maker | None:
    """By the factor where the theme supposes one, by its figure, else by the theme."""
    topic = situation.topic
    if topic.driver:
        return _BY_DRIVER.get(situation.confirmed) or _BY_DRIVER.get(topic.driver)
    own = _BY_KPI.get(topic.kpi or "") if topic.code == "T01" else None
    return own or _MAKERS.get(topic.code)


def _deals(situation: Situation) -> list[RecordRef]:
    """Deals of the theme whose customers have a name."""
    deals = (ref for ref in situation.topic.records if ref.object == "deal")
    return [ref for ref in deals if ref in situation.names]


def _next_date(situation: Situation, ref: RecordRef) -> Suggestion:
    return _on(situation, ref, "next", "next_date", Verify.NEXT_STEP)


def _on(
    situation: Situation, ref: RecordRef, slot: str, template: str, kind: Verify, *also: Verify
) -> Suggestion:
    rule = VerifyRule(kind=kind, deals=(ref,), also=also)
    where = f"{slot}:{ref.connection}:{ref.id}"
    return idea(situation, where, template, rule, deal=ref, customer=situation.names[ref])


def _people(situation: Situation, ref: RecordRef) -> Suggestion:
    rule = VerifyRule(kind=Verify.CONTACTS, target=PEOPLE, deals=(ref,))
    where, customer = f"people:{ref.connection}:{ref.id}", situation.names[ref]
    return idea(situation, where, "people", rule, deal=ref, customer=customer, n=PEOPLE)


def _tidy(situation: Situation) -> list[Suggestion]:
    """The next date of each deal; where it is the dates that have passed, those of several."""
    if situation.topic.kpi == "overdue_close_rate":
        return _dates(situation, _deals(situation))
    dates = [_next_date(situation, ref) for ref in _deals(situation)]
    return [*dates, *_dates(situation, situation.open)]


def _dates(situation: Situation, deals: Sequence[RecordRef]) -> list[Suggestion]:
    """Deals whose close date has passed, in one step."""
    passed = [one for one in deals if "overdue" in situation.flags.get(one, ())]
    some = [one for one in passed if one not in situation.busy][:DATES_A_WEEK]
    if not some:
        return []
    rule = VerifyRule(kind=Verify.CLOSE_DATE, target=len(some), deals=tuple(some))
    return [idea(situation, "dates", "dates", rule, n=len(some))]


def _at_risk(situation: Situation) -> list[Suggestion]:
    """What speaks against a deal says which step it wants; first of all a next date."""
    return [one for ref in _deals(situation) for one in _for_deal(situation, ref)]


def _for_deal(situation: Situation, ref: RecordRef) -> list[Suggestion]:
    flags = situation.flags.get(ref, frozenset({"no_next_step"}))
    made = [make(situation, ref) for flag, make in _BY_FLAG.items() if flag in flags]
    return list({one.slot: one for one in made or [_next_date(situation, ref)]}.values())


def _plan(situation: Situation, ref: RecordRef) -> Suggestion:
    return _on(situation, ref, "plan", "plan", Verify.CLOSE_DATE, Verify.LOST)


def _date(situation: Situation, ref: RecordRef) -> Suggestion:
    return _on(situation, ref, "date", "date", Verify.CLOSE_DATE)


#: The step that each flag of a deal wants, what matters most first.
_BY_FLAG: Mapping[str, Callable[[Situation, RecordRef], Suggestion]] = {
    "no_next_step": _next_date,
    "pushed": _plan,
    "single_threaded": _people,
    "overdue": _date,
    "stale": _next_date,
}


def _meetings(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=MEETINGS_A_WEEK, activity="meeting")
    return [idea(situation, "meetings", "meetings", rule, n=MEETINGS_A_WEEK)]


def _first_meetings(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(
        kind=Verify.ACTIVITIES, target=MEETINGS_A_WEEK, activity="meeting", new_account=True
    )
    return [idea(situation, "first_meetings", "first", rule, n=MEETINGS_A_WEEK)]


def _call(situation: Situation, template: str, number: int, **facts: Any) -> Suggestion:
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=number, activity="call")
    return idea(situation, template, template, rule, n=number, **facts)


def _calls(situation: Situation) -> list[Suggestion]:
    return [_call(situation, "calls", CALLS_A_WEEK)]


def _other_time(situation: Situation) -> list[Suggestion]:
    """Few calls get through: another time of day, to see what it does."""
    week = int(situation.week[-2:])
    return [_call(situation, "slot", CALLS_A_WEEK, hour=SLOTS[week % len(SLOTS)])]


def _sow(situation: Situation) -> list[Suggestion]:
    """Quiet customers first; late in a period rather new ones, for the next."""
    both = [*_calls(situation), _call(situation, "ahead", CALLS_A_WEEK)]
    late = situation.topic.components.get("urgency", 0.0) >= TOO_LATE
    return both[::-1] if late else both


def _first_open(situation: Situation, flag: str = "") -> RecordRef | None:
    """The open deal with a known customer that comes first and is not agreed about already."""
    known = (r for r in situation.open if r in situation.names and r not in situation.busy)
    return next((r for r in known if not flag or flag in situation.flags.get(r, ())), None)


def _about_a_deal(situation: Situation, slot: str, kind: Verify, *also: Verify) -> list[Suggestion]:
    ref = _first_open(situation)
    return [] if ref is None else [_on(situation, ref, slot, slot, kind, *also)]


def _second_contact(situation: Situation) -> list[Suggestion]:
    ref = _first_open(situation, "single_threaded")
    return [] if ref is None else [_people(situation, ref)]


def _touch(situation: Situation) -> list[Suggestion]:
    """Open deals that nobody has been in touch about: their next dates."""
    quiet = [r for r in situation.open if "stale" in situation.flags.get(r, ())]
    named = [r for r in quiet if r in situation.names and r not in situation.busy]
    return [_next_date(situation, ref) for ref in named] or _calls(situation)


def _needs(situation: Situation) -> list[Suggestion]:
    """First meetings that lead on: what is asked in the next ones."""
    rule = VerifyRule(kind=Verify.ACTIVITIES, target=MEETINGS_A_WEEK, activity="meeting")
    return [idea(situation, "needs", "needs", rule, n=MEETINGS_A_WEEK)]


def _criteria(situation: Situation) -> list[Suggestion]:
    return _about_a_deal(situation, "criteria", Verify.NEXT_STEP, Verify.PROPOSAL)


def _proposal(situation: Situation) -> list[Suggestion]:
    """The next proposal together, and what customers say who decided for another."""
    together = _by_tick_on_a_deal(situation, "proposal")
    return [*together, _call(situation, "lost", LOST_A_WEEK)]


def _by_tick_on_a_deal(situation: Situation, slot: str) -> list[Suggestion]:
    """Nothing in the CRM tells of a talk between two of us; the deal is only named."""
    ref = _first_open(situation)
    if ref is None:
        return []
    rule = VerifyRule(kind=Verify.CLOSED_TASK)
    where = f"{slot}:{ref.connection}:{ref.id}"
    return [idea(situation, where, slot, rule, deal=ref, customer=situation.names[ref])]


def _wider(situation: Situation) -> list[Suggestion]:
    return _about_a_deal(situation, "wider", Verify.PROPOSAL)


def _answers(situation: Situation) -> list[Suggestion]:
    rule = VerifyRule(kind=Verify.LEADS, target=LEADS_A_WEEK)
    return [idea(situation, "answers", "answers", rule, n=LEADS_A_WEEK)]


def _share(situation: Situation) -> list[Suggestion]:
    return [idea(situation, "share", "share", VerifyRule(kind=Verify.CLOSED_TASK))]


def _ask_above(situation: Situation) -> list[Suggestion]:
    """A target that looks out of reach is the manager's to take up, and nothing for the rep."""
    numbers = situation.topic.numbers
    if not numbers.get("proposed", 0.0) < numbers.get("target", 0.0):
        return []
    rule = VerifyRule(kind=Verify.CLOSED_TASK)
    return [idea(situation, f"{FOR_MANAGER}target", "target", rule)]


_MAKERS: Mapping[str, Maker] = {
    "T01": _meetings,
    "T03": _sow,
    "T04": _at_risk,
    "T05": _tidy,
    "T06": _ask_above,
    "T12": _share,
    "T13": _answers,
}
_BY_KPI: Mapping[str, Maker] = {
    "new_meetings": _first_meetings,
    "calls": _calls,
    "connects": _other_time,
    "connect_rate": _other_time,
    "emails_sent": _calls,
    "proposals": _criteria,
    "open_touch_rate": _touch,
    "single_threaded_rate": _second_contact,
}
_BY_DRIVER: Mapping[str, Maker] = {
    "meetings": _first_meetings,
    "meeting_opp": _needs,
    "opp_proposal": _criteria,
    "proposal_win": _proposal,
    "avg_deal_size": _wider,
}
