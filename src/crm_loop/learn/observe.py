"""From verified actions and weekly figures to what can be learned from each; pure.

People are compared as multiples of their own level before: steps are agreed where somebody is
low against the own past, and whoever usually has many recovers to many, not to the others' mean.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from crm_loop.calendars import local_date, week_of
from crm_loop.learn.effect import WEEKS, Effect, Peers, Windows, effect_of, peers_of, rho_of
from crm_loop.learn.weekly import Figure, Weekly
from crm_loop.loop_records import Action, ActionStatus, Observation, Use, step_of

DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
NOT_DONE = (ActionStatus.MISSED, ActionStatus.PARTIAL)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The Mondays of the windows before an action and after it, and of the week after both."""

    before: date
    after: date

    @property
    def end(self) -> date:
        return self.after + WEEKS * _WEEK

    def touched_by(self, action: Action) -> bool:
        """Whether another action was agreed or due between the first week and the last."""
        return action.due >= self.before and action.created_at.date() < self.end


@dataclass(frozen=True)
class Field:
    """One KPI: its figure, everybody's weeks, all actions on it, and who is of which role."""

    figure: Figure
    weekly: Weekly
    actions: Sequence[Action]
    roles: Mapping[str, str]
    time_zone: str

    def span(self, action: Action) -> Span:
        """Four whole weeks before it was agreed; four after it was due and could show."""
        due = action.due + self.figure.lag_weeks * _WEEK
        agreed = local_date(action.created_at, self.time_zone)
        return Span(before=_monday(agreed) - WEEKS * _WEEK, after=_monday(due) + _WEEK)


def observe(field: Field, known: frozenset[str]) -> list[Observation]:
    """What new verified actions show; `known` were looked at before.

    An action that only its owner ticked shows nothing, and of actions whose windows after them
    overlap only the first does: the others would count the same weeks again.
    """
    return observations(field, DONE, known)


def observations(
    field: Field, ends: Sequence[ActionStatus], known: frozenset[str] = frozenset()
) -> list[Observation]:
    """The same of actions that ended in one of these ways; what was not done needs no record."""
    peers: dict[tuple[str, Span], Peers | None] = {}
    rho = {role: _rho(field, role) for role in sorted(set(field.roles.values()))}
    found = []
    for action, span in _first_ones(field, ends):
        if action.id in known or span.end > field.weekly.end:
            continue
        role = field.roles[action.who]
        if (role, span) not in peers:
            peers[role, span] = _peers(field, role, span, rho[role])
        one = _observation(field, action, span, peers[role, span])
        found += [one] if one else []
    return found


def _first_ones(field: Field, ends: Sequence[ActionStatus]) -> Iterator[tuple[Action, Span]]:
    """Actions that ended so of which the windows after them do not overlap, by person."""
    until: dict[str, date] = {}
    for action in sorted(field.actions, key=lambda one: (one.created_at, one.id)):
        verified = action.status in ends and (action.seen or action.status not in DONE)
        span = field.span(action)
        free = span.after >= until.get(action.who, date.min)
        if verified and free and action.who in field.roles:
            until[action.who] = span.end
            yield action, span


def _rho(field: Field, role: str) -> float:
    people = [person for person, own in field.roles.items() if own == role]
    return rho_of(field.weekly.pairs(people))


def _peers(field: Field, role: str, span: Span, rho: float) -> Peers | None:
    """Colleagues of the same role with whole windows and no action on this KPI in them."""
    windows = field.weekly.pair(span.before, span.after)
    if windows is None:
        return None
    busy = {action.who for action in field.actions if span.touched_by(action)}
    free = [
        n
        for n, person in enumerate(field.weekly.people)
        if field.roles.get(person) == role and person not in busy
    ]
    known = windows[free]
    pairs = known[~np.isnan(known).any(axis=1)]
    return peers_of([(float(a), float(b)) for a, b in pairs], rho)


def _observation(
    field: Field, action: Action, span: Span, peers: Peers | None
) -> Observation | None:
    place = field.weekly.place.get(action.who)
    windows = field.weekly.pair(span.before, span.after)
    if place is None or windows is None or np.isnan(windows[place]).any():
        return None
    pre, post = (float(one) for one in windows[place])
    level = float(field.weekly.levels(span.before)[place])
    found = effect_of(
        Windows(pre=pre, post=post, peers=peers, count=field.figure.count, unit=level)
    )
    sign = 1 if field.figure.higher_is_better else -1
    return Observation(
        action=action.id,
        person=action.who,
        step=step_of(action.verify),
        kpi=field.figure.kpi,
        week=week_of(span.end - _WEEK),
        pre=pre * level,
        post=post * level,
        before_after=found.before_after * level,
        use=_use(field, action, span, found),
        peers=found.peers,
        expected=_times(found.counterfactual, level),
        effect=_times(found.effect, level),
        error=_times(found.se, level),
        relative=None if found.relative_effect is None else sign * found.relative_effect,
        relative_error=found.relative_se,
    )


def _use(field: Field, action: Action, span: Span, found: Effect) -> Use:
    others = (
        one
        for one in field.actions
        if one.who == action.who and step_of(one.verify) != step_of(action.verify)
    )
    if any(one.status in DONE and span.touched_by(one) for one in others):
        return Use.MIXED
    if found.teaches:
        return Use.LEARNED
    return Use.FEW_PEERS if found.relative_effect is not None or not found.peers else Use.NO_BASE


def _times(value: float | None, level: float) -> float | None:
    return None if value is None else value * level


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
