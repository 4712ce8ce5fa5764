"""The budget follows the limit that the CRM tells, and all processes share it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.store.engine import open_engine
from crm_loop.store.tables import metadata

TOLD = {"window-calls": "190", "window-milliseconds": "10000"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'crm_loop.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def pace(engine: Engine, kind: str = "read", **settings: Any) -> float:
    gate = DatabaseGate(engine, "acme", "hubspot", Counter(), settings)
    paces = gate._paces(kind)  # noqa: SLF001 - the figure itself, without waiting for it
    return paces.get(kind, paces["*"])


def told(engine: Engine) -> None:
    DatabaseGate(engine, "acme", "hubspot", Counter(), {}).observe(TOLD)


def test_sixty_per_cent_of_the_measured_limit_are_ours(engine: Engine) -> None:
    told(engine)
    assert 0.9 * 11.4 <= pace(engine) <= 11.4


def test_the_share_can_be_set(engine: Engine) -> None:
    told(engine)
    assert 0.9 * 19 <= pace(engine, share=1.0) <= 19


def test_a_pace_that_was_set_by_hand_wins(engine: Engine) -> None:
    told(engine)
    assert pace(engine, calls_per_second=3) == 3


def test_before_the_crm_has_told_its_limit_the_pace_is_low(engine: Engine) -> None:
    assert pace(engine) == pytest.approx(10)


def test_searches_have_a_pace_of_their_own(engine: Engine) -> None:
    told(engine)
    assert pace(engine, "search") == 2


def test_what_was_told_is_looked_up_outside_of_every_transaction(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within one, a second look at the database would wait for the first for ever."""
    monkeypatch.setattr("crm_loop.budget.measured.REMEMBERED", 0.0)
    gate = DatabaseGate(engine, "acme", "hubspot", Counter(), {"share": 1.0})
    gate.acquire("read")
    gate.observe({**TOLD, "limit-used": "1", "limit-max": "100"})
    gate.acquire("read")
    gate.acquire("search")
