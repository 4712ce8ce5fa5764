"""The draft of one 1on1: theme, opening and questions, before anything is written; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Block,
    Prompt,
    RecordRef,
    Talk,
    Template,
    Topic,
)
from crm_loop.one_on_one.answers import asked_about
from crm_loop.one_on_one.attention import FIGURE
from crm_loop.one_on_one.boxes import fits, reading_seconds, whole_minutes
from crm_loop.one_on_one.flagging import Flagged, flag_lines
from crm_loop.one_on_one.opening import choose_fact, facts_of
from crm_loop.one_on_one.phrases import aside_of, example_of, opening_of, topic_of
from crm_loop.one_on_one.questions import LADDER, choose_variant
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import FAMILIES, Situation
from crm_loop.one_on_one.template import boxes_for, own_question, themes
from crm_loop.one_on_one.theme import Choice, choose_theme, past_of
from crm_loop.wording import Words, words
from crm_loop.wording.linter import is_open, tone

_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a draft is made of. `past` are the rep's earlier 1on1s, latest first.

    `crm` is the kind of CRM the rep works in, `other` where it is more than one. In a CRM that
    is not `private` only such facts open the talk as can be said without a figure. `session` is
    the number of this 1on1; `template` is an admin's plan for the rep's role; `flagged` are
    figures the rep said are wrong, since the last one; `look_back` is the line about a month that
    is over.
    """

    rep: str
    manager_name: str
    minutes: int
    words: Words
    crm: str
    situation: Situation
    private: bool
    past: Sequence[Talk]
    reviewed: Sequence[Action]
    example_day: date
    session: int = 1
    template: Template | None = None
    flagged: Sequence[Flagged] = ()
    look_back: str = ""

    @cached_property
    def used(self) -> Mapping[str, Sequence[str]]:
        return used_before(self.past)


@dataclass(frozen=True, slots=True)
class Document:
    blocks: Sequence[Block]
    reserve: Topic | None
    opening: tuple[str, str] | None
    choice: Choice


def draft(table: Table, choice: Choice | None = None) -> Document:
    """Choose the theme, then an opening that does not say the same, then the questions.

    A choice that was made already is said in the table's language.
    """
    if choice is None:
        room = themes(table.template, table.minutes)
        choice = choose_theme(table.situation, past_of(table.past), minutes=room)
    else:
        choice = _said_here(choice, table)
    opening, first = _opening(table, choice)
    topics = [topic_of(one, table.words, table.crm) for one in choice.picked]
    made = {
        "opening_win": first,
        "last_actions": _last(table),
        "theme": _theme(table, topics[0], choice),
        "theme2_growth": _about("theme2_growth", table, topics[-1], choice.picked[-1].candidate),
        "obstacles_support": _block("obstacles_support", "obstacles_support", table),
        "next_actions": _next(table, choice),
    }
    boxes = boxes_for(table.template, table.minutes)
    if len(topics) == 1:
        boxes.pop("theme2_growth", None)
    boxes["theme"] += table.minutes - whole_minutes(list(boxes.items()))
    blocks = _budgeted(
        [replace(made[code], minutes=minutes) for code, minutes in boxes.items()], table
    )
    waiting = choice.reserve
    reserve = None if waiting is None else topic_of(waiting, table.words, table.crm)
    return Document(blocks, reserve, opening if "opening_win" in boxes else None, choice)


def _said_here(choice: Choice, table: Table) -> Choice:
    """The same topics; what the last week is called is all that a language changes in them."""

    def here(one: Candidate) -> Candidate:
        if "when" not in one.facts:
            return one
        return replace(one, facts={**one.facts, "when": table.situation.last_week})

    waiting = choice.reserve
    return Choice(
        picked=[replace(one, candidate=here(one.candidate)) for one in choice.picked],
        reserve=replace(waiting, candidate=here(waiting.candidate)) if waiting else None,
        aside=choice.aside,
    )


#: Which questions go first when reading them would take the manager too long.
_SPARED = ("theme2_growth", "opening_win", "last_actions")


def _budgeted(blocks: Sequence[Block], table: Table) -> tuple[Block, ...]:
    """Blocks whose questions can be read in the manager's share of the time."""
    kept = list(blocks)
    for code in _SPARED:
        texts = [prompt.text for block in kept for prompt in block.prompts]
        if fits(reading_seconds(texts, table.words.language), table.minutes):
            break
        kept = [replace(one, prompts=()) if one.code == code else one for one in kept]
    return tuple(kept)


