"""Every text people meet: well-formed, in both languages, fit to be said aloud."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from importlib.resources import files
from typing import Any

import pytest

from crm_loop.calendars import Period
from crm_loop.kpi.catalogue import catalogue
from crm_loop.wording import LANGUAGES, words
from crm_loop.wording.linter import Kind, is_open, jargon, lint, tone
from crm_loop.wording.numbers import Cases, Kpi, Money, Names

FACTS: dict[str, Any] = {
    "day": date(2026, 6, 16),
    "close": date(2026, 6, 5),
    "start": time(10),
    "end": time(10, 15),
    "total": 4,
    "usual": 3,
    "target": 12,
    "done": 2,
    "expected": "5",
    "middle": "10",
    "value": "4",
    "number": "1",
    "minutes": "2",
    "own": "3",
    "other": "12",
    "count": "8",
    "id": "a7f3",
    "mark": "x",
    "x": 2,
    "x_before": 5,
    "n_before": 14,
    "so_far": 42,
    "kpi": Kpi("meetings_held"),
    "deal": "opportunity",
    "old": Cases(12),
    "rule": "driver:proposal_win",
    "numbers": "x 2, n 12",
    "records": "salesforce:deal:1",
    "parts": "45",
    "mean": "4.2",
    "what": "45",
    "last": date(2026, 6, 30),
    "goal": Cases(9),
    "now": Cases(4),
    "url": "https://127.0.0.1/1",
    "period": Period(date(2026, 4, 1), date(2026, 6, 30), "quarter"),
}
OF_LANGUAGE: dict[str, dict[str, Any]] = {
    "ja": {
        "range": "7〜14",
        "money": Money(6e6, "JPY"),
        "size": Money(4e5, "JPY"),
        "before": Money(7e5, "JPY"),
        "quoted": "資料をA社に送る",
        "factor": "初回の面談の数",
        "said": "少し違う",
        "month": "5月",
        "line": "今月の面談：4件/目標12件。",
        "name": "佐藤さん",
        "rep": "田中さん",
        "manager": "佐藤さん",
        "first": "田中さん",
        "second": "佐藤さん",
        "customer": "青葉精機",
        "names": Names(("A社", "B社", "C社"), 3),
        "deals": "商談",
        "task": "ToDo",
        "crm": "HubSpot",
        "when": "先週",
        "left": "今月は残り11営業日",
        "why": "今月は残り11営業日のため",
        "purpose": "製造業のお客様に新しい足がかりをつくる",
        "example": "6/19（金）までに、A社の次回日程を決める",
        "text": "6/19（金）までに、A社の次回日程を決める",
        "state": "完了",
        "fact": "次の予定がまだ決まっていない商談が3件あります。",
    },
    "en": {
        "range": "7-14",
        "money": Money(6e6, "JPY"),
        "size": Money(4e5, "JPY"),
        "before": Money(7e5, "JPY"),
        "quoted": "Send the case studies to Acme",
        "factor": "the number of first meetings",
        "month": "May",
        "said": "partly",
        "line": "Customer meetings this month: 4 of 12.",
        "name": "Sato-san",
        "rep": "Tanaka-san",
        "manager": "Sato-san",
        "first": "Tanaka-san",
        "second": "Sato-san",
        "customer": "Acme",
        "names": Names(("A", "B", "C"), 3),
        "deals": "deals",
        "task": "task",
        "crm": "HubSpot",
        "when": "last week",
        "left": "11 working days left this month",
        "why": "11 working days left this month",
        "purpose": "a first foothold with manufacturers",
        "example": "fix the next date with Acme by Fri 19 June",
        "text": "Fix the next date with Acme by Fri 19 June",
        "state": "done",
        "fact": "Three deals have no next date yet.",
    },
}
SUBJECTS = ("memo.task", "overview.subject")


def leaves(texts: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Keys of single texts; one with two forms counts as one."""
    for name, value in texts.items():
        key = f"{path}{name}"
        if isinstance(value, Mapping) and set(value) != {"one", "other"}:
            yield from leaves(value, f"{key}.")
        else:
            yield key


def kind_of(key: str) -> Kind:
    if key in SUBJECTS:
        return Kind.SUBJECT
    return Kind.QUESTION if key.startswith("questions.") else Kind.LINE


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_keeps_the_house_style(language: str, n: int) -> None:
    facts = FACTS | OF_LANGUAGE[language] | {"n": n}
    broken = {
        key: found
        for key in leaves(words(language).texts)
        if (found := lint(words(language).say(key, **facts), language, kind_of(key)))
    }
    assert broken == {}


def test_both_languages_have_the_same_texts() -> None:
    japanese, english = (set(leaves(words(language).texts)) for language in LANGUAGES)
    assert japanese == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_bank_has_at_least_eight_variants(language: str) -> None:
    banks = words(language).texts["questions"]
    assert {name: len(bank) >= 8 for name, bank in banks.items()} == dict.fromkeys(banks, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_bank_asks_the_same_twice(language: str) -> None:
    for bank in words(language).texts["questions"].values():
        assert len(set(bank.values())) == len(bank)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_stands_in_two_banks(language: str) -> None:
    asked = [text for bank in words(language).texts["questions"].values() for text in bank.values()]
    assert sorted(asked) == sorted(set(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_leaves_the_answer_to_the_other_one(language: str) -> None:
    banks = words(language).texts["questions"].values()
    asked = [text for bank in banks for text in bank.values()]
    assert [text for text in asked if not is_open(text)] == []


def test_japanese_signs_are_full_width() -> None:
    texts = files("crm_loop.wording").joinpath("ja.toml").read_text("utf-8")
    signs = {
        sign: sign in texts for sign in "\uff1f\uff08\uff09\uff1a\u30fb\u301c\u3001\u3002\u25bc"
    }
    assert signs == dict.fromkeys(signs, True)


@pytest.mark.parametrize("look_alike", ["\uff5e", "\uff0c", "\uff0e", "\uff65", "\u2013"])
def test_japanese_has_no_look_alike_signs(look_alike: str) -> None:
    texts = files("crm_loop.wording").joinpath("ja.toml").read_text("utf-8")
    assert look_alike not in texts


def test_english_is_plain_ascii() -> None:
    assert files("crm_loop.wording").joinpath("en.toml").read_text("utf-8").isascii()


def test_an_unknown_language_reads_english() -> None:
    assert [words(tag).language for tag in ("ja", "ja_JP", "en-GB", "fr")] == [
        "ja",
        "ja",
        "en",
        "en",
    ]


def test_a_count_chooses_singular_or_plural() -> None:
    english = words("en")
    assert english.say("nouns.deal.other", n=1) == "deal"
    assert (
        english.say("theme.left", n=8, period="this month") == "eight working days left this month"
    )
    assert (
        english.say("theme.next_step_more", n=2, deals="deals")
        == "Besides, two deals have no next date yet."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kpi_has_a_name_that_people_say_in_a_talk(language: str) -> None:
    names = {id_: words(language).say(f"kpi.{id_}") for id_ in catalogue()}
    assert len(set(names.values())) == len(names)
    banned = [name for name in names.values() for word in jargon(language) if re.search(word, name)]
    assert banned == []
    assert not [name for name in names.values() if tone(name)]
