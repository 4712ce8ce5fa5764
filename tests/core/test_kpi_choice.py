"""Which KPIs a role is shown: the profile's until an admin chooses, at most seven."""

from dataclasses import replace

import pytest

from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import SHOWN, Kpi, catalogue
from crm_loop.kpi.choice import checked as check
from crm_loop.kpi.choice import (
    choosable,
    shown_to,
    shown_together,
    with_choice,
    with_own,
)
from crm_loop.kpi.tree import Edge
from crm_loop.loop_records import Role
from crm_loop.store.connections import Organisation

OWN = Organisation(name="o")
CHOSEN = ("win_rate", "calls", "connects")


def checked(*ids: str, role: str = "AE", **more: object) -> tuple[str, ...]:
    return check(role, ids, catalogue(), profile="starter", **more)  # type: ignore[arg-type]


def test_until_somebody_chooses_the_profile_decides() -> None:
    assert shown_to(OWN, Role.AE) == SHOWN["starter"]
    assert with_own(OWN, Role.AE, ["mine"]) == [*SHOWN["starter"], "mine"]
    full = replace(OWN, profile="full")
    assert shown_together(full, []) == list(SHOWN["full"])


def test_a_choice_is_of_one_role_alone_and_can_be_taken_back() -> None:
    own = with_choice(OWN, "SDR", CHOSEN)
    assert shown_to(own, Role.SDR) == CHOSEN
    assert shown_to(own, Role.AE) == SHOWN["starter"]
    assert with_own(own, Role.SDR, ["mine"]) == list(CHOSEN)
    assert shown_together(own, [Role.SDR, Role.AE]) == [*CHOSEN, *SHOWN["starter"]]
    assert with_choice(own, "SDR", None) == OWN


def test_results_come_first_and_nothing_stands_twice() -> None:
    assert checked("calls", "win_rate", "calls", "connects") == CHOSEN


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (("calls", "connects"), "one result"),
        (("win_rate",), "one process"),
        ((), "one result"),
        (("win_rate", "nothing"), "nothing"),
        (("win_rate", "crm_log_lag_days"), "crm_log_lag_days"),
        (("win_rate", "process_score"), "starter"),
        (("bookings", *SHOWN["full"][2:], "calls", "connects", "proposals"), "9 KPIs"),
    ],
)
def test_a_choice_that_guides_nobody_is_refused(ids: tuple[str, ...], said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        checked(*ids)


def test_managers_have_no_figures_to_choose() -> None:
    with pytest.raises(WrongUsage, match="Manager"):
        checked(*CHOSEN, role="Manager")
    with pytest.raises(WrongUsage, match="boss"):
        with_choice(OWN, "boss", None)


def test_a_kpi_of_ones_own_has_to_lead_to_the_purpose() -> None:
    mine = replace(catalogue()["calls"], id="mine")
    known: dict[str, Kpi] = {**catalogue(), "mine": mine}
    with pytest.raises(WrongUsage, match="no purpose"):
        check("AE", ["win_rate", "mine"], known, profile="starter")
    edges = [Edge(kpi="mine", parent="new_meetings")]
    assert check("AE", ["win_rate", "mine"], known, profile="starter", edges=edges)


def test_every_kpi_of_the_catalogue_that_may_be_chosen_leads_to_the_purpose() -> None:
    for one in choosable(catalogue(), "full"):
        other = "calls" if one.kind == "outcome" else "bookings"
        assert check("AE", [one.id, other], catalogue(), profile="full"), one.id
