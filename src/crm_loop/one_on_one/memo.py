"""The memo as a rep reads it, and the manager's copy of it; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    Block,
    Felt,
    Suggestion,
    SuggestionState,
    Topic,
)
from crm_loop.one_on_one.boxes import MANAGER_SHARE, fits, reading_seconds
from crm_loop.one_on_one.last import LINES, last_lines, many_line, promise_lines
from crm_loop.wording import Words
from crm_loop.wording.linter import MEMO_LINES, MEMO_SIZE, ours, size_of
from crm_loop.wording.numbers import whole

_INDENT = {"ja": " ", "en": "  "}
#: What is left out first, in this order, where a memo would grow too long.
(
    NO_ASIDES,
    NO_EXAMPLE,
    NO_PURPOSE,
    SHORT_STATES,
    FEWER_LINES,
    ONE_LINE,
    ONE_REASON,
    NO_HINT,
) = range(1, 9)

#: In which a suggestion stands in the memo; the others are the manager's only.
SHARED = (SuggestionState.LET_THROUGH, SuggestionState.TAKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything a memo is written from, for one reader.

    `private`: only rep, manager and administrators (and those `above`) can open it; otherwise
    it carries no figures. `as_of` is None while figures are missing. `brief` says how much is
    left out already. `rebook` leads to another time, where the last ones did not take place;
    empty where the CRM has no address for that. `beside`: the memo stands in an object of ours,
    where nobody changes its text and everybody writes into fields and a list beside it.
    """

    agenda: Agenda
    words: Words
    rep: str
    manager: str
    time_zone: str
    crm: str
    private: bool
    above: bool = False
    beside: bool = False
    purpose: str = ""
    as_of: date | None = None
    reviewed: Sequence[Action] = ()
    promised: Sequence[Action] = ()
    first_time: bool = False
    rebook: str | None = None
    suggestions: Sequence[Suggestion] = ()
    progress: str = ""
    asks_go_on: bool = False
    brief: int = 0

    @property
    def figures(self) -> bool:
        """Whether it speaks in figures: few can read it, and they are complete."""
        return self.private and self.as_of is not None


def subject_of(sheet: Sheet) -> str:
    start = _local(sheet)
    return sheet.words.say("memo.task", day=start.date(), start=start.time(), name=sheet.manager)


def text_of(sheet: Sheet) -> str:
    """The memo; what is said least is left out first where it would grow too long."""
    text = ""
    for brief in range(NO_HINT + 1):
        text = "\n".join(_lines(replace(sheet, brief=brief)))
        if _fits(text, sheet.words.language):
            break
    return text


def _fits(text: str, language: str) -> bool:
    lines = ours(text)
    return len(lines) <= MEMO_LINES and size_of(lines, language) <= MEMO_SIZE[language]


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from _head(sheet)
    for number, block in enumerate(sheet.agenda.blocks, 1):
        yield _heading(sheet, block, number)
        indent = _INDENT[sheet.words.language]
        for line in filter(None, _inside(sheet, block)):
            yield f"{indent}{line}"
        for prompt in block.prompts:
            yield f"{indent}{sheet.words.say('memo.question', text=prompt.text)}"
        for line in _besides(sheet, block):
            yield f"{indent}{line}"
    yield sheet.words.say("memo.agreed")
    if sheet.progress and sheet.private:
        yield sheet.progress
    yield _readers(sheet)


def _head(sheet: Sheet) -> Iterator[str]:
    words, start = sheet.words, _local(sheet)
    yield words.say(
        "memo.title",
        rep=sheet.rep,
        manager=sheet.manager,
        day=start.date(),
        start=start.time(),
        end=(start + timedelta(minutes=sheet.agenda.minutes)).time(),
    )
    if sheet.agenda.state is AgendaState.SKIPPED:
        yield words.say("memo.off")
    elif sheet.purpose and sheet.brief < NO_PURPOSE:
        yield words.say("memo.purpose", purpose=sheet.purpose)
    yield _dated(sheet)
    if sheet.rebook is not None and sheet.brief < NO_PURPOSE:
        key = "memo.rebook" if sheet.rebook else "memo.rebook_plain"
        yield words.say(key, url=sheet.rebook)
    yield words.say("memo.from_rep", rep=sheet.rep)
    # Only where a figure seems to say why is the rep asked whether that is so.
    theme = sheet.agenda.theme
    felt = ("felt",) if theme is not None and theme.driver and sheet.figures else ()
    going_on = ("go_on",) if sheet.asks_go_on else ()
    for field in ("went_well", "topic", "response", *felt, *going_on):
        yield f"{_INDENT[words.language]}{words.say(f'memo.{field}')}"


def _dated(sheet: Sheet) -> str:
    if not sheet.private:
        return sheet.words.say("memo.beside" if sheet.beside else "memo.editable")
    if sheet.as_of is None:
        return sheet.words.say("memo.no_figures")
    return sheet.words.say("memo.as_of_beside" if sheet.beside else "memo.as_of", day=sheet.as_of)


def _heading(sheet: Sheet, block: Block, number: int) -> str:
    words = sheet.words
    name = words.say(f"blocks.{block.code}")
    heading = words.say("memo.block", number=str(number), name=name, minutes=str(block.minutes))
    tail = _tail(sheet, block)
    between = " " if words.language == "ja" else "  "
    return f"{heading}{between}{tail}" if tail else heading


