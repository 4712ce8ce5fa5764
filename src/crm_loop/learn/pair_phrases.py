"""How 1on1s are going, in the words of whoever may read it; nothing where it is not asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_loop.learn.phrases import EVERYTHING, Reader, may_show, step_lines
from crm_loop.loop_records import (
    DECLINING,
    OFTEN,
    Commitment,
    Learned,
    PairRhythm,
    SessionQuality,
)
from crm_loop.statistics.guarded import half_up

#: A mean of fewer 1on1s would be about one of them.
MIN_SESSIONS = 4
#: Shares of few cases are told as so many of ten, never in per cent.
_TEN = 10


@dataclass(frozen=True, slots=True)
class Achieved:
    """Steps agreed and finished in the last weeks."""

    agreed: int = 0
    finished: int = 0


def is_shown(reader: Reader) -> bool:
    """Whether anything of this is shown at all in the profile."""
    return reader.profile == EVERYTHING


def pair_lines(
    name: str, one: PairRhythm, sessions: Sequence[SessionQuality], reader: Reader
) -> list[str]:
    """One pair for its manager: how often, how regularly, what fell out, and how good."""
    said = _said(reader)
    known = half_up(one.eligible * one.recorded) if one.recorded is not None else 0
    if one.adherence is None:
        lines = [said["unknown"].format(name=name, eligible=one.eligible)]
    else:
        held = half_up(known * one.adherence)
        lines = [said["met"].format(name=name, held=held, known=known, eligible=one.eligible)]
        lines += [said["gap"].format(streak=one.streak, days=one.max_gap_days)] * bool(
            one.max_gap_days
        )
    if one.called_off:
        lines.append(said["off"].format(n=one.called_off, m=one.by_manager))
    return lines + _quality([session.quality for session in sessions], said["quality"])


def own_lines(one: PairRhythm, sessions: Sequence[SessionQuality], reader: Reader) -> list[str]:
    """The own 1on1s, for the rep, whose own answers count in them."""
    said = _said(reader)
    lines = [said["streak"].format(streak=one.streak)] if one.streak else []
    lines += [said["off_own"].format(n=one.called_off)] if one.called_off else []
    lines += _quality([session.own for session in sessions], said["quality_own"])
    return lines or [said["nothing"]]


def card_lines(
    squeezed: Sequence[tuple[str, PairRhythm]],
    achieved: Achieved,
    learned: Sequence[Learned],
    reader: Reader,
) -> list[str]:
    """That time is getting short, where it does, and what past steps have come to."""
    if not squeezed:
        return []
    said, lines = _said(reader), [_said(reader)["card"]]
    for name, one in squeezed:
        if one.lately >= OFTEN:
            lines.append(said["card_off"].format(name=name, n=one.lately))
        if one.minutes == DECLINING:
            lines.append(said["card_shorter"].format(name=name))
    return lines + achieved_lines(achieved, learned, reader)


def squeezed_line(reader: Reader) -> str:
    """That time is getting short, without a word on whose."""
    text: str = _said(reader)["card"]
    return text


def achieved_lines(achieved: Achieved, learned: Sequence[Learned], reader: Reader) -> list[str]:
    """What steps of the last weeks have come to, and which kinds were followed by better weeks."""
    said, lines = _said(reader), []
    if achieved.finished:
        text = said["achieved"]
        lines.append(text.format(agreed=achieved.agreed, finished=achieved.finished))
    return lines + (step_lines(learned, reader) if may_show(learned, reader.profile) else [])


def commitment_lines(one: Commitment, reader: Reader) -> list[str]:
    """What a manager put in, part by part; nothing is said of what is not known."""
    said = _said(reader)
    known = [(name, share) for name, share in one.parts.items() if share is not None]
    lines = [said["parts"][name].format(n=half_up(_TEN * share)) for name, share in known]
    return lines or [said["nothing"]]


def _quality(found: Sequence[float | None], text: str) -> list[str]:
    known = [one for one in found if one is not None]
    if len(known) < MIN_SESSIONS:
        return []
    return [text.format(n=len(known), mean=half_up(sum(known) / len(known)))]


def _said(reader: Reader) -> Mapping[str, Any]:
    said: Mapping[str, Any] = reader.texts["pairs"]
    return said
