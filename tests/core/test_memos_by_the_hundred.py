"""Many generated memos of both languages: tone, time, language, variety, and true figures."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import memo_world
import pytest
import samples

from crm_loop.loop_records import Agenda, Insight, KpiValue, TargetProposal, Topic
from crm_loop.one_on_one.boxes import fits, reading_seconds
from crm_loop.one_on_one.gather import deals_of
from crm_loop.one_on_one.why import why_lines
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.wording import words
from crm_loop.wording.linter import Kind, jargon, lint
from crm_loop.wording.numbers import Money, count, money, whole

#: Reps and weeks of a default run, and so many that there are a thousand memos a language.
FEW, MANY = (16, 7), (250, 8)
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
THREE_LATIN_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z']{2,}){2,}")
ENOUGH_OPEN = 0.8


@dataclass(frozen=True, slots=True)
class Pile:
    """Memos week by week, and what the store holds for them."""

    memos: list[Agenda]
    values: dict[tuple[str, str], list[KpiValue]]
    insights: dict[tuple[str, str], list[Insight]]
    proposals: dict[tuple[str, str], list[TargetProposal]]
    amounts: dict[str, float]
    needs: dict[tuple[str, str], float]
    crm_words: tuple[str, ...]


def piled(reps: int, weeks: int, profile: str = "standard") -> Pile:
    with samples.store() as begin:
        world = memo_world.build(begin, reps=reps, profile=profile)
        pile = Pile([], {}, {}, {}, {}, {}, crm_words(world))
        for week in memo_world.weeks(weeks):
            memo_world.find(world, week)
            pile.memos.extend(memo_world.prepared(world, week))
            with begin(memo_world.ORGANISATION) as state:
                remember(state, week, world.sunday(week), pile)
    return pile


def remember(state: State, week: str, day: date, pile: Pile) -> None:
    for value in state.figures.values(day):
        pile.values.setdefault((value.person, week), []).append(value)
    for insight in state.insights.of(day):
        pile.insights.setdefault((insight.person, week), []).append(insight)
    for proposal in state.insights.proposals(day):
        pile.proposals.setdefault((proposal.person, week), []).append(proposal)
    for _, deal in state.crm.read(Subject.DEALS):
        pile.amounts[f"{week}:{deal.id}"] = float(deal.amount or 0)
    members = [one for one in state.people.members() if one.manager]
    deals = deals_of(state, state.connections.organisation(), members, day)
    for value in state.figures.values(day):
        if value.kpi == "bookings" and value.target:
            own = [one for one in deals.get(value.person, []) if one.close_date is not None]
            near = (one.at_stake for one in own if one.close_date <= value.period_end)
            pile.needs[value.person, week] = value.target - (value.value or 0.0) - sum(near)


def crm_words(world: memo_world.World) -> tuple[str, ...]:
    """What stands in the CRM and is quoted as it is: names, customers, steps."""
    customers = [one for names in memo_world.CUSTOMERS.values() for one in names]
    steps = [
        text.format(c=customer)
        for texts in memo_world.STEPS.values()
        for text in texts
        for customer in customers
    ]
    people = [part for name in memo_world.ENGLISH for part in (name, *name.split())]
    return tuple(sorted([*steps, *customers, *people, *memo_world.FAMILY], key=len, reverse=True))


@pytest.fixture(scope="module", params=[FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=str)
def pile(request: Any) -> Pile:
    return piled(*request.param)


def unquoted(text: str, pile: Pile, agenda: Agenda) -> str:
    """Text without what is quoted of the CRM."""
    for word in pile.crm_words:
        text = text.replace(word, "")
    # A step beyond its length is quoted shortened.
    return re.sub(r"\S[^\n]*…", "", text)


def parts(agenda: Agenda) -> tuple[str, str]:
    """The manager's copy: the memo in the manager's language, and what is only the manager's."""
    memo, mark, own = agenda.manager_text.partition(
        "\n――" if "\n――" in agenda.manager_text else "\n-- "
    )
    return memo, mark + own


def test_there_are_all_kinds_of_themes(pile: Pile) -> None:
    codes = {one.theme.code for one in pile.memos if one.theme}
    assert len(codes) >= 10


def test_each_memo_keeps_tone_form_and_length(pile: Pile) -> None:
    broken = [
        (found, one.text)
        for one in pile.memos
        if (found := lint(one.text, one.language, Kind.MEMO))
    ]
    assert broken == []


