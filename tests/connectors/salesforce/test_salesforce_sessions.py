"""A connector is made for each job; what it opened is closed when the job lets it go."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_loop.connector.contract import Change, Connector, Op, Sought, TaskFields
from crm_loop.connector.desk import desk
from crm_loop.records import Subject

KEY = "cl1t" + "5" * 40


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What is held in a circle stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def sockets() -> int:
    found = Path(f"/proc/{os.getpid()}/fd").iterdir()
    return sum(one.is_socket() for one in found)


@pytest.mark.usefixtures("no_collector")
def test_connections_are_closed_without_waiting_for_the_collector(
    screens: Any, signed_in: Callable[[Any], Connector]
) -> None:
    owner = desk(signed_in(screens)).owner_id
    gc.collect()
    before = sockets()
    for _ in range(3):
        connector = signed_in(screens)
        connector.look_up([Sought(key=KEY)])
        fields = TaskFields(owner_id=owner, subject="s", body="b", due=date(2026, 6, 16))
        connector.apply([Change(key=KEY, op=Op.CREATE, fields=fields)])
        for _batch in connector.pull(Subject.PEOPLE, None):
            assert sockets() > before
        del connector
    assert sockets() == before
