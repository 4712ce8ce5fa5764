"""`--as`: what a person may not read is not printed, in no form."""

from typing import Any

import pytest

from crm_loop.bootstrap import build
from crm_loop.settings import load_settings

ATTENTION = 3


@pytest.fixture
def team(connected: Any) -> dict[str, str]:
    """A rep, a mate, their manager and the manager above, with figures and memos."""
    connected("cycle", "--turn")
    house = build(load_settings())
    with house.begin("default") as state:
        members = {one.person: one for one in state.people.members()}
    house.close()
    led = [one for one in members.values() if one.manager and one.role.value == "AE"]
    rep = next(one for one in led if members[str(one.manager)].manager)
    mate = next(one for one in led if one.manager == rep.manager and one.person != rep.person)
    boss = str(rep.manager)
    return {"rep": rep.person, "mate": mate.person, "boss": boss,
            "chief": str(members[boss].manager)}  # fmt: skip


def people(said: Any, part: str) -> set[str]:
    return {one["rep"] for one in said.data[part]}


def test_each_command_prints_what_its_reader_may_read(connected: Any, team: dict[str, str]) -> None:
    rep, boss = team["rep"], team["boss"]
    for command, part in (("measure", "values"), ("cycle", "cycles"), ("agenda", "agendas")):
        seen = {
            who: people(connected(command, "--as", person, "--json"), part)
            for who, person in (*team.items(), ("nobody", "nobody@example.com"))
        }
        everybody = people(connected(command, "--json"), part)
        assert seen["rep"] <= {rep}, command
        assert seen["chief"] & {rep, team["mate"]} == set(), command
        assert seen["nobody"] == set(), command
        assert seen["boss"] <= everybody, command
    measured = people(connected("measure", "--as", boss, "--json"), "values")
    assert {rep, team["mate"]} <= measured
    # A number is opened to its records for two people only.
    asked = ("explain", "meetings_held", "--rep", team["rep"], "--json")
    for who, code in (("rep", 0), ("boss", 0), ("mate", ATTENTION), ("chief", ATTENTION)):
        said = connected(*asked, "--as", team[who])
        assert said.code == code, who
    assert said.json["error"]["code"] == "access.figures"

    # A rep never gets the manager's copy.
    said = connected("agenda", "--copy", "manager", "--as", rep, "--json")
    assert all(one["text"] == "" for one in said.data["agendas"])
