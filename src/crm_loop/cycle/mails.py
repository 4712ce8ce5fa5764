"""The step that sends lists by mail, where that is wanted: to managers, and to reps."""

from datetime import datetime, timedelta
from typing import Any

from crm_loop.calendars import local_date, week_of
from crm_loop.cycle.alerting import alerts_due
from crm_loop.cycle.turn import Turn
from crm_loop.digest.own_list import OwnWeek, own_list_of
from crm_loop.digest.service import send_lists
from crm_loop.loop_records import Action, AgendaState, Member, Overview
from crm_loop.store import State
from crm_loop.write_back.intents import next_quiet_end


def letters(turn: Turn) -> dict[str, Any]:
    """Send the lists by mail, where a mail server is configured."""
    own = turn.own()

    def at_work(member: Member, now: datetime) -> bool:
        return next_quiet_end(now, member, own.calendar(member.country)) <= now

    if turn.post is None:
        return {"letters": 0}
    with turn.begin(turn.organisation) as state:
        alerts = alerts_due(state, now=turn.now, week=turn.week())
        mine = own_lists(state, turn.organisation, now=turn.now) if turn.letters_to_reps else []
    weeks = (turn.week(), week_of(local_date(turn.now, own.time_zone) + timedelta(days=7)))
    sent = [
        send_lists(
            turn.begin,
            turn.organisation,
            week=week,
            now=turn.now,
            send=turn.post.send,
            at_work=at_work,
            also=alerts if week == turn.week() else (),
            own=[one for one in mine if one.week == week],
        )
        for week in weeks
    ]
    return {"letters": sum(sent)}


def own_lists(state: State, organisation: str, *, now: datetime) -> list[Overview]:
    """Reps' own lists of 1on1s ahead whose memos stand in the CRM."""
    members = {member.person: member for member in state.people.members()}
    steps: dict[str, list[Action]] = {}
    for action in state.actions.unsettled():
        steps.setdefault(action.who, []).append(action)
    return [
        own_list_of(
            OwnWeek(
                organisation=organisation,
                session=one,
                rep=members[one.rep],
                manager=members[one.manager],
                steps=steps.get(one.rep, ()),
            )
        )
        for one in state.agendas.sessions(week_of(now.date()))
        if one.state is AgendaState.READY and one.shared_at is not None and now < one.starts_at
        if one.rep in members and one.manager in members
    ]
