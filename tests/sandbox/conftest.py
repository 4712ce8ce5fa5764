"""Made-up worlds, and a face that remembers what people did in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crm_loop_sandbox.kernel import BusinessClock
from crm_loop_sandbox.world.behaviour import Behaviour
from crm_loop_sandbox.world.generate import generate
from crm_loop_sandbox.world.story import Deed, OurTask, World


class RecordingFace:
    """Holds tasks of ours and remembers every deed; all that is named exists."""

    def __init__(self, name: str, world: World, tasks: Iterable[OurTask] = ()) -> None:
        self.name = name
        self.deeds: list[Deed] = []
        self.tasks = {task.key: task for task in tasks}
        self._emails = {human.ref: human.email for human in world.people}

    def act(self, deed: Deed) -> str | None:
        self.deeds.append(deed)
        if deed.key is not None:
            self._change(deed)
        return deed.key or deed.ref

    def _change(self, deed: Deed) -> None:
        task = self.tasks.pop(str(deed.key))
        changes: Mapping[str, Any] = {
            "edit": {"body": deed.fields.get("body", task.body)},
            "close": {"is_closed": True},
            "reassign": {"owner_email": self._emails.get(deed.fields.get("owner", ""))},
        }.get(deed.do, {})
        if deed.do != "delete":
            self.tasks[task.key] = replace(task, **changes)

    def tasks_of_ours(self) -> list[OurTask]:
        return [self.tasks[key] for key in sorted(self.tasks)]

    def routes(self) -> list[BaseRoute]:
        return []

    def load(self, world: World) -> None:
        del world

    def state(self) -> list[dict[str, Any]]:
        return []

    def access(self, email: str | None, base_url: str) -> dict[str, Any]:
        return {"email": email, "base_url": base_url}

    def answer(self, fault: str, request: Request) -> Response:
        raise AssertionError(f"{fault} on {request.url}")


class Life:
    """People of a world on two recording faces, from its start on."""

    def __init__(self, world: World, tasks: Iterable[OurTask] = ()) -> None:
        tasks = list(tasks)
        self.world = world
        self.clock = BusinessClock(world.start)
        self.behaviour = Behaviour(world)
        self.faces = {
            name: RecordingFace(name, world, [task for task in tasks if self._in(task, name)])
            for name in ("hubspot", "salesforce")
        }

    def _in(self, task: OurTask, face: str) -> bool:
        owners = [human for human in self.world.people if human.email == task.owner_email]
        return any(face in human.faces for human in owners)

    def go_on(self, **span: float) -> "Life":
        until = self.clock.now() + timedelta(**span)
        self.behaviour.act_until(self.faces, self.clock, until)
        self.clock.move_to(until)
        return self

    @property
    def deeds(self) -> list[Deed]:
        return [deed for name in sorted(self.faces) for deed in self.faces[name].deeds]


@cache
def _world(**wanted: Any) -> World:
    usual = {"seed": 7, "reps": 14, "weeks": 26, "scale": 1, "locale": "ja_JP", "faces": "split"}
    return generate(**{**usual, "start": None, **wanted})


@pytest.fixture(scope="session")
def made_up() -> Callable[..., World]:
    """A made-up world; keywords replace what it is usually made from."""
    return _world


@pytest.fixture(scope="session")
def living() -> Callable[..., Life]:
    """The people of a world, with tasks of ours in their lists."""
    return Life


@pytest.fixture
def task_for() -> Callable[..., OurTask]:
    """A task of ours in somebody's list."""

    def make(email: str, number: int = 0, **given: Any) -> OurTask:
        usual = {"id": str(number), "subject": "電話する", "body": "", "due": date(2026, 6, 12),
                 "is_closed": False, "deal_ref": None}  # fmt: skip
        return OurTask(key=f"cl1t{number:040x}", owner_email=email, **{**usual, **given})

    return make


@pytest.fixture(scope="session")
def local() -> Callable[[datetime, World], datetime]:
    """A moment on the clocks of a world's offices."""
    from zoneinfo import ZoneInfo

    return lambda at, world: at.astimezone(ZoneInfo(world.time_zone))
