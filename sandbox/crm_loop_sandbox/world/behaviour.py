"""What people do in a turn: day by day, each act at its own moment.

Every decision comes from the seed, the person, the day and the thing it is about; never from
the order of calls or from how a span of time is cut.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.kernel import BusinessClock, Face
from crm_loop_sandbox.world.daily import Daily
from crm_loop_sandbox.world.ledger import Ledger
from crm_loop_sandbox.world.our_tasks import OurTasks
from crm_loop_sandbox.world.story import Deed, Human, World
from crm_loop_sandbox.world.workdays import Workdays

#: A deed and the face it happens in.
Act = tuple[str, Deed]
#: Salesforce knows no outcome of a meeting; there people delete what did not take place.
_NOT_HELD = frozenset({"no_show", "canceled"})


class Behaviour:
    """The people of one world, going on from where its story ends."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone = ZoneInfo(world.time_zone)
        self.ledger = Ledger(world)
        self.daily = Daily(self.ledger)
        self.our_tasks = OurTasks(self.ledger)
        # A day is planned once, so that a turn may end in the middle of it.
        self._planned: dict[date, list[Act]] = {}

    def act_until(
        self, faces: Mapping[str, Face], clock: BusinessClock, until: datetime
    ) -> Counter[str]:
        """Do everything in (now, until]; counts what was done by kind."""
        since = clock.now()
        did: Counter[str] = Counter()
        first = since.astimezone(self.zone).date()
        for number in range((until.astimezone(self.zone).date() - first).days + 1):
            day = first + timedelta(days=number)
            acts = [*self._ordinary(day), *self._about_ours(faces, day, since)]
            for name, deed in sorted(acts, key=_order):
                if since < deed.at <= until and name in faces:
                    clock.move_to(deed.at)
                    did += self._do(faces[name], deed)
        return did

    def truth(self) -> dict[str, Any]:
        """What was really done of planned steps that records show."""
        return {"tried": self.our_tasks.proving.truth()} if self.world.links else {}

    def _do(self, face: Face, deed: Deed) -> Counter[str]:
        if face.act(deed) is None:
            self.ledger.forget(deed.ref)
            return Counter()
        self.ledger.note(deed)
        self.our_tasks.proving.did(deed)
        return Counter({f"{deed.object}.{deed.do}": 1})

    def _ordinary(self, day: date) -> list[Act]:
        if day not in self._planned:
            self._planned = {
                day: [act for human in self._at_work(day) for act in self._of(human, day)]
            }
        return self._planned[day]

    def _at_work(self, day: date) -> Iterator[Human]:
        for human in self.world.people:
            seller = human.active and human.role != "Manager"
            if seller and day in Workdays(human.country, human.leave):
                yield human

    def _of(self, human: Human, day: date) -> Iterator[Act]:
        for deed in self.daily.deeds(human, day):
            for name in sorted(human.faces):
                yield name, _as_done_in(name, deed)

    def _about_ours(self, faces: Mapping[str, Face], day: date, since: datetime) -> Iterator[Act]:
        for name in sorted(faces):
            for deed in self.our_tasks.of_day(name, faces[name].tasks_of_ours(), day, since):
                yield name, deed


def _as_done_in(name: str, deed: Deed) -> Deed:
    if name == "salesforce" and deed.fields.get("status") in _NOT_HELD:
        return replace(deed, do="delete", fields={})
    return deed


def _order(act: Act) -> tuple[datetime, str, str, str, str]:
    name, deed = act
    return deed.at, name, deed.actor_email, deed.key or deed.ref or "", deed.do
