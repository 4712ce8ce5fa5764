"""A store in memory, and small builders for it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import tables
from sqlalchemy import Engine, insert

from crm_loop.store import State
from crm_loop.store.tables import work

ORGANISATION = "acme"


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = tables.in_memory()
    with engine.begin() as connection:
        connection.execute(
            insert(work.organisation_).values(
                organisation=ORGANISATION,
                time_zone="Asia/Tokyo",
                language="ja",
                currency="JPY",
                country="JP",
                fiscal_start=4,
                profile="standard",
                purpose="製造業のお客様に新しい足がかりをつくる",
                writing=True,
            )
        )
    yield engine
    engine.dispose()


@pytest.fixture
def begin(engine: Engine) -> Callable[[str], object]:
    @contextmanager
    def opened(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    return opened


@pytest.fixture(scope="session")
def example() -> Callable[[str], Any]:
    """Give one worked example by its id; skipped without the shared folder, never in CI."""
    default = Path(__file__).parents[3] / "shared"
    file = Path(os.environ.get("CRM_LOOP_SHARED", default)) / "spec" / "domain_examples.json"
    if not file.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the worked examples are not at {file}")
        pytest.skip("the shared folder with the worked examples is not here")
    by_id = {one["id"]: one for one in json.loads(file.read_text("utf-8"))["examples"]}
    return by_id.__getitem__
