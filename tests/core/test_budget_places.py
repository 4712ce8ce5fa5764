"""Calls on their way at once: a few of one account, whichever process makes them."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine

from crm_loop.budget import places
from crm_loop.budget.places import Places
from crm_loop.errors import Transient
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.tables.work import api_place
from crm_loop.store.upsert import upsert

NOW = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in these tests."""
    monkeypatch.setattr(places, "PATIENCE", 0.0)


def held(engine: Engine, *, now: datetime = NOW, long: bool = False, **settings: Any) -> Any:
    """A place as another process would take it."""
    return Places(engine, "acme", "salesforce", settings).held(
        long=long, clock=lambda: now, sleep=lambda _: None
    )


@pytest.mark.usefixtures("impatient")
def test_the_sixth_call_waits_until_one_is_over(engine: Engine) -> None:
    with ExitStack() as calls:
        for _ in range(4):
            calls.enter_context(held(engine))
        with held(engine), pytest.raises(Transient, match="on their way"), held(engine):
            pass
        with held(engine):
            pass


@pytest.mark.usefixtures("impatient")
def test_two_of_them_may_take_long(engine: Engine) -> None:
    with held(engine, long=True), held(engine, long=True):
        with pytest.raises(Transient), held(engine, long=True):
            pass
        with held(engine):
            pass


def test_whoever_waits_goes_when_a_place_is_free(engine: Engine) -> None:
    first = held(engine, calls_at_once=1)
    first.__enter__()
    waits = count()

    def sleep(_seconds: float) -> None:
        if next(waits) == 1:
            first.__exit__(None, None, None)

    waiting = Places(engine, "acme", "salesforce", {"calls_at_once": 1})
    with waiting.held(long=False, clock=lambda: NOW, sleep=sleep):
        assert next(waits) == 2


@pytest.mark.usefixtures("impatient")
def test_the_place_of_somebody_who_died_becomes_free(engine: Engine) -> None:
    lasts = places.LASTS[places.EVERY]
    taken(engine, "elsewhere:1:0a", until=NOW + lasts)
    with pytest.raises(Transient), held(engine, calls_at_once=1):
        pass
    with held(engine, calls_at_once=1, now=NOW + lasts):
        pass


@pytest.mark.usefixtures("impatient")
def test_a_call_that_may_take_long_keeps_its_place_for_longer(engine: Engine) -> None:
    later = NOW + places.LASTS[places.EVERY] + timedelta(seconds=1)
    with (
        held(engine, long=True, calls_at_once=1),
        pytest.raises(Transient),
        held(engine, calls_at_once=1, now=later),
    ):
        pass
    with held(engine, calls_at_once=1), held(engine, calls_at_once=1, now=later):
        pass


@pytest.mark.usefixtures("impatient")
def test_the_place_of_a_dead_process_of_this_machine_is_free_at_once(engine: Engine) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host = socket.gethostname()[:24]
    taken(engine, f"{host}:{child.pid}:0a", until=NOW + timedelta(seconds=20))
    with held(engine, calls_at_once=1):
        pass


def taken(engine: Engine, holder: str, *, until: datetime) -> None:
    """Somebody else has the first place."""
    row = {"organisation": "acme", "connection": "salesforce", "kind": places.EVERY, "number": 0}
    with engine.begin() as connection:
        upsert(connection, api_place, [row | {"holder": holder, "until": until}])


def test_a_failed_call_gives_its_place_back(engine: Engine) -> None:
    with pytest.raises(ValueError, match="broken"), held(engine, calls_at_once=1):
        raise ValueError("broken")
    with held(engine, calls_at_once=1):
        pass
