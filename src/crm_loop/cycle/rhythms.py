"""How 1on1s are going, put together for one reader from what was learned of the last weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm_loop.access.reading import Desk, Printer
from crm_loop.access.rhythms import Going, going_of
from crm_loop.calendars import monday_of, week_of
from crm_loop.learn.pair_phrases import (
    Achieved,
    achieved_lines,
    card_lines,
    commitment_lines,
    is_shown,
    own_lines,
    pair_lines,
    squeezed_line,
)
from crm_loop.learn.phrases import Reader
from crm_loop.loop_records import Member, SessionQuality
from crm_loop.setup.starting import notice_of
from crm_loop.store import State
from crm_loop.wording.names import called

#: As far back as what is learned of pairs goes.
WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Lines for one reader; `below` are managers whom this one leads, each with the own lines.

    `is_on` is False where the profile shows nothing of this, `week` the last one that is in it.
    """

    is_on: bool
    week: str | None = None
    card: Sequence[str] = ()
    pairs: Sequence[Sequence[str]] = ()
    own: Sequence[str] = ()
    put_in: Sequence[str] = ()
    below: Sequence[tuple[str, Sequence[str]]] = field(default_factory=tuple)


def told(
    state: State, reader: Desk | Printer, words: Reader, members: Mapping[str, Member], today: date
) -> Told:
    """What one person reads of it; nothing is learned for it."""
    week = state.learnings.last_week()
    if not is_shown(words) or week is None:
        return Told(is_on=is_shown(words), week=week)
    since = week_of(monday_of(week) - timedelta(weeks=WEEKS - 1))
    notice = notice_of(state)
    noticed = notice is not None and notice.day <= today
    going = going_of(reader, since, noticed=noticed)
    table = _Table(state, words, members, since, going)
    me = reader.person if isinstance(reader, Desk) else None
    return Told(
        is_on=True,
        week=week,
        card=table.card(),
        pairs=table.pairs(),
        own=table.own(),
        put_in=[line for one in going.commitments if one.manager == me
                for line in commitment_lines(one, words)],
        below=[(table.name(one.manager), table.below(one.manager)) for one in going.commitments
               if one.manager != me],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Table:
    """What lines are made of."""

    state: State
    words: Reader
    members: Mapping[str, Member]
    since: str
    going: Going

    def name(self, person: str) -> str:
        member = self.members.get(person)
        return called(member, self.words.language) if member else "–"

    def card(self) -> list[str]:
        short = [one for one in self.going.led if one.is_squeezed]
        named = [(self.name(one.rep), one) for one in short]
        reps = [one.rep for one in self.going.led]
        learned = self.state.learnings.learned()
        return card_lines(named, self._achieved(reps), learned, self.words)

    def pairs(self) -> list[list[str]]:
        return [
            pair_lines(self.name(one.rep), one, self._sessions(one.rep), self.words)
            for one in self.going.led
        ]

    def own(self) -> list[str]:
        one = self.going.own
        return own_lines(one, self._sessions(one.rep), self.words) if one else []

    def below(self, manager: str) -> list[str]:
        """A manager's own part, for who leads that manager; none of the pairs is named."""
        (one,) = (found for found in self.going.commitments if found.manager == manager)
        lines = commitment_lines(one, self.words)
        if manager not in self.going.squeezed:
            return lines
        reps = [found.person for found in self.members.values() if found.manager == manager]
        learned = self.state.learnings.learned()
        past = achieved_lines(self._achieved(reps), learned, self.words)
        return [squeezed_line(self.words), *past, *lines]

    def _sessions(self, rep: str) -> list[SessionQuality]:
        return [one for one in self.going.sessions if one.rep == rep]

    def _achieved(self, reps: Sequence[str]) -> Achieved:
        weeks = self.state.views.weeks(self.since, reps).values()
        return Achieved(sum(one.agreed for one in weeks), sum(one.finished for one in weeks))
