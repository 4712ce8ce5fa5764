"""Each command on a connected house: it answers, in a table and as one JSON object."""

from dataclasses import replace
from typing import Any

import pytest

from crm_loop.bootstrap import build
from crm_loop.loop_records import By
from crm_loop.settings import load_settings

DONE, IN_PART = 0, 5
WEEK = ("--week", "2026-W24")

COMMANDS = [
    ("measure",),
    ("measure", *WEEK),
    ("agenda",),
    ("agenda", *WEEK),
    ("agenda", "--copy", "manager"),
    ("agenda", "--why"),
    ("retrospective",),
    ("retrospective", "--period", "2026-05"),
    ("retrospective", "--team"),
    ("cycle",),
    ("learn",),
    ("stage",),
    ("cycle", *WEEK),
    ("writes", "plan"),
    ("writes", "preview"),
    ("writes", "list"),
    ("writes", "approve"),
    ("writes", "apply", "--dry-run"),
    ("people", "export", "people.csv"),
    ("people", "import", "people.csv"),
    ("pull",),
    ("doctor",),
]


@pytest.fixture
def turned(connected: Any) -> Any:
    said = connected("cycle", "--turn", "--json")
    assert said.code == DONE, said.out
    return connected


@pytest.mark.long(15)
def test_every_command_answers_people_and_programs(turned: Any) -> None:
    for command in COMMANDS:
        for form in ((), ("--json",)):
            said = turned(*command, *form)
            assert said.code in (DONE, IN_PART), (command, said.err)
            assert said.err == "", command
            assert not form or said.json["ok"], command


@pytest.mark.parametrize("week", ["soon", "2026-W99", "2026-24", "W24"])
def test_what_is_no_week_is_wrong_usage(terminal: Any, week: str) -> None:
    for command in ("agenda", "cycle", "measure"):
        assert terminal(command, "--week", week).code == 2, command


def test_nobody_is_asked_how_a_1on1_was_until_an_organisation_wants_it(connected: Any) -> None:
    said = connected("pulse", "--rep", "anna@example.com", "--rating", "4")
    assert said.code == 2
    assert "profile full" in said.err


def test_how_much_a_rep_spoke_is_the_reps_word(connected: Any) -> None:
    house = build(load_settings())
    with house.begin("default") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
    asked = ("pulse", "--rep", "anna@example.com", "--week", "2026-W24", "--talk", "half")
    assert connected(*asked).code == DONE
    assert connected(*asked, "--by", "manager").code == DONE
    with house.begin("default") as state:
        said = {one.by: one.talk for one in state.views.since("2026-W24")}
    house.close()
    assert said == {By.REP: 0.5, By.MANAGER: None}
