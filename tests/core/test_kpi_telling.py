"""What is concluded of figures is told to those it is about, or not kept."""

from datetime import date
from typing import Any

import pytest

from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.profiles import SWITCHES, shows_rule
from crm_loop.kpi.sentences import templates
from crm_loop.kpi.telling import IN_THE_MEMO, OF_A_PERSON, OF_A_TEAM, kept, told
from crm_loop.loop_records import Form, Insight

REP, BOSS = "anna@example.com", "boss@example.com"
PROFILES = tuple(SWITCHES["trend"])
FACTS = {"direction": "declining", "score": 80.0, "share": 0.5, "flags": [], "kpis": 9,
         "out_of_reach": 1, "targets": 4, "cases": 3, "least": 2, "now": 4, "usual": 3, "then": 5,
         "sure": 1, "likely": 2, "median": 60.0, "times": 1.2, "n": 6, "x": 5,
         "attainers": 2.0, "brier": 0.2, "aim": 6.0, "stretch": 9.0, "points": 12.0,
         "promised": 0.6, "reached": 0.3,
         "required": {"wins": 3}}  # fmt: skip


def an_insight(rule: str, driver: str = "meetings_held", **more: Any) -> Insight:
    base: dict[str, Any] = {"person": REP, "as_of": date(2026, 6, 14), "form": Form.STATED,
                            "facts": FACTS}  # fmt: skip
    return Insight(rule=rule, driver=driver, **(base | more))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("rule", OF_A_PERSON)
def test_nothing_about_a_person_is_kept_that_no_page_or_memo_would_tell(
    rule: str, profile: str
) -> None:
    is_kept = bool(kept([an_insight(rule)], profile))
    assert is_kept == (shows_rule(profile, rule) or rule in IN_THE_MEMO)


def test_what_goes_well_is_worth_hearing_about_in_every_profile() -> None:
    places = ["share_the_pattern", "remove_obstacles"]
    found = kept([an_insight("quadrant", place) for place in places], "starter")
    assert [one.driver for one in found] == ["share_the_pattern"]


def test_what_is_about_no_person_is_kept_whoever_looks() -> None:
    assert len(kept([an_insight("hollow_kpi", person="")], "starter")) == 1


def test_the_profile_for_all_of_it_tells_every_rule_in_both_languages() -> None:
    rules = {key.partition(".")[0] for key in templates()["ja"]}
    # What steps and weeks teach has pages of its own, and so has what is wrong with the data.
    # Beside an opened figure stand what its records lack, and the middle one of sizes.
    elsewhere = {"completion", "cadence", "stage", "association", "learned", "missing_data",
                 "own_kpi", "warning", "middle_size", "process_part"}  # fmt: skip
    assert rules - elsewhere == IN_THE_MEMO | set(OF_A_PERSON) | set(OF_A_TEAM)
    assert all(shows_rule("full", rule) for rule in rules)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "ここ8週間は、少しずつ下がっています。"),
        ("en", "The last eight weeks point down a little."),
    ],
)
def test_a_conclusion_names_the_figure_that_it_is_about(language: str, said: str) -> None:
    (one,) = told([an_insight("trend")], OF_A_PERSON, profile="standard", known=catalogue(),
                  language=language)  # fmt: skip
    assert one.text == said
    assert one.about == catalogue()["meetings_held"].names[language]


def test_a_team_reads_one_sentence_however_many_people_it_is_about() -> None:
    gaps = [an_insight("tree_gap", rep, person=BOSS, form=Form.TEAM) for rep in ("a", "b")]
    found = told(gaps, OF_A_TEAM, profile="full", known=catalogue(), language="ja")
    assert len(found) == 1
    assert found[0].about == ""


def test_a_smaller_profile_is_told_less() -> None:
    drivers = {"quadrant": "remove_obstacles", "forecast_bias": "usually"}
    everything = [an_insight(rule, drivers.get(rule, "meetings_held")) for rule in OF_A_PERSON]
    counts = [len(told(everything, OF_A_PERSON, profile=one, known={}, language="en"))
              for one in PROFILES]  # fmt: skip
    assert counts == sorted(counts)
    assert counts[-1] == len(OF_A_PERSON)
