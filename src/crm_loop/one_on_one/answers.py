"""What people wrote beside the steps that a memo looks back at; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from crm_loop.loop_records import Action, ActionStatus, Answer
from crm_loop.one_on_one.last import line_begins
from crm_loop.one_on_one.lines import BULLETS, begun, behind, lines_of, same
from crm_loop.wording import Words

#: After the first look back at it, what kept a step from being done is asked once.
ASKED_AT = 1
#: Nothing is asked about what is over.
_OVER = (
    ActionStatus.DONE,
    ActionStatus.DONE_LATE,
    ActionStatus.DROPPED,
    ActionStatus.WITHDRAWN,
)
_HEADING = re.compile(r"\d\.")


def asked_about(reviewed: Sequence[Action]) -> Action | None:
    """The step whose owner is asked what keeps it, in this one memo; nobody is asked twice."""
    return next(
        (
            one
            for one in reviewed
            if one.status not in _OVER and one.carry_count == ASKED_AT and not one.said
        ),
        None,
    )


def open_ones(reviewed: Sequence[Action]) -> list[Action]:
    """Steps of which something may still be said."""
    return [one for one in reviewed if one.status not in _OVER]


def meant(reviewed: Sequence[Action]) -> Action | None:
    """The step that an answer is about which names none."""
    open_ = open_ones(reviewed)
    return asked_about(open_) or (open_[0] if len(open_) == 1 else None)


def answers(wrote: str, now: str, words: Words, reviewed: Sequence[Action]) -> tuple[Answer, ...]:
    """What stands now behind or below the line of each step, or the question about it."""
    open_ = open_ones(reviewed)
    said: dict[str, list[str]] = {}
    for action, text in _said(wrote, now, words, open_):
        said.setdefault(action, []).append(text)
    return tuple(Answer(action, " ".join(texts)) for action, texts in said.items())


def _said(wrote: str, now: str, words: Words, open_: Sequence[Action]) -> Iterator[tuple[str, str]]:
    known = {same(line): line for line in lines_of(wrote)}
    # A step may have other words by now than when the memo was written.
    begins = {
        same(line_begins(replace(one, text=text), words)): one.id
        for one in open_
        for text in reversed(one.wordings)
    }
    asked = meant(open_)
    name = same(words.say("blocks.last_actions"))
    inside, here = False, ""
    for line in lines_of(now):
        plain = same(line)
        if _HEADING.match(plain):
            inside, here = plain[2:].startswith(name), ""
        if not inside or _HEADING.match(plain):
            continue
        place, text = _of_line(line, known, begins)
        if place:
            here = place
        elif asked is not None and (here == "" or place is not None):
            # What stands behind or below the question is about the step that it asks about.
            here = asked.id
        if text and here:
            yield here, text


def _of_line(
    line: str, known: Mapping[str, str], begins: Mapping[str, str]
) -> tuple[str | None, str]:
    """Which step's line it is, if any ("" for another line of ours), and what is typed in it."""
    plain = same(line)
    begin = max((one for one in begins if plain.startswith(one)), key=len, default="")
    ours = begun(plain, known)
    if begin:
        typed = behind(line, len(ours if ours.startswith(begin) else begin))
        return begins[begin], typed.strip()
    if ours:
        return "", behind(line, len(ours)).strip()
    return None, BULLETS.sub("", line).strip()
