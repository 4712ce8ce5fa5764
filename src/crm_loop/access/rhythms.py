"""Who reads how 1on1s are going: the pair each its own part, a manager's manager the manager's.

A rep is not told how much was recorded; a manager never gets what a rep answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_loop.access.privacy import Item, Reader, Shown, shown
from crm_loop.access.reading import Desk, Printer
from crm_loop.loop_records import Commitment, PairRhythm, SessionQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What one reader gets: own pairs led, the own 1on1s as a rep, managers and their teams.

    `sessions` are those of the pairs that may be read; in those of `own` the rep's answers count.
    `squeezed` are managers whose pairs find less time than before.
    """

    led: Sequence[PairRhythm] = ()
    own: PairRhythm | None = None
    sessions: Sequence[SessionQuality] = ()
    commitments: Sequence[Commitment] = ()
    squeezed: Sequence[str] = ()


def going_of(reader: Desk | Printer, since: str, *, noticed: bool) -> Going:
    """What somebody may read of how 1on1s are going; sessions since a week.

    `noticed`: everybody was told, with a date, that managers' managers read commitment.
    """
    learnings = reader.state.learnings
    rhythms, sessions = learnings.rhythms(), learnings.sessions(since)
    commitments = learnings.commitments()
    if isinstance(reader, Printer):
        plain = [replace(one, own=None) for one in sessions]
        return Going(led=rhythms, sessions=plain, commitments=commitments)
    mine = [_for_the_rep(one) for one in rhythms if one.rep == reader.person]
    is_told = shown(Item.RHYTHM, Reader.REP) is Shown.PART
    told = [one for one in commitments if _may_read(reader, one.manager, noticed=noticed)]
    managers = {one.manager for one in told}
    squeezed = {one.manager for one in rhythms if one.is_squeezed and one.manager in managers}
    return Going(
        led=[one for one in rhythms if _leads(reader, one.rep, one.manager)],
        own=mine[0] if mine and is_told else None,
        sessions=[one for found in sessions if (one := _session(reader, found)) is not None],
        commitments=told,
        squeezed=sorted(squeezed - {reader.person}),
    )


def _for_the_rep(one: PairRhythm) -> PairRhythm:
    """Without what nobody recorded, and without whose doing it was: that is the manager's."""
    return replace(one, recorded=None, adherence=None, by_manager=0, lately=0, minutes=None)


def _leads(reader: Desk, rep: str, manager: str) -> bool:
    """Whether somebody led these 1on1s and leads the rep still."""
    is_manager = reader.stands_to(rep) is Reader.MANAGER and reader.person == manager
    return is_manager and shown(Item.RHYTHM, Reader.MANAGER) is Shown.ALL


def _session(reader: Desk, one: SessionQuality) -> SessionQuality | None:
    if reader.stands_to(one.rep) is Reader.REP:
        return one if shown(Item.OWN_QUALITY, Reader.REP) is Shown.ALL else None
    return replace(one, own=None) if _leads(reader, one.rep, one.manager) else None


def _may_read(reader: Desk, manager: str, *, noticed: bool) -> bool:
    how = shown(Item.COMMITMENT, reader.stands_to(manager))
    return how is Shown.ALL or (how is Shown.NOTICED and noticed)
