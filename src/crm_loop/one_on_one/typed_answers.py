"""Lines typed into a record's fields that belong behind another line of its memo; pure.

A record has few fields. What a person would have written behind a line of the memo stands in one
of them, begun with the words of that line: a step that is looked back at, or a line to fill in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crm_loop.loop_records import Action
from crm_loop.one_on_one.answers import meant, open_ones
from crm_loop.one_on_one.last import line_begins
from crm_loop.one_on_one.lines import bare, behind, same
from crm_loop.wording import Words

_APART = re.compile(r"\s*(?:[：:→]|->)\s*")
#: Less of a step's words than this share may as well be another step for the same customer.
NAMES_FROM = 0.5
_SIGNS = " 　:：→>-、,。"


@dataclass(frozen=True, slots=True)
class Apart:
    """What was typed, by the memo's line that it belongs behind; `left` belongs to its field."""

    left: Sequence[str]
    behind: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    general: Sequence[str] = ()


def apart(lines: Sequence[str], memo: str, words: Words, reviewed: Sequence[Action]) -> Apart:
    """Tell what a field's lines are about; `reviewed` are the steps that the memo looks back at."""
    steps, labels = open_ones(reviewed), _labels(memo)
    last = same(words.say("blocks.last_actions"))
    left: list[str] = []
    found = Apart(left=left)
    general: list[str] = []
    for line in lines:
        head, rest = _split(line)
        named = _step_of(line, head, steps)
        if named is not None:
            found.answers.setdefault(named[0].id, []).append(named[1])
        elif rest and bare(head) in labels:
            found.behind.setdefault(labels[bare(head)], []).append(rest)
        elif rest and same(head) == last and meant(reviewed) is not None:
            general.append(rest)
        else:
            left.append(line)
    return Apart(left, found.behind, found.answers, general)


def with_answers(memo: str, told: Sequence[Apart], words: Words, reviewed: Sequence[Action]) -> str:
    """The memo with the answers behind the lines of their steps, or below their heading."""
    waiting = {one.id: " ".join(_of(told, one.id)) for one in reviewed if _of(told, one.id)}
    begins = {one.id: line_begins(one, words) for one in reviewed}
    done: list[str] = []
    heading = None
    for line in memo.split("\n"):
        if re.match(r"\d\.", same(line)) and same(words.say("blocks.last_actions")) in same(line):
            heading = len(done)
        id_ = next((i for i in waiting if same(line).startswith(same(begins[i]))), None)
        done.append(f"{line} {waiting.pop(id_)}" if id_ is not None else line)
    if heading is not None:
        # Steps that the memo has summed up, and what is said of the one that it asks about.
        below = [line for one in told for line in one.general]
        below += [f"{begins[id_]} {text}" for id_, text in waiting.items()]
        done[heading + 1 : heading + 1] = [f" {line}" for line in below]
    return "\n".join(done)


def _of(told: Sequence[Apart], id_: str) -> list[str]:
    return [text for one in told for text in one.answers.get(id_, ())]


def _labels(memo: str) -> dict[str, str]:
    """Lines to fill in by what they are called, without their hints."""
    lines = (line.strip() for line in memo.split("\n"))
    fields = (line for line in lines if line.endswith((":", "：")))
    return {re.split(r"[(:]", bare(line))[0]: line for line in fields}


def _split(line: str) -> tuple[str, str]:
    head, *rest = _APART.split(line.lstrip("▼> "), maxsplit=1)
    return re.sub(r"[（(][^）)]*[）)]\s*$", "", head), rest[0].strip() if rest else ""


def _step_of(line: str, head: str, steps: Sequence[Action]) -> tuple[Action, str] | None:
    """The one step that the line begins with, or most of whose words stand before a colon."""
    for step, text in _by_length(steps):
        if same(line).startswith(same(text)):
            rest = behind(line, len(same(text))).strip(_SIGNS)
            return (step, rest) if rest else None
    _, *after = _APART.split(line, maxsplit=1)
    rest = after[0].strip() if after else ""
    named = {step.id: step for step, text in _by_length(steps) if _is_most(same(head), same(text))}
    return (next(iter(named.values())), rest) if rest and len(named) == 1 else None


def _by_length(steps: Sequence[Action]) -> Iterator[tuple[Action, str]]:
    worded = [(step, text) for step in steps for text in step.wordings]
    return iter(sorted(worded, key=lambda one: -len(one[1])))


def _is_most(head: str, text: str) -> bool:
    return bool(head) and head in text and len(head) >= NAMES_FROM * len(text)
