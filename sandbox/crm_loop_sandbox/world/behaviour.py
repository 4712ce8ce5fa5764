"""What people do in a turn: day by day, each act at its own moment.

Every decision comes from the seed, the person, the day and the thing it is about; never from
the order of calls or from how a span of time is cut.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from crm_loop_sandbox.kernel import BusinessClock, Face
from crm_loop_sandbox.world.daily import Daily
from crm_loop_sandbox.world.our_tasks import OurTasks
from crm_loop_sandbox.world.story import Deed, Human, World

#: A deed and the face it happens in.
Act = tuple[str, Deed]


class Behaviour:
    """The people of one world, going on from where its story ends."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone = ZoneInfo(world.time_zone)
        self.daily = Daily(world)
        self.our_tasks = OurTasks(world, self.daily.ledger)
        self._holidays: dict[str, holidays.HolidayBase] = {}

    def act_until(
        self, faces: Mapping[str, Face], clock: BusinessClock, until: datetime
    ) -> Counter[str]:
        """Do everything in (now, until]; counts what was done by kind."""
        since = clock.now()
        did: Counter[str] = Counter()
        day = since.astimezone(self.zone).date()
        while day <= until.astimezone(self.zone).date():
            for name, deed in self._of_day(faces, day):
                if since < deed.at <= until:
                    clock.move_to(deed.at)
                    if faces[name].act(deed) is not None:
                        did[f"{deed.object}.{deed.do}"] += 1
                        self.daily.ledger.note(name, deed)
            day += timedelta(days=1)
        return did

    def _of_day(self, faces: Mapping[str, Face], day: date) -> list[Act]:
        acts: list[Act] = []
        for human in self.world.people:
            if human.active and self._works(human, day):
                acts += self._of_human(human, day)
        for name in sorted(faces):
            ours = self.our_tasks.of_day(name, faces[name].tasks_of_ours(), day)
            acts += [(name, deed) for deed in ours]
        return sorted(acts, key=_moment)

    def _of_human(self, human: Human, day: date) -> Iterator[Act]:
        if human.role == "Manager":
            return
        for name in sorted(human.faces):
            dice = random.Random(f"{self.world.seed}|{human.ref}|{day}|{name}")  # noqa: S311 - a story
            for deed in self.daily.deeds(human, name, day, dice):
                yield name, deed

    def _works(self, human: Human, day: date) -> bool:
        if day.weekday() > 4 or any(first <= day <= last for first, last in human.leave):  # noqa: PLR2004
            return False
        if human.country not in self._holidays:
            self._holidays[human.country] = holidays.country_holidays(human.country)
        return day not in self._holidays[human.country]


def _moment(act: Act) -> tuple[datetime, str, str, str]:
    name, deed = act
    return deed.at, name, deed.actor_email, deed.key or deed.ref or ""


def at_local(day: date, zone: ZoneInfo, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), zone)