def _tail(sheet: Sheet, block: Block) -> str:
    words = sheet.words
    if block.code == "theme" and sheet.brief < NO_ASIDES:
        return words.say("tails.theme", rep=sheet.rep)
    if block.code == "obstacles_support" and sheet.brief < NO_HINT:
        return words.say("tails.support")
    if block.code == "next_actions":
        if _shared(sheet):
            task = words.say(f"nouns.task.{sheet.crm}")
            tail = "tails.steps_listed" if sheet.beside else "tails.steps"
            return words.say(tail, rep=sheet.rep, task=task)
        if sheet.brief < NO_EXAMPLE:
            return words.say("tails.next", example=block.fact)
    return ""


def _inside(sheet: Sheet, block: Block) -> Iterator[str]:
    if block.code == "opening_win":
        yield block.fact if sheet.private else block.plain_fact
    elif block.code == "last_actions":
        yield from block.lines if sheet.figures else ()
        yield from _last(sheet)
    elif block.code == "next_actions":
        for one in _shared(sheet):
            yield sheet.words.say("memo.step", text=one.text)
    else:
        for topic in block.topics:
            whole_topic = block.code == "theme" or sheet.brief < ONE_REASON
            yield from list(_topic(sheet, topic))[: 2 if whole_topic else 1]


def _besides(sheet: Sheet, block: Block) -> Sequence[str]:
    """What is said beside the theme, below its question so that the two stay together."""
    told = block.code == "theme" and sheet.figures and sheet.brief < NO_ASIDES
    return block.lines if told else ()


def _topic(sheet: Sheet, topic: Topic) -> Iterator[str]:
    yield topic.fact if sheet.figures else topic.plain_fact
    yield topic.reason if sheet.figures else topic.plain_reason


def _last(sheet: Sheet) -> Sequence[str]:
    promised = promise_lines(sheet.promised, sheet.words, sheet.manager)
    if not sheet.reviewed:
        first = "last.first_time" if sheet.first_time else "last.nothing"
        return promised or [sheet.words.say(first)]
    most = 1 if sheet.brief >= ONE_LINE else LINES - (sheet.brief >= FEWER_LINES)
    short = sheet.brief >= SHORT_STATES
    many = many_line(sheet.reviewed, sheet.words) if sheet.brief < NO_ASIDES else []
    lines = last_lines(sheet.reviewed, sheet.words, most=most, short=short)
    return [*lines, *many, *promised]


def _shared(sheet: Sheet) -> list[Suggestion]:
    return [one for one in sheet.suggestions if one.state in SHARED and not one.of_manager]


def _readers(sheet: Sheet) -> str:
    words, short = sheet.words, sheet.agenda.key[4:8]
    if not sheet.private:
        return words.say("memo.readers_open", crm=words.say(f"crm.{sheet.crm}"), id=short)
    names = words.say("memo.names", first=sheet.rep, second=sheet.manager)
    key = "memo.readers_above" if sheet.above else "memo.readers"
    return words.say(key, names=names, id=short)


def _local(sheet: Sheet) -> datetime:
    return sheet.agenda.starts_at.astimezone(ZoneInfo(sheet.time_zone))


@dataclass(frozen=True, slots=True)
class ManagerNames:
    """How both are called in the manager's language."""

    manager: str
    rep: str


def manager_text_of(
    text: str,
    agenda: Agenda,
    suggestions: Sequence[Suggestion],
    words: Words,
    names: ManagerNames,
    felt: Felt | None = None,
    *,
    complete: bool = True,
) -> str:
    """The same memo, and below it what only the manager sees.

    `felt` is what the rep said of last time's theme, where that was no. Where figures are not
    `complete` the topic in reserve is told without them as well.
    """
    own = whole(agenda.minutes * MANAGER_SHARE)
    lines = [
        text,
        words.say("manager.heading", manager=names.manager, rep=names.rep),
        words.say(
            "manager.time",
            manager=names.manager,
            rep=names.rep,
            own=str(own),
            other=str(agenda.minutes - own),
        ),
    ]
    if felt is not None:
        lines.append(words.say("manager.felt_no", rep=names.rep))
    if agenda.reserve is not None:
        waiting = agenda.reserve
        fact = waiting.fact if complete else waiting.plain_fact
        lines.append(words.say("manager.reserve", fact=fact))
    lines += _ladder(agenda, words)
    if suggestions:
        lines.append(words.say("manager.steps"))
        lines += [step_of(one, words, "manager.step") for one in suggestions]
    return "\n".join(lines)


def _ladder(agenda: Agenda, words: Words) -> list[str]:
    """Questions that lead deeper, as many as the manager's share of the time has room for."""
    asked = [prompt.text for block in agenda.blocks for prompt in block.prompts]
    used = reading_seconds(asked, agenda.language)
    lines: list[str] = []
    for id_ in (id_ for block in agenda.blocks for id_ in block.ladder):
        bank, _, variant = id_.partition(".")
        question = words.bank(bank).get(variant, "")
        used += reading_seconds([question], words.language)
        if not question or not fits(used, agenda.minutes):
            break
        lines.append(words.say("manager.rung", name=words.say(f"rungs.{bank}"), text=question))
    return [words.say("manager.ladder"), *lines] if lines else []


def step_of(one: Suggestion, words: Words, key: str) -> str:
    """A suggestion as the manager sees it, marked where it stands in the memo."""
    mark = "x" if one.state in SHARED else " "
    return words.say(key, mark=mark, text=one.to_manager)
