"""What became of what was agreed, one line each; pure."""

import re
from collections.abc import Sequence

from crm_loop.loop_records import Action, ActionStatus, Origin
from crm_loop.one_on_one.phrases import shortened
from crm_loop.wording import Words
from crm_loop.wording.vague import lacking

#: More lines than this are summed up.
LINES = 3
LONGEST_TEXT = {"ja": 40, "en": 80}

#: So many open steps at once go well.
AT_ONCE = 3
#: A promise is quoted inside a sentence; its own to-do says for whom it is.
PROMISES = 2
LONGEST_PROMISE = {"ja": 24, "en": 48}
#: So is what somebody said of a step.
LONGEST_SAID = {"ja": 16, "en": 36}
_FOR_WHOM = re.compile(r"\s*[（(][^（）()]*[)）]$")

DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
_OVER = (*DONE, ActionStatus.DROPPED, ActionStatus.WITHDRAWN)
_RESIZE_AT, _HELP_AT = 1, 2
_SAID = {
    ActionStatus.WITHDRAWN: "last.withdrawn",
    ActionStatus.DROPPED: "last.dropped",
    ActionStatus.OPEN: "last.open",
}


def last_lines(
    actions: Sequence[Action], words: Words, *, most: int = LINES, short: bool = False
) -> list[str]:
    """One line an action, oldest first; what is too many becomes one line.

    `short` leaves out what is offered beside the state.
    """
    if most == 1 and len(actions) > 1:
        return [_summed(actions, words, "last.summary")]
    shown = actions if len(actions) <= most else actions[: most - 1]
    lines = [_line(action, words, short=short) for action in shown]
    rest = actions[len(shown) :]
    if rest:
        lines.append(_summed(rest, words, "last.more"))
    return lines


def _summed(actions: Sequence[Action], words: Words, key: str) -> str:
    """How many of several are done, as a person says it where it is all of them or none."""
    done = sum(action.status in DONE for action in actions)
    some = "_none" if done == 0 else "_some"
    # The verb goes with how many are done.
    n = len(actions) if done in (0, len(actions)) else done
    ending = "_all" if done == len(actions) else some
    return words.say(f"{key}{ending}", n=n, total=len(actions))


def many_line(actions: Sequence[Action], words: Words) -> list[str]:
    """That more is open than goes well at once; told, and nothing is refused."""
    open_ = sum(action.status not in _OVER for action in actions)
    return [words.say("last.many", n=open_)] if open_ > AT_ONCE else []


def promise_lines(actions: Sequence[Action], words: Words, manager: str) -> list[str]:
    """What the manager had promised, a line each, as far as there is room."""
    return [
        words.say(
            "last.promise",
            manager=manager,
            text=shortened(without_whom(action.text), LONGEST_PROMISE[words.language]),
            state=_state(action, words, short=True),
        )
        for action in actions[:PROMISES]
    ]


def without_whom(text: str) -> str:
    """A promise without the name of the rep it was made to."""
    return _FOR_WHOM.sub("", text)


def _line(action: Action, words: Words, *, short: bool) -> str:
    text = shortened(action.text, LONGEST_TEXT[words.language])
    return words.say("last.line", text=text, state=_state(action, words, short=short))


def line_begins(action: Action, words: Words) -> str:
    """The line of an action up to what is said of its state."""
    text = shortened(action.text, LONGEST_TEXT[words.language])
    return words.say("last.line", text=text, state="").rstrip()


def _state(action: Action, words: Words, *, short: bool) -> str:
    counted = action.on_time + action.late
    if action.status in DONE:
        return words.say("last.done_seen" if action.seen and not short else "last.done")
    if action.status in _SAID and not (action.status is ActionStatus.OPEN and action.first_target):
        return words.say(_SAID[action.status], day=action.due)
    if action.said:
        return _heard(action, words, short=short)
    if 0 < counted < action.verify.target:
        return words.say("last.part", n=counted, target=action.verify.target)
    return words.say("last.running" if short else _not_yet(action))


def _heard(action: Action, words: Words, *, short: bool) -> str:
    """What its owner said of it, rather than the same offer again."""
    if action.first_target is not None:
        return words.say("last.resized", n=action.verify.target, day=action.due)
    if short:
        return words.say("last.running")
    latest = action.said.rpartition("\n")[2]
    return words.say("last.said", said=shortened(latest, LONGEST_SAID[words.language]))


def _not_yet(action: Action) -> str:
    """Nothing is said the first week; then smaller steps, then help are offered.

    Of a step typed in vague words it is said before that what would make it clear.
    """
    if action.carry_count >= _HELP_AT:
        return "last.help"
    lacks = lacking(action.text) if action.origin is Origin.REP else ()
    if action.deal is not None:
        # What is about one deal needs no number.
        lacks = tuple(one for one in lacks if one != "number")
    if lacks:
        return f"last.vague_{'_'.join(lacks)}"
    return "last.smaller" if action.carry_count >= _RESIZE_AT else "last.running"
