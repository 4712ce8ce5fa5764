"""What people read of what was learned, in both languages and by profile."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from crm_loop.kpi.catalogue import catalogue
from crm_loop.learn.flows import FLOWS, first_flow, steps
from crm_loop.learn.phrases import (
    Reader,
    flow_lines,
    stage_lines,
    step_lines,
    texts,
    together_lines,
)
from crm_loop.learn.stage import FIRST, SYMPTOMS, WEIGHTS
from crm_loop.loop_records import GoingTogether, Learned, SelfAssessment, StageRecord
from crm_loop.wording.linter import lint

LANGUAGES = ("ja", "en")
#: Words that would say that one thing made the other happen.
CAUSAL = r"効果が|おかげ|効いた|原因|\bcaused?\b(?! and effect)|thanks to|\bworked\b|led to"


def a_step(**known: Any) -> Learned:
    base = {"week": "2026-W20", "step": "V1:call", "kpi": "meetings_held", "n": 9, "reps": 5}
    return Learned(**(base | {"mean": 0.124, "sd": 0.1, "p": 0.92, "verdict": "works"} | known))


def a_reader(language: str = "ja", profile: str = "full") -> Reader:
    names = {kpi.id: kpi.names[language] for kpi in catalogue().values()}
    return Reader(language, profile, names)


def a_stage(**known: Any) -> StageRecord:
    base: dict[str, Any] = {
        "week": "2026-W20",
        "stage": "2",
        "symptoms": ("one_on_one_ineffective",),
        "first_action": "raise_1on1_quality",
        "largest_shortfall": "cadence",
        "weeks_in_a_row": 0,
        "indices": {},
        "components": {},
    }
    return StageRecord(**(base | known))


def leaves(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, one in value.items():
        if isinstance(one, Mapping):
            yield from leaves(one, f"{path}{name}.")
        else:
            yield path + name, str(one)


def test_both_languages_say_the_same_things() -> None:
    ja, en = (dict(leaves(texts()[language])) for language in LANGUAGES)
    assert ja.keys() == en.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_stage_and_symptom_has_a_name(language: str) -> None:
    said = texts()[language]
    assert said["parts"].keys() == {part for parts in WEIGHTS.values() for part in parts}
    assert said["first"].keys() == set(FIRST.values())
    assert said["boxes"].keys() == set(SYMPTOMS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_as_a_cause(language: str) -> None:
    assert [text for _, text in leaves(texts()[language]) if re.search(CAUSAL, text)] == []


@pytest.mark.parametrize("profile", ["starter", "standard"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_unasked_keeps_tone_and_form(language: str, profile: str) -> None:
    for line in step_lines([a_step()], a_reader(language, profile)):
        assert lint(line, language) == [], line


def test_the_starter_profile_shows_nothing_of_it() -> None:
    assert step_lines([a_step()], a_reader(profile="starter")) == [texts()["ja"]["off"]]
    assert stage_lines(a_stage(), a_reader(profile="starter")) == [texts()["ja"]["off"]]


def test_the_standard_profile_says_it_in_plain_words_from_eight_uses_on() -> None:
    reader = a_reader("en", "standard")
    assert step_lines([a_step(n=7)], reader) == ["Too few cases to say yet."]
    line, note = step_lines([a_step()], reader)
    assert line.startswith("Calls -> Customer meetings: weeks after it keep being better")
    assert not re.search(r"probab|%", line + note)


def test_the_full_profile_gives_the_numbers_in_whole_percent() -> None:
    lines = step_lines([a_step()], a_reader("en"))
    assert lines[1] == (
        "On average +12% from what was expected; 92% probability of being above zero."
    )


def test_what_was_seen_of_two_people_is_shown_to_nobody() -> None:
    assert step_lines([a_step(reps=2)], a_reader()) == [texts()["ja"]["few"]]


def test_a_kind_of_step_without_a_name_of_its_own_has_that_of_its_family() -> None:
    line = step_lines([a_step(step="V1:visit")], a_reader("en"))[0]
    assert line.startswith("Contact with customers -> ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", ["1", "2", "3", "4", "5", "not_ready", "not_started"])
def test_every_stage_can_be_read(stage: str, language: str) -> None:
    lines = stage_lines(a_stage(stage=stage), a_reader(language))
    assert lines[0] == texts()[language]["stages"][stage]


def together(label: str, n: int = 9, *, team: str = "") -> GoingTogether:
    values = {"rho": 0.1, "p": 0.8, "low": -0.5, "high": 0.6}
    return GoingTogether(week="2026-W20", team=team, what="quality", n=n, label=label, **values)


def test_with_few_people_an_unclear_association_says_what_could_be_seen_at_all() -> None:
    lines = together_lines([together("not_clear"), together("not_clear", team="x")], a_reader())
    assert lines == ["1on1の内容と達成率：関連ははっきりしません。", texts()["ja"]["faint"]]
    assert len(together_lines([together("not_clear", 20)], a_reader())) == 1


def test_associations_are_shown_to_whom_asked_for_everything() -> None:
    assert together_lines([together("not_clear")], a_reader(profile="standard")) == []


def test_every_flow_that_a_stage_begins_with_has_its_steps_in_words() -> None:
    for language in LANGUAGES:
        said = texts()[language]
        assert set(FLOWS) == set(FIRST.values()) == set(said["first"])
        assert {code for flow in FLOWS.values() for code, _ in flow} == set(said["flow"])


def test_a_flow_knows_each_part_of_its_index() -> None:
    every = {part for parts in WEIGHTS.values() for part in parts}
    assert {part for flow in FLOWS.values() for _, part in flow if part} <= every


def test_a_step_is_done_when_its_figure_is_good() -> None:
    found = steps("raise_1on1_quality", {"O": {"cadence": 0.6, "agenda_ready": 0.5}})
    assert [one.done for one in found] == [True, False, None, None]
    assert flow_lines("raise_1on1_quality", found, "en")[1:3] == [
        "☑ Choose day and time of the 1on1s",
        "☐ Let the notes arrive on the working day before",
    ]


def test_before_there_are_data_the_first_box_chooses_the_flow() -> None:
    answers = SelfAssessment(
        answered_on=date(2026, 6, 1),
        kpi_not_operated=False,
        one_on_one_ineffective=True,
        disconnected=True,
    )
    assert first_flow(None, answers) == "raise_1on1_quality"
    assert first_flow("sustain", answers) == "sustain"
    assert first_flow(None, None) is None
