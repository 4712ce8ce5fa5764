"""A step whose to-do somebody has worded anew in the CRM; pure.

The words are taken as typed. What is looked for in the CRM's records changes only where the new
words name something else than the old ones.
"""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime

from crm_loop.actions.concrete import due_of
from crm_loop.actions.effect_path import carried
from crm_loop.actions.measured import Customers, Measured, measured, near
from crm_loop.calendars import BusinessCalendar
from crm_loop.connector.marked import without_mark
from crm_loop.loop_records import Action, ActionStatus, Verify, same_subject
from crm_loop.store.actions import FINAL

#: So many earlier wordings are remembered, so that a memo that quotes one is still understood.
WORDINGS = 8
#: As long as a CRM's subject can be.
LONGEST = 255
_OVER = (ActionStatus.DROPPED, ActionStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What a new wording is read with: the owner's customers, today where that one is."""

    customers: Customers
    today: date
    calendar: BusinessCalendar


def is_reworded(action: Action, subject: str) -> bool:
    """Whether the to-do's subject says something else than the step does."""
    said = without_mark(subject)
    return bool(said) and action.status not in _OVER and not same_subject(action.text, said)


def reworded(action: Action, subject: str, eyes: Eyes) -> Action:
    """The step in the words that its to-do has now; what is done stays done."""
    if not is_reworded(action, subject):
        return action
    text = without_mark(subject)[:LONGEST]
    former = [one for one in (*action.former.split("\n"), action.text) if one and one != text]
    after = replace(action, text=text, former="\n".join(former[-WORDINGS:]))
    if action.status in FINAL:
        return after
    return _dated(action, _measured_anew(action, after, eyes), eyes)


def _measured_anew(before: Action, after: Action, eyes: Eyes) -> Action:
    old = measured(before.text, eyes.customers, before.deal)
    new = measured(after.text, eyes.customers, before.deal)
    if _names_the_same(old, new):
        return after
    rule = new.rule
    if rule.kind is Verify.ACTIVITIES and rule.activity == before.verify.activity:
        # Another number of first meetings are first meetings still.
        rule = replace(rule, new_account=before.verify.new_account or rule.new_account)
    if rule == before.verify:
        return replace(after, deal=new.deal)
    return replace(
        after,
        verify=rule,
        path=carried(before.path, before.verify, rule),
        deal=new.deal,
        kpi=new.kpi or (before.kpi if rule.kind is before.verify.kind else None),
        status=ActionStatus.OPEN,
        seen=False,
        on_time=0,
        late=0,
        evidence=(),
        first_target=None,
    )


def _names_the_same(old: Measured, new: Measured) -> bool:
    """Numbers count only beside something that is counted."""
    counted = any(one.activity or one.kind is Verify.LEADS for one in (old, new))
    same_number = old.quantity == new.quantity or not counted
    return same_number and _named(old) == _named(new)


def _named(one: Measured) -> tuple[object, ...]:
    return one.activity, one.first, one.kind, one.people, one.deals


def _dated(before: Action, after: Action, eyes: Eyes) -> Action:
    """Another day, where the words name one that they did not name before."""
    old, new = (_day(one.text, eyes) for one in (before, after))
    if new is None or new == old or not near(new, eyes.today):
        return after
    return replace(after, due=new, status=ActionStatus.OPEN)


def _day(text: str, eyes: Eyes) -> date | None:
    plain = unicodedata.normalize("NFKC", text).lower()
    return due_of(plain, eyes.today, eyes.calendar)


def edited_on(modified_at: datetime | None, seen_at: datetime) -> datetime:
    """When a to-do got its words, as far as its CRM tells."""
    return modified_at or seen_at
