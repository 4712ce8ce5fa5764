"""One week of the loop, hour by hour, as people and workers live it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from crm_loop.calendars import monday_of, week_of
from crm_loop.one_on_one.gather import planned_meetings
from crm_loop_workers.demo.conductor import Stage
from crm_loop_workers.demo.setting_up import ORGANISATION

#: Told before each part of a week: its code.
Told = Callable[[str], None]

PARTS = ("check", "publish", "people", "listen", "rest")


def turn(stage: Stage, week: str, told: Told = lambda _part: None) -> None:
    """Monday's figures, Monday's memos, Tuesday's 1on1s, what was agreed, and the rest."""
    monday = monday_of(week)
    tuesday = monday + timedelta(days=1)
    told("check")
    stand_at(stage, stage.at(monday, 6))
    told("publish")
    stand_at(stage, stage.at(monday, 9))
    told("people")
    live_until(stage, stage.at(tuesday, 17, 30))
    told("listen")
    stage.work_at(stage.at(tuesday, 17, 30))
    told("rest")
    following = monday + timedelta(days=7)
    for morning in early_mornings(stage, week_of(following)):
        live_until(stage, morning.replace(hour=6))
        stage.work_at(morning.replace(hour=6))
        stand_at(stage, morning)
    live_until(stage, stage.at(following, 6))


def early_mornings(stage: Stage, week: str) -> list[datetime]:
    """When memos of a week go out before it begins, since its Monday is a holiday."""
    with stage.app.begin(ORGANISATION) as state:
        planned = planned_meetings(state, week)
    begins = stage.at(monday_of(week), 0)
    found = {one.publish_at.astimezone(stage.time_zone) for one in planned}
    return sorted(moment for moment in found if moment < begins)


def finish(stage: Stage, week: str) -> None:
    """The Monday after the last week: what became of its actions."""
    stage.work_at(stage.at(monday_of(week) + timedelta(days=7), 6))


def stand_at(stage: Stage, now: datetime) -> None:
    """Move both clocks with nobody acting, and let the workers work."""
    stage.sandbox.move_clock(now)
    stage.work_at(now)


def live_until(stage: Stage, now: datetime) -> None:
    """Let the people of the sandbox act until then; our workers sleep meanwhile."""
    stage.sandbox.turn_until(now)
