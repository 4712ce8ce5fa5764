"""Three taps and a line: what the two enter about a 1on1 elsewhere than in its memo.

What is entered counts like a line typed into the memo, and settles with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Agenda, Capture, CaptureKind
from crm_loop.store import Begin

#: As long as a line of a memo can sensibly be.
LONGEST = 200
RESPONSES = ("listen", "think_together", "advice")
#: Of these there is one; a later one takes the place of the one before.
_SINGLE = (CaptureKind.HELD, CaptureKind.TOPIC, CaptureKind.RESPONSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody enters about the 1on1 of a rep in a week."""

    rep: str
    week: str
    by: str
    kind: CaptureKind
    text: str = ""


def capture(begin: Begin, organisation: str, entry: Entry, *, at: datetime) -> Capture | None:
    """Keep the entry; None where it says nothing new. WrongUsage for one that cannot be kept."""
    text = " ".join(entry.text.split())
    if len(text) > LONGEST:
        raise WrongUsage(
            f"The line has more than {LONGEST} characters.",
            code="capture.long",
            kept="Nothing was changed.",
            do="Make it shorter; one line is enough.",
        )
    if (not text and entry.kind is not CaptureKind.HELD) or not _known(entry.kind, text):
        return None
    made = Capture(
        id=uuid4().hex,
        rep=entry.rep,
        week=entry.week,
        by=entry.by,
        kind=entry.kind,
        text=text,
        at=at,
    )
    with begin(organisation) as state:
        there = state.captures.of(entry.rep, entry.week)
        if any(one.kind is made.kind and one.text == made.text for one in there):
            return None
        for one in there:
            if one.kind is made.kind and made.kind in _SINGLE:
                state.captures.remove(one.id, by=one.by)
        state.captures.add([made])
    return made


def with_entered(agenda: Agenda, entered: Sequence[Capture]) -> Agenda:
    """The agenda with what was entered; a line that stands in the memo too stands there once."""
    return replace(
        agenda,
        next_steps=_joined(agenda.next_steps, _texts(entered, CaptureKind.STEP)),
        asked=_joined(agenda.asked, _texts(entered, CaptureKind.ASKED)),
        rep_topic=_last(entered, CaptureKind.TOPIC) or agenda.rep_topic,
        wanted_response=_last(entered, CaptureKind.RESPONSE) or agenda.wanted_response,
    )


def without_entered(agenda: Agenda, entered: Sequence[Capture]) -> Agenda:
    """What of a settled agenda came out of the memo itself."""
    steps = set(_texts(entered, CaptureKind.STEP))
    asked = set(_texts(entered, CaptureKind.ASKED))
    return replace(
        agenda,
        next_steps=tuple(one for one in agenda.next_steps if one not in steps),
        asked=tuple(one for one in agenda.asked if one not in asked),
    )


def _known(kind: CaptureKind, text: str) -> bool:
    return kind is not CaptureKind.RESPONSE or text in RESPONSES


def _texts(entered: Sequence[Capture], kind: CaptureKind) -> list[str]:
    return [one.text for one in entered if one.kind is kind]


def _last(entered: Sequence[Capture], kind: CaptureKind) -> str:
    return next(iter(_texts(entered, kind)[::-1]), "")


def _joined(known: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))
