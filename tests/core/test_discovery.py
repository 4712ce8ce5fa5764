"""Connectors are found among what is installed, and loaded only when one is wanted."""

import sys
from pathlib import Path

import pytest

from crm_loop.connector.discovery import GROUP, installed
from crm_loop.errors import NeedsAttention


def install(folder: Path, distribution: str, *, kind: str, factory: str) -> None:
    """What an installer leaves behind of a distribution with one connector."""
    info = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{kind} = {factory}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_an_installed_connector_is_found(site: Path) -> None:
    (site / "paper_crm.py").write_text("def connect(account, ports): return 'a connector'\n")
    install(site, "crm-loop-paper", kind="paper", factory="paper_crm:connect")
    assert installed("paper").__name__ == "connect"


def test_a_neighbour_that_cannot_be_loaded_harms_nobody(site: Path) -> None:
    (site / "good_crm.py").write_text("def connect(account, ports): return 'a connector'\n")
    (site / "bad_crm.py").write_text("raise RuntimeError('never loaded')\n")
    install(site, "crm-loop-good", kind="good", factory="good_crm:connect")
    install(site, "crm-loop-bad", kind="bad", factory="bad_crm:connect")
    assert installed("good").__module__ == "good_crm"
    assert "bad_crm" not in sys.modules


def test_an_unknown_kind_names_the_known_ones(site: Path) -> None:
    install(site, "crm-loop-paper", kind="paper", factory="paper_crm:connect")
    with pytest.raises(NeedsAttention, match=r"'fax'.*paper") as raised:
        installed("fax")
    assert raised.value.code == "connector.missing"


def test_two_of_one_name_are_refused(site: Path) -> None:
    install(site, "crm-loop-one", kind="paper", factory="one_crm:connect")
    install(site, "crm-loop-two", kind="paper", factory="two_crm:connect")
    with pytest.raises(NeedsAttention) as raised:
        installed("paper")
    assert raised.value.code == "connector.twice"


@pytest.mark.parametrize("factory", ["absent_crm:connect", "json:connect"])
def test_a_broken_connector_is_said_so(site: Path, factory: str) -> None:
    install(site, "crm-loop-paper", kind="paper", factory=factory)
    with pytest.raises(NeedsAttention) as raised:
        installed("paper")
    assert raised.value.code == "connector.broken"
