"""A house on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_loop.bootstrap import App, build
from crm_loop.settings import Settings
from crm_loop.store.connections import Organisation


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key_file=tmp_path / "key",
        clock_file=tmp_path / "clock",
        lease_seconds=5,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    app = build(settings, connectors={})
    with app.begin("acme") as state:
        state.connections.put_organisation(Organisation(name="acme"))
    yield app
    app.close()
