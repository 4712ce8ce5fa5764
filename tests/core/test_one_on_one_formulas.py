"""Time boxes, scores, question rotation and opening facts, as the worked examples have them."""

from collections.abc import Callable
from typing import Any

import pytest

from crm_loop.loop_records import KpiValue, ValueStatus
from crm_loop.one_on_one.boxes import reading_seconds, script_budget, time_boxes
from crm_loop.one_on_one.opening import Fact, choose_fact, facts_of
from crm_loop.one_on_one.questions import choose_variant
from crm_loop.one_on_one.score import Candidate, ordered, pick, scored
from crm_loop.wording import words

Example = Callable[[str], Any]


def test_topics_are_scored_and_ranked_as_in_the_worked_example(example: Example) -> None:
    case = example("E6.01")
    inputs, expected = case["inputs"], case["expected"]
    rows = [
        scored(
            Candidate(**row),
            inputs["target"],
            weights=inputs["weights"],
            control=inputs["controllability"],
        )
        for row in inputs["candidates"]
    ]
    for row, wanted in zip(rows, expected["rows"], strict=True):
        found = {"key": row.candidate.key, "score": row.score, **row.components}
        assert found == {
            **wanted,
            **{k: pytest.approx(v, abs=1e-9) for k, v in wanted.items() if k != "key"},
        }
    best = ordered(rows)
    assert [one.candidate.key for one in best] == expected["order"]
    short, reserve = pick(best, 1)
    assert [one.candidate.key for one in short] == expected["pick_15min"]
    assert reserve is not None
    assert reserve.candidate.key == expected["reserve_15min"]
    assert [one.candidate.key for one in pick(best, 2)[0]] == expected["pick_30min"]


def a_candidate(key: str, family: str, effect: float) -> Candidate:
    return Candidate(key=key, family=family, kind="activity", effect=effect, days_to_due=7)


def test_two_topics_are_of_different_families_where_there_are_such() -> None:
    found = [a_candidate("a", "x", 3), a_candidate("b", "x", 2), a_candidate("c", "y", 1)]
    picked, reserve = pick(ordered([scored(one, 100) for one in found]), 2)
    assert [one.candidate.key for one in picked] == ["a", "c"]
    assert reserve is not None
    assert reserve.candidate.key == "b"


def test_a_single_topic_has_no_reserve() -> None:
    assert pick([scored(a_candidate("a", "x", 1), None)], 1)[1] is None


def test_without_a_target_nothing_has_impact() -> None:
    assert scored(a_candidate("a", "x", 1e6), None).components["impact"] == 0


def test_questions_rotate_as_in_the_worked_example(example: Example) -> None:
    case = example("E6.02")
    inputs = case["inputs"]
    asked: list[str] = []
    for session in range(1, inputs["sessions"] + 1):
        variant = choose_variant(
            inputs["bank"],
            rep=inputs["rep_id"],
            slot=inputs["slot"],
            session=session,
            used=asked,
            exclude_last=inputs["exclude_last"],
        )
        asked.append(variant)
    assert asked == case["expected"]["sequence"]


def test_a_small_bank_still_gives_a_question() -> None:
    used = ["Q01", "Q02", "Q01"]
    assert choose_variant(["Q01", "Q02"], rep="r", slot="s", session=1, used=used) == "Q02"
    assert choose_variant(["Q01"], rep="r", slot="s", session=2, used=["Q01"]) == "Q01"


def test_minutes_are_divided_as_in_the_worked_example(example: Example) -> None:
    case = example("E6.05")
    for minutes in case["inputs"]["durations"]:
        boxes = time_boxes(minutes)
        assert [list(box) for box in boxes] == case["expected"][str(minutes)]
        assert sum(box for _, box in boxes) == case["expected"][f"{minutes}_sum"]


@pytest.mark.parametrize("minutes", [10, 20, 25, 45])
def test_another_length_is_scaled_and_adds_up(minutes: int) -> None:
    assert sum(box for _, box in time_boxes(minutes)) == minutes


def test_the_manager_s_sentences_are_timed_as_in_the_worked_example(example: Example) -> None:
    case = example("E6.03")
    inputs, expected = case["inputs"], case["expected"]
    assert script_budget(inputs["minutes"]) == pytest.approx(expected["script_budget_seconds"])
    for language in ("ja", "en"):
        seconds = reading_seconds(inputs[f"{language}_prompts"], language)
        assert seconds == pytest.approx(expected[f"{language}_seconds"], abs=1e-9)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_even_the_longest_questions_fit_the_manager_s_time(language: str) -> None:
    banks = words(language).texts["questions"]
    blocks = ("opening_win", "last_actions", "theme_hygiene", "obstacles_support", "next_actions")
    longest = [max(banks[block].values(), key=len) for block in blocks]
    assert reading_seconds(longest, language) <= script_budget(15)


def test_the_opening_fact_is_chosen_as_in_the_worked_example(example: Example) -> None:
    inputs = example("E6.06")["inputs"]
    usual = [Fact(**row) for row in inputs["candidates"]]
    third = [Fact(**row) for row in inputs["third_case_candidates"]]
    picks = []
    for found, last in zip((usual, usual, third), inputs["last_used"], strict=True):
        fact = choose_fact(found, tuple(last) if last else None, inputs["priority"])
        assert fact is not None
        picks.append([fact.type, fact.kpi])
    assert picks == example("E6.06")["expected"]["picks"]


def meetings(**fields: Any) -> dict[str, KpiValue]:
    value = example_value(**fields)
    return {value.kpi: value}


def example_value(**fields: Any) -> KpiValue:
    from datetime import date

    base: dict[str, Any] = {
        "person": "rep@example.com",
        "kpi": "meetings_held",
        "period_start": date(2026, 6, 1),
        "period_end": date(2026, 6, 30),
        "as_of": date(2026, 6, 14),
        "value": None,
        "numerator": None,
        "denominator": None,
        "n": 0,
        "value_status": ValueStatus.OK,
    }
    return KpiValue(**(base | fields))


def test_nothing_known_gives_no_fact() -> None:
    assert facts_of({}, []) == []
    assert choose_fact([], None) is None


def test_a_week_as_usual_is_no_praise_but_thanks() -> None:
    found = facts_of(meetings(last_week=3.0, usual=3.0), [])
    assert [one.type for one in found] == ["thanks"]


def test_a_difference_that_rounding_hides_is_no_fact() -> None:
    found = facts_of(meetings(last_week=3.0, usual=2.6), [])
    assert [one.type for one in found] == ["thanks"]


def test_beside_a_week_with_none_a_count_is_told_without_comparing() -> None:
    found = facts_of(meetings(last_week=1.0, usual=0.2), [])
    assert [one.type for one in found] == ["thanks"]


def test_a_better_week_is_effort_and_a_much_better_one_improvement() -> None:
    assert facts_of(meetings(last_week=4.0, usual=3.0), [])[0].type == "effort"
    assert facts_of(meetings(last_week=6.0, usual=3.0), [])[0].type == "improvement"