def _opening(table: Table, choice: Choice) -> tuple[tuple[str, str] | None, Block]:
    last = next((one.opening for one in table.past), None)
    same = {one.candidate.kpi for one in choice.picked if one.candidate.code == "T12"}
    found = [
        fact
        for fact in facts_of(table.situation.values, table.reviewed, table.situation.insights)
        if fact.kpi not in same | table.situation.resting
        and (table.private or fact.type == "action_done")
    ]
    fact = choose_fact(found, last)
    if fact is None:
        return None, _block("opening_win", "opening_neutral", table)
    said, plain = opening_of(fact, table.words, table.situation.last_week)
    block = _block("opening_win", "opening_win", table, fact=said, plain_fact=plain)
    return (fact.type, fact.kpi), block


def _last(table: Table) -> Block:
    """What was agreed, and first of all what became of a figure that the rep says is wrong."""
    records = tuple(ref for one in table.flagged for ref in one.records)
    lines = [line for one in table.flagged for line in flag_lines(one, table.words)]
    lines += filter(None, [table.look_back])
    return replace(
        _block("last_actions", _last_bank(table), table, lines=tuple(lines)), records=records
    )


def _last_bank(table: Table) -> str:
    if not table.reviewed:
        return "last_none"
    if asked_about(table.reviewed) is not None:
        return "last_reason"
    done = any(action.status in _DONE for action in table.reviewed)
    return "last_actions" if done else "last_open"


def _theme(table: Table, topic: Topic, choice: Choice) -> Block:
    aside = choice.aside
    block = _about("theme", table, topic, choice.picked[0].candidate)
    if aside is None:
        return block
    line = aside_of(aside, table.words, table.crm)
    figure = RecordRef(connection="", object=FIGURE, id=aside.kpi or "")
    return replace(block, lines=(line,), records=(*aside.records, figure))


#: Topics whose family's questions would suppose the contrary.
_OWN_QUESTIONS = {
    "target_low": "theme_target_low",
    "activity_kpi": "theme_activity_kpi",
    "share_connect_rate": "theme_activity_kpi",
    "share_open_touch_rate": "theme_hygiene",
    "share_single_threaded_rate": "theme_contacts",
}


def _about(code: str, table: Table, topic: Topic, candidate: Candidate) -> Block:
    bank = _OWN_QUESTIONS.get(candidate.text, f"theme_{FAMILIES[topic.code]}")
    said = {"fact": topic.fact, "plain_fact": topic.plain_fact}
    block = _block(code, bank, table, **said, topics=(topic,))
    return replace(block, ladder=_ladder(table)) if code == "theme" else block


def _ladder(table: Table) -> tuple[str, ...]:
    """One question a rung, from what there is down to what would help."""
    return tuple(f"{bank}.{_variant(bank, table)}" for bank in LADDER)


def _next(table: Table, choice: Choice) -> Block:
    first = choice.picked[0].candidate
    example = example_of(first, table.words, table.example_day, table.manager_name, table.crm)
    return _block("next_actions", "next_actions", table, fact=example, plain_fact=example)


def _block(
    code: str,
    bank: str,
    table: Table,
    *,
    fact: str = "",
    plain_fact: str = "",
    lines: Sequence[str] = (),
    topics: Sequence[Topic] = (),
) -> Block:
    return Block(
        code=code,
        minutes=0,
        fact=fact,
        plain_fact=plain_fact,
        lines=lines,
        prompts=(_own_prompt(code, table) or _prompt(bank, table),),
        topics=topics,
    )


def _own_prompt(code: str, table: Table) -> Prompt | None:
    """An admin's question in place of the bank's."""
    text = own_question(table.template, code, table.words.language)
    return Prompt(id=f"own.{code}", text=text, open=is_open(text)) if text else None


def _prompt(bank: str, table: Table) -> Prompt:
    variant = _variant(bank, table)
    text = table.words.bank(bank)[variant].format(manager=table.manager_name)
    return Prompt(id=f"{bank}.{variant}", text=text, open=is_open(text))


def _variant(bank: str, table: Table) -> str:
    return choose_variant(
        _fit_to_ask(table.words.language, bank),
        rep=table.rep,
        slot=bank,
        session=table.session,
        used=table.used.get(bank, ()),
    )


@cache
def _fit_to_ask(language: str, bank: str) -> Sequence[str]:
    """A question that breaks the tone is never asked, whoever wrote it into the bank."""
    return tuple(id_ for id_, text in words(language).bank(bank).items() if not tone(text))


def used_before(past: Sequence[Talk]) -> dict[str, list[str]]:
    """Variants that were asked, by bank, oldest first."""
    found: dict[str, list[str]] = {}
    for id_ in (id_ for one in reversed(past) for id_ in one.asked):
        bank, _, variant = id_.partition(".")
        found.setdefault(bank, []).append(variant)
    return found