def test_the_manager_s_own_part_keeps_tone_and_form_too(pile: Pile) -> None:
    for one in pile.memos:
        _, own = parts(one)
        manager = "ja" if own.startswith("\n――") else "en"
        assert lint(unquoted(own, pile, one), manager) == [], own


def test_reading_every_question_takes_a_third_of_the_manager_s_time_at_most(pile: Pile) -> None:
    for one in pile.memos:
        asked = [prompt.text for block in one.blocks for prompt in block.prompts]
        _, own = parts(one)
        manager = "ja" if own.startswith("\n――") else "en"
        rungs = [re.split(r"[：:] ?", line, maxsplit=1)[1] for line in own.splitlines()
                 if line.endswith(("？", "?"))]  # fmt: skip
        seconds = reading_seconds(asked, one.language) + reading_seconds(rungs, manager)
        assert fits(seconds, one.minutes), one.manager_text


def test_nearly_all_questions_are_open(pile: Pile) -> None:
    for one in pile.memos:
        prompts = [prompt for block in one.blocks for prompt in block.prompts]
        assert sum(prompt.open for prompt in prompts) >= ENOUGH_OPEN * len(prompts)


def test_no_sentence_of_ours_mixes_languages(pile: Pile) -> None:
    for one in pile.memos:
        copy, own = parts(one)
        manager = "ja" if own.startswith("\n――") else "en"
        for text, language in ((one.text, one.language), (copy + own, manager)):
            plain = unquoted(text, pile, one)
            wrong = THREE_LATIN_WORDS if language == "ja" else JAPANESE
            assert not wrong.search(plain), (wrong.search(plain), text)


def test_no_question_comes_again_within_six_1on1s(pile: Pile) -> None:
    asked: dict[str, list[list[str]]] = {}
    for one in pile.memos:
        texts = [prompt.text for block in one.blocks for prompt in block.prompts]
        lately = [text for talk in asked.get(one.rep, [])[-6:] for text in talk]
        assert len(texts) == len(set(texts))
        assert not set(texts) & set(lately), (one.rep, one.week)
        asked.setdefault(one.rep, []).append(texts)


NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:万|億| million| billion)?")
SMALL = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
         "seven": "7", "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip


def numbers_in(text: str) -> set[str]:
    """Every number of a text as digits, with its unit of money."""
    spelt = re.sub(
        r"(?i)\b(" + "|".join(SMALL) + r")\b(?! in)", lambda m: SMALL[m[0].lower()], text
    )
    return set(NUMBER.findall(spelt))


def said(value: float, language: str) -> set[str]:
    """The ways in which a number of the store may be written."""
    forms = numbers_in(count(abs(whole(value)), "ja"))
    return forms | (
        numbers_in(money(Money(abs(value), "JPY"), language)) if abs(value) >= 1 else set()
    )


