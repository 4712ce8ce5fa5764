"""`crm-loop learn` and `crm-loop stage`: what each profile may see, to people and programs."""

from dataclasses import replace
from typing import Any

import pytest

from crm_loop.bootstrap import build
from crm_loop.loop_records import Compared, Learned, PairRhythm, StageRecord, WithinRep
from crm_loop.settings import load_settings

DONE, WRONG_USAGE = 0, 2


def a_house(profile: str) -> None:
    """An organisation of that profile, in which something was learned long ago."""
    app = build(load_settings())
    app.ensure_organisation("default")
    with app.begin("default") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile=profile))
        week = "2099-W01"  # nothing newer will be learned
        state.learnings.keep(
            [
                Learned(week=week, step="V1:call", kpi="meetings_held", n=9, reps=reps, mean=0.12,
                        sd=0.1, p=0.92, verdict="works") if step == "many" else
                Learned(week=week, step="V2", kpi="meetings_held", n=9, reps=reps, mean=0.12,
                        sd=0.1, p=0.92, verdict="works")
                for step, reps in (("many", 4), ("two", 2))
            ]
        )  # fmt: skip
        state.learnings.keep(
            [
                StageRecord(week=week, stage="3", symptoms=("disconnected",), weeks_in_a_row=0,
                            first_action="connect_kpi_and_1on1", indices={"K": 80.0},
                            largest_shortfall="action_linked", components={})
            ]
        )  # fmt: skip
    app.close()


def test_the_full_profile_sees_numbers_of_at_least_three_people(terminal: Any) -> None:
    a_house("full")
    said = terminal("learn", "--json")
    assert said.code == DONE
    (one,) = said.data["steps"]
    assert (one["step"], one["p_positive"], said.data["held_back"]) == ("V1:call", 0.92, 1)


def test_the_standard_profile_sees_plain_words_without_a_number_of_ours(terminal: Any) -> None:
    a_house("standard")
    said = terminal("learn", "--json", "--lang", "en")
    assert said.data["steps"] == [
        {"step": "V1:call", "kpi": "meetings_held", "uses": 9, "reps": 4, "label": "works"}
    ]
    assert "keep being better than expected" in said.data["text"]


def test_the_starter_profile_sees_none_of_it(terminal: Any) -> None:
    a_house("starter")
    assert terminal("learn", "--json").data["steps"] == []
    data = terminal("stage", "--json").data
    assert (data["measured"], data["weeks"]) == (None, [])


def test_the_stage_stands_beside_what_people_answered_themselves(terminal: Any) -> None:
    a_house("full")
    said = terminal("stage", "--ticked", "1,3", "--json", "--lang", "ja")
    assert said.data["measured"]["stage"] == "3"
    (answer,) = said.data["self_assessments"]
    assert (answer["kpi_not_operated"], answer["one_on_one_ineffective"]) == (True, False)
    assert said.data["text"].splitlines()[0].startswith("☑ KPIは設定しているが")


@pytest.mark.parametrize("ticked", ["4", "yes"])
def test_what_names_no_box_is_wrong_usage(terminal: Any, ticked: str) -> None:
    a_house("full")
    assert terminal("stage", "--ticked", ticked).code == WRONG_USAGE


@pytest.mark.parametrize("command", ["learn", "stage"])
def test_people_read_lines(terminal: Any, command: str) -> None:
    a_house("full")
    said = terminal(command, "--lang", "en")
    assert said.code == DONE
    assert len(said.out.splitlines()) > 2


def test_everything_is_told_of_what_is_compared_and_what_it_would_take(terminal: Any) -> None:
    a_house("full")
    app = build(load_settings())
    with app.begin("default") as state:
        week = "2099-W01"
        state.learnings.keep([
            Compared(week=week, step=step, kpi="calls", done=9, done_reps=reps, done_mean=0.1,
                     missed=6, missed_reps=3, missed_mean=0.0)
            for step, reps in (("V1:call", 4), ("V2", 2))
        ])  # fmt: skip
        state.learnings.keep([WithinRep(week=week, reps=2, estimate=None, low=None, high=None,
                                        label="too_few_reps")])  # fmt: skip
    app.close()
    said = terminal("learn", "--json", "--lang", "ja")
    assert [one["step"] for one in said.data["compared"]] == ["V1:call"]
    assert said.data["within"]["reps"] == 2
    assert "因果とは限りません" in said.data["text"]
    assert "5人について3週ずつの記録が必要です（いまは2人）" in said.data["text"]


def test_how_1on1s_are_going_is_told_to_who_asked_for_it(terminal: Any) -> None:
    a_house("standard")
    off = terminal("rhythm", "--json", "--lang", "en")
    assert (off.code, off.data["is_on"]) == (DONE, False)
    a_house("full")
    app = build(load_settings())
    with app.begin("default") as state:
        state.learnings.keep([PairRhythm(
            rep="rep@x.example", manager="boss@x.example", week="2099-W01", eligible=8,
            recorded=1.0, adherence=0.75, streak=2, max_gap_days=None, lately=2, by_manager=2,
            called_off=2,
        )])  # fmt: skip
    app.close()
    printed = terminal("rhythm", "--json", "--lang", "en")
    assert "Lately it has been hard to find time for 1on1s" in printed.data["text"]
    assert "held in 6 of 8 weeks on record" in printed.data["text"]
    nobody = terminal("rhythm", "--as", "nobody@x.example", "--json", "--lang", "en")
    assert nobody.data["text"] == "Too few cases to say yet."
