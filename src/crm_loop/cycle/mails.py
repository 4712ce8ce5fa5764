"""The step that sends the managers' lists by mail, where that is wanted."""

from datetime import datetime, timedelta
from typing import Any

from crm_loop.calendars import local_date, week_of
from crm_loop.cycle.alerting import alerts_due
from crm_loop.cycle.turn import Turn
from crm_loop.digest.service import send_lists
from crm_loop.loop_records import Member
from crm_loop.write_back.intents import next_quiet_end


def letters(turn: Turn) -> dict[str, Any]:
    """Send the managers' lists by mail, where a mail server is configured."""
    own = turn.own()

    def at_work(member: Member, now: datetime) -> bool:
        return next_quiet_end(now, member, own.calendar(member.country)) <= now

    if turn.post is None:
        return {"letters": 0}
    with turn.begin(turn.organisation) as state:
        alerts = alerts_due(state, now=turn.now, week=turn.week())
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
        )
        for week in weeks
    ]
    return {"letters": sum(sent)}
