"""Every insight can be said in both languages, in the tone that people are owed."""

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crm_loop.kpi.causes import FACTORS
from crm_loop.kpi.evaluation import PARTIAL
from crm_loop.kpi.measures.summed import DECIDED, MONEY, NO_DAY, NO_STAGE, QUALIFIED
from crm_loop.kpi.profiles import RULE_SWITCH, SWITCHES, shows_rule
from crm_loop.kpi.sentences import sentence, templates, warned
from crm_loop.kpi.target_reviews import team_view
from crm_loop.loop_records import Form, Insight
from crm_loop.wording.linter import lint

FACTS = {
    "x": 2.0, "n": 12.0, "now": 4.0, "usual": 3.0, "then": 5.0, "score": 98.3, "share": 0.5,
    "median": 62.5, "least": 5, "cases": 12, "targets": 20, "out_of_reach": 3, "goal": 9,
    "kpi": "win_rate", "kpis": 9, "attainers": [0.1, 0.2, 0.7],
    "sure": 3, "likely": 2, "times": 1.23,
    "brier": 0.213, "points": 12.4, "aim": 6.0, "stretch": 9.0, "promised": 0.6, "reached": 0.25,
    "required": {"wins": 3}, "flags": ["stale", "overdue"], "direction": "improving",
}  # fmt: skip
KPI = Path(__file__).parents[2] / "src" / "crm_loop" / "kpi"
#: Said of a machine's figures, to those who look after them.
KINDS = sorted(templates()["ja"])


def an_insight(key: str) -> Insight:
    rule, _, rest = key.partition(".")
    driver, _, form = rest.partition(".")
    return Insight(
        person="anna@example.com", as_of=date(2026, 6, 14), rule=rule, driver=driver,
        form=Form(form or "stated"), facts=FACTS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "facts", "variant"),
    [
        ("speed_to_lead", {"median": float("inf")}, "speed_to_lead.unanswered"),
        ("requirement", {"required": {"wins": None}}, "requirement.unknown"),
        ("requirement", {"required": {}}, "requirement.unknown"),
        ("requirement", {"required": {"wins": 0}}, "requirement.covered"),
    ],
)
def test_a_number_that_is_none_is_not_said(
    rule: str, facts: dict[str, object], variant: str
) -> None:
    one = replace(an_insight(rule), facts=facts)
    for language in ("ja", "en"):
        assert sentence(one, language) == templates()[language][variant]


@pytest.mark.parametrize(
    ("driver", "direction", "words"),
    [
        ("win_rate", "declining", "下がっています"),
        ("sales_cycle_days", "declining", "長くなっています"),
        ("sales_cycle_days", "improving", "よい方向"),
    ],
)
def test_a_trend_of_days_that_grow_is_not_told_as_one_that_falls(
    driver: str, direction: str, words: str
) -> None:
    one = replace(an_insight("trend"), driver=driver, facts={"direction": direction})
    assert words in sentence(one, "ja")
    assert ("longer" in sentence(one, "en")) == (words == "長くなっています")


def test_warnings_are_told_by_kind_with_how_many_records_they_are_about() -> None:
    given = ["missing_amount:d1", "missing_amount:d2", "partial_data:d3", "of_tomorrow:d4"]
    told = warned(given, "ja")
    assert [text for text in told if "金額のない案件が2件" in text] == told[:1]
    assert "1件" in told[2]
    # A code that nobody has put into words is not kept back.
    assert told[1] == "of_tomorrow"
    assert len(warned(given, "en")) == 3


def test_every_code_of_a_warning_is_put_into_words() -> None:
    codes = {
        *MONEY, *DECIDED, *QUALIFIED, *NO_DAY, *NO_STAGE, "negative_cycle", PARTIAL,
    }  # fmt: skip
    for language in ("ja", "en"):
        assert {f"warning.{code}" for code in codes} <= set(templates()[language])


def test_how_many_reach_their_targets_is_one_number_not_the_chances_of_each() -> None:
    setting = SimpleNamespace(as_of=date(2026, 6, 14), targets={}, reps=[
        SimpleNamespace(person=f"{n}@example.com", manager="boss@example.com") for n in range(4)
    ])  # fmt: skip
    values = {
        (rep.person, "bookings"): SimpleNamespace(p_attain=p)
        for rep, p in zip(setting.reps, (0.9, 0.8, 0.4, 0.1), strict=True)
    }
    (found,) = team_view(cast("Any", setting), cast("Any", values))
    assert sentence(found, "ja") == "チームの目標4件のうち、いまの見込みで届くのは2件ほどです。"
    assert "about 2 of the team's 4" in sentence(found, "en")


def test_numbers_are_counted_in_words_that_hold_beyond_nine() -> None:
    assert [text for text in templates()["ja"].values() if "}つ" in text] == []


def constants(tree: ast.Module) -> dict[str, str]:
    """Names of a module that stand for a text."""
    found: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for name, value in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
                    found[name.id] = str(value.value)
    return found


def rules_of(tree: ast.Module) -> set[str]:
    """The rules that a module concludes by: what it hands over as `rule`."""
    known = constants(tree)
    defined = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    places = {
        one.name: names.index("rule")
        for one in defined
        if "rule" in (names := [arg.arg for arg in one.args.args])
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        given = [one.value for one in node.keywords if one.arg == "rule"]
        place = places.get(node.func.id)
        given += [node.args[place]] if place is not None and place < len(node.args) else []
        for one in given:
            if isinstance(one, ast.Constant):
                found.add(str(one.value))
            elif isinstance(one, ast.Name) and one.id in known:
                found.add(known[one.id])
    return found


def emitted() -> set[str]:
    trees = [ast.parse(file.read_text("utf-8")) for file in sorted(KPI.glob("*.py"))]
    return {rule for tree in trees for rule in rules_of(tree)}


def test_every_rule_that_concludes_anything_has_its_sentence() -> None:
    rules = emitted()
    # What is looked for is found: a rule of each kind of place.
    assert {"driver", "trend", "requirement", "team_targets", "missing_data", "yomi"} <= rules
    for language in ("ja", "en"):
        said = {key.partition(".")[0] for key in templates()[language]}
        assert rules - said == set()


def test_both_languages_say_the_same_things() -> None:
    assert set(templates()["ja"]) == set(templates()["en"])


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("key", KINDS)
def test_a_sentence_keeps_to_tone_and_form(key: str, language: str) -> None:
    text = sentence(an_insight(key), language)
    assert "{" not in text
    broken = [one for one in lint(text, language) if one.rule != "jargon"]
    assert broken == []


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("form", ["stated", "asked"])
def test_every_driver_has_a_statement_and_a_question(factor: str, form: str) -> None:
    text = sentence(an_insight(f"driver.{factor}.{form}"), "en")
    assert text.endswith("?") == (form == "asked")


def test_a_rule_is_shown_by_a_switch_that_exists() -> None:
    assert set(RULE_SWITCH.values()) <= set(SWITCHES)
    assert shows_rule("full", "quadrant")
    assert not shows_rule("starter", "quadrant")
    assert shows_rule("starter", "deal_risk")


def test_a_smaller_profile_never_shows_more() -> None:
    for shown in SWITCHES.values():
        assert shown["starter"] <= shown["standard"] <= shown["full"]
