"""A memo that stands in an object of ours, with what people typed into the fields beside it; pure.

The fields are put where the memo asks for the same, so that a memo is read in one way only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from crm_loop.loop_records import Action
from crm_loop.one_on_one.typed_answers import Apart, apart, with_answers
from crm_loop.wording import Words

#: What a rep can choose, in our words; who wants a decision wants to hear an opinion.
_RESPONSES = {
    "listen": "listen",
    "think_along": "think_together",
    "advice": "advice",
    "decision": "advice",
}
_HAS_DAY = re.compile(r"\d+[/／月]\d+|\d+\s+[A-Z][a-z]+|[月火水木金土日]曜|tomorrow|明日|今日")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What people typed; `dismissed` and `added` are topics by their titles."""

    topic: str = ""
    response: str = ""
    step: str = ""
    due: date | None = None
    support: str = ""
    dismissed: Sequence[str] = ()
    added: Sequence[str] = ()


def filled(memo: str, fields: Fields, words: Words, reviewed: Sequence[Action] = ()) -> str:
    """The memo as if everything had been typed into it.

    A line that begins with a step that the memo looks back at (`reviewed`), or with a line of it
    that is to be filled in, belongs there.
    """
    told = {
        name: apart(_lines(text), memo, words, reviewed)
        for name, text in (
            ("topic", fields.topic),
            ("step", fields.step),
            ("support", fields.support),
        )
    }
    left = {name: "\n".join(one.left) for name, one in told.items()}
    dated = fields.due is not None and not left["step"] and bool(told["step"].answers)
    if dated:
        # The day beside an answer is the day that it asks for.
        told["step"] = _with_day(told["step"], fields, words)
    own = replace(fields, **left, due=None if dated else fields.due)
    behind = [one.behind for one in told.values()]
    return with_answers(_written(memo, own, words, behind), list(told.values()), words, reviewed)


def _with_day(told: Apart, fields: Fields, words: Words) -> Apart:
    return replace(
        told,
        answers={
            id_: [_by_day(one, fields, words) for one in texts]
            for id_, texts in told.answers.items()
        },
    )


def _written(
    memo: str, fields: Fields, words: Words, more: Sequence[Mapping[str, Sequence[str]]]
) -> str:
    lines: list[str] = []
    waiting: list[str] = []
    for line in memo.split("\n"):
        if _is_turned_down(line, fields, words):
            continue
        typed = [text for one in more for text in one.get(line.strip(), ())]
        whole = " ".join([_completed(line, fields, words), *typed])
        lines += [whole, *waiting, *_below(line, fields, words)]
        # What belongs to a question stands below it, and the question below its heading.
        asked = words.say("blocks.obstacles_support") in line
        waiting = [f" {one}" for one in _lines(fields.support)] if asked else []
    return "\n".join([*lines, *waiting])


def _is_turned_down(line: str, fields: Fields, words: Words) -> bool:
    steps = (words.say("memo.step", text=one) for one in fields.dismissed)
    return line.strip() in {one.strip() for one in steps}


def _completed(line: str, fields: Fields, words: Words) -> str:
    """A line that ends in a colon, with what belongs behind it."""
    said = {
        words.say("memo.topic"): _one_line([fields.topic, *fields.added]),
        words.say("memo.response"): _response(fields, words),
    }
    typed = said.get(line.strip(), "")
    between = "" if words.language == "ja" else " "
    return f"{line.rstrip()}{between}{typed}" if typed else line


def _below(line: str, fields: Fields, words: Words) -> list[str]:
    """What is typed right below a line: agreed steps, or that a theme can wait."""
    if line.strip() == words.say("memo.agreed"):
        return _steps(fields, words)
    if line.strip() and line.strip() in fields.dismissed:
        return [f" {words.say('marks.next_time')}"]
    return []


def _response(fields: Fields, words: Words) -> str:
    name = _RESPONSES.get(fields.response)
    return words.say(f"responses.{name}") if name else ""


def _steps(fields: Fields, words: Words) -> list[str]:
    """Typed steps, each with its day."""
    return [_by_day(one, fields, words) for one in _lines(fields.step)]


def _by_day(text: str, fields: Fields, words: Words) -> str:
    if fields.due is None or _HAS_DAY.search(text):
        return text
    return words.say("memo.step_by", day=fields.due, text=text)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _one_line(texts: Sequence[str]) -> str:
    return " ".join(line for text in texts for line in _lines(text))
