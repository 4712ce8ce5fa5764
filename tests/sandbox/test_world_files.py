"""The world's people and targets as files that an admin would import."""

import csv
import io
from collections.abc import Callable

import pytest

from crm_loop_sandbox.world.people_file import people_csv, targets_csv
from crm_loop_sandbox.world.story import World


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def world(made_up: Callable[..., World]) -> World:
    return made_up()


def test_everybody_stands_in_the_list_of_people_once(world: World) -> None:
    listed = [row["email"] for row in rows(people_csv(world))]
    assert listed == [human.email for human in world.people]


def test_a_rep_is_listed_with_the_managers_address(world: World) -> None:
    people = {human.ref: human for human in world.people}
    row = next(row for row in rows(people_csv(world)) if row["email"] == people["rep:0"].email)
    assert row["manager_email"] == people["manager:0"].email
    assert (row["role"], row["fte"], row["country"], row["pilot"]) == ("AE", "1", "JP", "yes")


def test_leave_is_listed_as_a_span_of_days(world: World) -> None:
    spans = [row["leave"] for row in rows(people_csv(world)) if row["leave"]]
    assert spans == ["2026-06-16/2026-06-19"]


def test_every_active_rep_has_a_target_for_each_month_around_the_start(world: World) -> None:
    listed = rows(targets_csv(world))
    active = {one.email for one in world.people if one.role == "AE" and one.active}
    months = {(row["period_start"], row["period_end"]) for row in listed}
    assert {row["email"] for row in listed} == active
    assert len(listed) == len(active) * len(months)
    assert {("2026-05-01", "2026-05-31"), ("2026-06-01", "2026-06-30")} <= months