def known_numbers(agenda: Agenda, pile: Pile) -> set[str]:
    here = agenda.rep, agenda.week
    numbers: list[float] = []
    for value in pile.values.get(here, []):
        shown = (value.value, value.target, value.expected_to_date, value.usual, value.last_week,
                 value.numerator, value.denominator, *(value.projection or ()))  # fmt: skip
        numbers += [float(one) for one in shown if one is not None]
        if value.target and value.denominator:
            wanted = value.target * value.denominator
            numbers += [float(-(-wanted // 1)), float(wanted // 1)]
    for insight in pile.insights.get(here, []):
        facts = insight.facts
        numbers += [float(one) for one in facts.values() if isinstance(one, int | float)]
        if facts.get("n") and facts.get("n_before"):
            before = facts["x_before"] / facts["n_before"]
            numbers += [facts["x"] / facts["n"], before, before * facts["n"]]
    numbers += [one.old for one in pile.proposals.get(here, [])]
    numbers += [pile.needs[here]] if here in pile.needs else []
    for topic in topics_of(agenda):
        # What the topic itself says of its numbers is no evidence for them.
        amounts = [pile.amounts.get(f"{agenda.week}:{ref.id}", 0.0) for ref in topic.records]
        numbers += [len(topic.records), sum(amounts), *amounts]
    return {form for one in numbers for lang in ("ja", "en") for form in said(one, lang)}


def topics_of(agenda: Agenda) -> list[Topic]:
    """Those of the memo, and the one that waits in the manager's copy."""
    topics = [topic for block in agenda.blocks for topic in block.topics]
    return topics + ([agenda.reserve] if agenda.reserve else [])


def figures_of(agenda: Agenda, pile: Pile) -> set[str]:
    """Numbers in facts about the work: not those of days, minutes and steps."""
    opening = next(block.fact for block in agenda.blocks if block.code == "opening_win")
    topics = topics_of(agenda)
    progress = [line for line in agenda.text.splitlines()
                if re.match(r"今月の面談|Customer meetings this|進行中の|Open ", line)]  # fmt: skip
    quoted = [topic.fact for topic in topics] + [topic.reason for topic in topics]
    text = unquoted("\n".join([opening, *quoted, *progress]), pile, agenda)
    text = re.sub(r"前回決めた.*|.*we agreed last time.*|Why this one", "", text)
    text = re.sub(r"残り\d+営業日|今期（[^）]*）|\d+/\d+（.）(の週)?", "", text)
    days = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
    text = re.sub(rf"\w+ working days? left[^\n]*|{days} \d+ \w+", "", text)
    text = re.sub(r"\w+ weeks? since|決めてから\d+週", "", text)
    return numbers_in(text)


def test_every_figure_stands_in_the_store(pile: Pile) -> None:
    checked = 0
    for one in pile.memos:
        figures = figures_of(one, pile)
        assert figures <= known_numbers(one, pile), (figures - known_numbers(one, pile), one.text)
        checked += len(figures)
    assert checked > len(pile.memos)


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_every_rule_and_number_behind_a_topic_has_words(pile: Pile, language: str) -> None:
    shown = {topic.rule: topic for one in pile.memos for topic in topics_of(one)}
    assert len(shown) >= 12
    foreign = re.compile(r"[a-z_]{3,}") if language == "ja" else JAPANESE
    for topic in shown.values():
        plain = replace(topic, fact="", records=())
        said = "\n".join(why_lines(plain, words(language), parts=True)).replace("1on1", "")
        assert not foreign.search(said.replace(topic.rule, "")), said
        named = [line for line in said.splitlines() if f"{topic.code} (" in line]
        assert not named, said


def test_chances_are_told_to_those_only_who_have_asked_for_them(pile: Pile) -> None:
    chances = [topic for one in pile.memos for topic in topics_of(one) if "p" in topic.numbers]
    assert chances
    for topic in chances:
        for language, said in (("ja", "確からしさ"), ("en", "how sure")):
            assert said not in "".join(why_lines(topic, words(language), parts=False))
            assert said in "".join(why_lines(topic, words(language), parts=True))


def made_up(agenda: Agenda) -> Agenda:
    """The same memo with one more number in its theme, of which the topic says that it is so."""

    def wrong(topic: Topic) -> Topic:
        return replace(
            topic, fact=f"{topic.fact} 7777", numbers=dict.fromkeys(topic.numbers, 7777.0)
        )

    blocks = [replace(b, topics=tuple(map(wrong, b.topics))) for b in agenda.blocks]
    return replace(agenda, blocks=tuple(blocks))


def test_a_figure_that_is_made_up_is_noticed_in_every_kind_of_theme(pile: Pile) -> None:
    first: dict[str, Agenda] = {}
    for one in pile.memos:
        if one.theme:
            first.setdefault(one.theme.code, one)
    assert len(first) >= 6
    for one in first.values():
        wrong = made_up(one)
        assert "7777" in figures_of(wrong, pile) - known_numbers(wrong, pile), one.theme


def test_the_same_store_gives_the_same_memos() -> None:
    first, second = (piled(12, 3).memos for _ in range(2))
    assert [(one.text, one.manager_text) for one in first] == [
        (one.text, one.manager_text) for one in second
    ]


@pytest.mark.parametrize("size", [(16, 3), pytest.param((100, 5), marks=pytest.mark.slow)], ids=str)
def test_starter_texts_have_no_jargon_and_no_shares(size: tuple[int, int]) -> None:
    for one in piled(*size, profile="starter").memos:
        for text in (one.text, one.manager_text):
            every = (word for lang in ("ja", "en") for word in jargon(lang))
            hits = [word for word in every if re.search(word, text, re.IGNORECASE)]
            assert not hits, text
            assert not re.search(r"%|\d\.\d+ ?(件|社|人|deals?|meetings?)", text)


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_the_samples_are_what_the_command_writes(language: str) -> None:
    kept = {path.name: path.read_text("utf-8") for path in samples.FOLDER.glob(f"*.{language}.txt")}
    assert kept == samples.samples(language)


def test_the_ladder_goes_from_what_there_is_to_what_would_help() -> None:
    (one, *_) = piled(2, 1).memos
    theme = next(block for block in one.blocks if block.code == "theme")
    assert [id_.partition(".")[0] for id_ in theme.ladder] == list(words("ja").texts["rungs"])
