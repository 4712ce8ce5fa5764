"""`crm-loop init` and `map`: the set-up as questions, left and gone on with."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from crm_loop.bootstrap import build
from crm_loop.cli.mount import app
from crm_loop.settings import load_settings

DONE, WRONG_USAGE = 0, 2


def answered(*lines: str, language: str = "en") -> Any:
    return CliRunner().invoke(app, ["init", "--lang", language], input="\n".join(lines) + "\n")


def state_of(of: Callable[[Any], Any]) -> Any:
    house = build(load_settings())
    try:
        with house.begin("default") as state:
            return of(state)
    finally:
        house.close()


def test_whoever_answers_nothing_has_changed_nothing_and_may_come_back(terminal: Any) -> None:
    said = answered("n", "n", "n", "n", "", "", "", "", "")
    assert said.exit_code == DONE, said.output
    assert "read-only" in said.output
    own = state_of(lambda state: state.connections.organisation())
    assert (own.profile, own.writing, own.holidays) == ("starter", False, frozenset())
    again = answered("n", "", "", "standard", "", "", language="ja")
    assert again.exit_code == DONE, again.output
    assert "当てはまるものを" not in again.output
    assert state_of(lambda state: state.connections.organisation().profile) == "standard"


@pytest.mark.slow
def test_an_account_is_connected_read_and_made_ready(
    terminal: Any, crms: Any, credentials_of: Callable[..., Any]
) -> None:
    url, secrets = credentials_of(crms, "hubspot")
    file = terminal.folder / "hs.json"
    file.write_text(json.dumps(secrets), encoding="utf-8")
    said = answered(
        "n", "y", "n", "y", "hubspot", url, str(terminal.folder / "none.json"), str(file), "y",
        "n", "", "2026-12-29..2027-01-03", "full", "2026-01-05", "鈴木", "y",
    )  # fmt: skip
    assert said.exit_code == DONE, said.output
    assert "cannot be read" in said.output
    own = state_of(lambda state: state.connections.organisation())
    assert (own.profile, own.writing, len(own.holidays)) == ("full", True, 6)
    assert state_of(lambda state: len(state.people.members())) > 4
    assert said.output.count("crm-loop up") == 1


def test_a_notice_of_tomorrow_keeps_writing_off(terminal: Any) -> None:
    said = answered("n", "n", "n", "n", "", "", "", "2999-01-01", "鈴木")
    assert said.exit_code == DONE, said.output
    assert not state_of(lambda state: state.connections.organisation().writing)


def test_stages_are_shown_and_moved_by_their_names(connected: Any) -> None:
    assert connected("pull", "--connection", "salesforce").code == DONE
    rows = connected("map", "--json").data["stages"]
    first = next(row for row in rows if row["place"] == "S1")
    moved = connected("map", "--set", f"{first['label']}=S2", "--json")
    assert {row["place"] for row in moved.data["stages"] if row["label"] == first["label"]} == {
        "S2"
    }


@pytest.mark.parametrize("wanted", ["nonsense", "Prospecting=S9", "No such stage=S1"])
def test_what_is_no_stage_or_no_place_is_named(connected: Any, wanted: str) -> None:
    assert connected("map", "--set", wanted).code == WRONG_USAGE
