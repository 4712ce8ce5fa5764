"""What may be said about a gap, and to whom; one situation each."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from crm_loop.kpi.cases import Case, Comparison, conversions
from crm_loop.kpi.causes import Funnel, baseline_of
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, MOVES, TASKS, empty, table
from crm_loop.kpi.diagnosis import diagnose, repeats, shared_causes
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.selection import lost_deals
from crm_loop.kpi.sentences import sentence
from crm_loop.loop_records import Form
from crm_loop.statistics import evidence

DAY = date(2026, 6, 14)
USUAL = Funnel(meetings=40, opps=20, proposals=12, wins=4, bookings=6.0)


def compared(x: float, n: float, xh: float, nh: float) -> Comparison:
    lower = evidence.share_lower(x, n, xh, nh)
    return Comparison(now=(x, n), before=(xh, nh), p_lower=lower)


def a_case(person: str = "anna", **known: Any) -> Case:
    base: dict[str, Any] = {
        "person": person,
        "baseline": baseline_of([USUAL]),
        "actual": Funnel(meetings=40, opps=20, proposals=12, wins=1, bookings=1.5),
        "scale": 6.0,
        "comparisons": {"proposal_win": compared(1, 30, 40, 100)},
    }
    return Case(**(base | known))


def test_a_clear_cause_is_stated() -> None:
    (found,) = diagnose(a_case(), DAY)
    assert (found.driver, found.form, found.label) == ("proposal_win", Form.STATED, "clear")
    assert found.facts["x"] == 1
    assert found.facts["largest"]


def test_a_likely_cause_is_asked() -> None:
    (found,) = diagnose(a_case(comparisons={"proposal_win": compared(2, 12, 30, 80)}), DAY)
    assert found.form is Form.ASKED


@pytest.mark.parametrize(
    "comparisons",
    [{"proposal_win": compared(4, 12, 30, 80)}, {"proposal_win": compared(0, 0, 30, 80)}, {}],
)
def test_chance_is_not_raised(comparisons: Mapping[str, Comparison]) -> None:
    assert diagnose(a_case(comparisons=comparisons), DAY) == []


def test_a_small_part_is_no_topic() -> None:
    assert diagnose(a_case(scale=1000.0), DAY) == []


def test_without_a_past_nothing_is_said() -> None:
    assert diagnose(a_case(baseline=None), DAY) == []


def test_a_lower_rate_of_another_mix_is_said_as_such() -> None:
    # Both segments rose; there is only more of the harder one.
    segments = {"existing": ((50.0, 100.0), (22.0, 40.0)), "new": ((8.0, 40.0), (21.0, 96.0))}
    (found,) = diagnose(a_case(segments=segments), DAY)
    assert found.rule == "mix"
    assert found.facts["mix"] < 0 < found.facts["within"]
    assert found.facts["grown"] == "new"


def test_a_mix_names_the_customers_of_whom_there_are_more() -> None:
    # Here existing customers are the harder ones, and there are more of them.
    segments = {"existing": ((8.0, 40.0), (21.0, 96.0)), "new": ((50.0, 100.0), (22.0, 40.0))}
    (found,) = diagnose(a_case(segments=segments), DAY)
    assert (found.rule, found.facts["grown"]) == ("mix", "existing")
    assert "existing customers" in sentence(found, "en")
    assert sentence(found, "ja").startswith("既存のお客様")


def test_what_most_of_a_team_shares_leaves_the_individuals() -> None:
    cases = [a_case(f"rep{n}") for n in range(5)]
    insights = [one for case in cases for one in diagnose(case, DAY)]
    teams = {case.person: "boss" for case in cases}
    (found,) = shared_causes(cases, insights, teams, DAY)
    assert (found.person, found.rule, found.driver) == ("boss", "common_cause", "proposal_win")


def test_four_people_are_no_team_yet() -> None:
    cases = [a_case(f"rep{n}") for n in range(4)]
    insights = [one for case in cases for one in diagnose(case, DAY)]
    assert shared_causes(cases, insights, {}, DAY) == insights


@pytest.mark.parametrize(("acted", "again"), [(False, True), (True, False)])
def test_the_same_cause_again_counts_only_where_nothing_was_done(acted: bool, again: bool) -> None:  # noqa: FBT001 - a table
    (now,) = diagnose(a_case(), DAY)
    found = repeats(now, [now], acted=acted)
    assert (found is not None) == again


def test_whoever_asks_first_gets_the_same_cases() -> None:
    lost = {
        "connection": "crm", "id": "d1", "person": "a", "decided_person": "a", "is_closed": True,
        "is_won": False, "lost_on": "2026-06-10", "amount": 1.0,
    }  # fmt: skip
    rows = [lost, lost | {"id": "d2", "lost_reason": "Duplicate"}]
    moves = [
        {"connection": "crm", "id": id_, "canonical": "S2", "on": "2026-06-01", "person": "a",
         "at": "2026-06-01T00:00:00Z"}
        for id_ in ("d1", "d2")
    ]  # fmt: skip
    frames = Frames(
        deals=table(rows, DEAL_FACTS),
        activities=empty(ACTIVITY_FACTS),
        tasks=empty(TASKS),
        moves=table(moves, MOVES),
    )
    # One of the two is no case at all.
    assert conversions(frames, date(2026, 6, 14))["opp_proposal"]["a"].now == (0.0, 1.0)
    assert lost_deals(frames)["id"].to_list() == ["d1"]
