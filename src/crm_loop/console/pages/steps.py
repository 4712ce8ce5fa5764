"""What was agreed: one's own steps, and for a manager those of the team."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from crm_loop.calendars import week_of
from crm_loop.console.leading import leads_to
from crm_loop.console.visit import Visit
from crm_loop.loop_records import Action, ActionStatus
from crm_loop.store import State
from crm_loop.store.actions import FINAL
from crm_loop.wording.names import called

#: Settled steps of so many weeks are still shown.
WEEKS = 6
DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action in words; `url` leads to its task in the CRM, `leads_to` says where it leads."""

    text: str
    action: Action
    state: str
    recorded: bool
    for_whom: str
    url: str | None
    leads_to: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's steps: those under way, and those that are over."""

    name: str
    whose: str
    running: Sequence[Step]
    over: Sequence[Step]


def show(visit: Visit) -> Response:
    """By person, one's own first; nobody is compared with anybody."""
    first = week_of(visit.today - timedelta(weeks=WEEKS))
    with visit.look() as state:
        people = [visit.sight.me, *visit.sight.reports]
        actions = state.actions.of_people(people, since=first)
        found = [_person(visit, state, person, actions) for person in people]
    return visit.page("steps.html", people=[one for one in found if one.running or one.over])


def _person(visit: Visit, state: State, person: str, actions: Sequence[Action]) -> Person:
    mine = [one for one in actions if one.who == person and _may_read(visit, one)]
    member = visit.members.get(person)
    steps = [_step(visit, state, one) for one in mine]
    return Person(
        name=called(member, visit.words.language) if member else "",
        whose=visit.name_of(person),
        running=sorted(
            (one for one in steps if one.action.status not in FINAL),
            key=lambda one: (one.action.due, one.text),
        ),
        over=sorted(
            (one for one in steps if one.action.status in FINAL),
            key=lambda one: (one.action.due, one.text),
            reverse=True,
        ),
    )


def _may_read(visit: Visit, action: Action) -> bool:
    """One's own, and as a manager those that were agreed with oneself."""
    return visit.sight.me in (action.who, action.manager)


def _step(visit: Visit, state: State, action: Action) -> Step:
    asked = visit.members.get(action.asked_by or "")
    done = action.status in DONE
    return Step(
        text=action.text,
        action=action,
        state="done" if done else _state(action),
        recorded=done and action.seen,
        for_whom=called(asked, visit.words.language) if asked else "",
        url=_url(state, action),
        leads_to=leads_to(visit, action),
    )


def _state(action: Action) -> str:
    if action.status in (ActionStatus.DROPPED, ActionStatus.WITHDRAWN):
        return action.status.value
    return "begun" if action.on_time + action.late else "open"


def _url(state: State, action: Action) -> str | None:
    write = state.writes.get(action.key) if action.crm_id is None else None
    crm_id = action.crm_id or (write.crm_id if write else None)
    if not crm_id:
        return None
    row = state.connections.get(action.connection)
    pattern = str(row.facts.get("task_url") or "") if row else ""
    return pattern.replace("{id}", crm_id) if "{id}" in pattern else None
