"""A message of a CRM becomes one early pull."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import tables

from crm_loop.cli.early import EarlyPull
from crm_loop.store import State
from crm_loop.store.engine import open_engine
from crm_loop.store.tables.work import job

NOW = datetime(2026, 6, 15, 3, 0, 20, tzinfo=UTC)


class House:
    """As much of the house as a bell needs."""

    def __init__(self, path: Path) -> None:
        self.engine = open_engine(f"sqlite:///{tables.on_file(path)}")

    def now(self) -> datetime:
        return NOW

    def begin(self, organisation: str) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def opened() -> Any:
            with self.engine.begin() as connection:
                yield State(connection, organisation)

        return opened()


def test_messages_of_one_minute_ask_for_one_pull_at_its_end(tmp_path: Path) -> None:
    house: Any = House(tmp_path / "crm_loop.db")
    bell = EarlyPull(house, "acme", "hubspot", "33", "secret", clock=lambda: NOW)
    assert [bell.ring(), bell.ring(), bell.ring()] == [True, False, False]
    with house.engine.connect() as connection:
        row = SimpleNamespace(**connection.execute(job.select()).mappings().one())
    house.engine.dispose()
    assert (row.kind, row.connection) == ("pull", "hubspot")
    assert row.due.replace(tzinfo=UTC) == datetime(2026, 6, 15, 3, 1, tzinfo=UTC)
