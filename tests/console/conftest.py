"""The console over a small store, for one test at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from console_house import COMPANIES, ROLES, House, account, company, settings_of
from opened_console import opened

from crm_loop.bootstrap import build


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that is filled once."""
    folder = tmp_path_factory.mktemp("console")
    app = build(settings_of(folder))
    for organisation, people in COMPANIES.items():
        company(app, organisation, people)
    for email, role in ROLES.items():
        account(app, email, role)
    app.close()
    return folder


@pytest.fixture
def house(seeded: Path, tmp_path: Path) -> Iterator[House]:
    """A store of its own for one test."""
    with opened(seeded, tmp_path / "house") as house:
        yield house


@pytest.fixture(scope="module")
def shared_house(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for tests that are content with whatever the others leave."""
    with opened(seeded, tmp_path_factory.mktemp("shared") / "house") as house:
        yield house
