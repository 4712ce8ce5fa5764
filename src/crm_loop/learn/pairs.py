"""How regularly each pair met, as far as anything is known of it; pure."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar, monday_of, on_leave, week_of
from crm_loop.learn.rhythm import Week, rhythm_of
from crm_loop.loop_records import Agenda, AgendaState, Member, PairRhythm
from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.trend import trend_of

#: Adherence is that of the last weeks; a streak may be longer.
RECENT, LONGEST = 8, 52
#: What is called off again and again is so within four weeks.
LATELY = 4
#: Away for so many business days makes a week without a 1on1 nobody's doing.
LEAVE_DAYS = 3
#: With less known than this share nothing is said: silence must not make a pair look good.
RECORDED_FROM = 0.6

#: Nothing is known of what became of these.
_UNRECORDED = frozenset({AgendaState.DRAFT, AgendaState.READY, AgendaState.NOT_RECORDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A rep and a manager with their calendars, and the rep's agendas by week."""

    rep: Member
    manager: Member
    calendars: tuple[BusinessCalendar, BusinessCalendar]
    agendas: Mapping[str, Agenda]


def pair_rhythm(pair: Pair, week: str) -> PairRhythm:
    """Up to that week; a week of which nothing was recorded is in no ratio, and told beside it.

    A 1on1 that was called off, or somebody's day off, is neither held nor missed: such a week
    counts as nothing, as if it had offered none.
    """
    weeks = [one for one in _weeks(pair, week) if not _is_skipped(pair, one.week)]
    eligible = [one for one in weeks[-RECENT:] if one.eligible]
    known = [one for one in eligible if _is_recorded(pair, one.week)]
    share = len(known) / len(eligible) if eligible else None
    enough = share is not None and at_least(share, RECORDED_FROM)
    recorded = [one for one in weeks if _is_recorded(pair, one.week)]
    off = [pair.agendas[one] for one in _last(week, RECENT) if _is_skipped(pair, one)]
    by_manager = [one.week for one in off if one.off_by == pair.manager.person]
    return PairRhythm(
        rep=pair.rep.person,
        manager=pair.manager.person,
        week=week,
        eligible=len(eligible),
        recorded=share,
        adherence=rhythm_of(known).adherence if enough else None,
        streak=rhythm_of(recorded).current_streak,
        max_gap_days=_max_gap(pair),
        called_off=len(off),
        by_manager=len(by_manager),
        lately=len({*by_manager} & {*_last(week, LATELY)}),
        minutes=trend_of(_minutes(pair, week), higher_is_better=True).label,
    )


def talk_weeks(pair: Pair, week: str) -> list[tuple[str, bool]]:
    """The weeks that offered a 1on1 and whether one was held, as far as that is known.

    Without one are weeks in which it was called off or none was prepared; of a prepared one that
    nobody recorded nothing is known.
    """
    known = [one for one in _weeks(pair, week) if one.eligible]
    return [
        (one.week, one.held > 0)
        for one in known
        if one.week not in pair.agendas or _is_recorded(pair, one.week)
    ]


def _last(week: str, count: int) -> list[str]:
    monday = monday_of(week)
    return [week_of(monday - timedelta(weeks=n)) for n in range(count)]


def _minutes(pair: Pair, week: str) -> list[float | None]:
    """How long the 1on1s of the last weeks were, oldest first; None where none was held."""
    talks = [pair.agendas.get(one) for one in reversed(_last(week, RECENT))]
    held = (one if one and one.state is AgendaState.HELD else None for one in talks)
    return [float(one.minutes) if one else None for one in held]


def _weeks(pair: Pair, until: str) -> list[Week]:
    """From the pair's first prepared 1on1 on."""
    first = min((week for week in pair.agendas if week <= until), default=None)
    if first is None:
        return []
    last = monday_of(until)
    count = min(LONGEST, (last - monday_of(first)).days // 7 + 1)
    return [_week(pair, last - timedelta(weeks=count - 1 - n)) for n in range(count)]


def _week(pair: Pair, monday: date) -> Week:
    days = [monday + timedelta(days=n) for n in range(7)]
    # A day is a business day of the two when it is one for both.
    working = [day for day in days if all(one.is_business_day(day) for one in pair.calendars)]
    away = (sum(on_leave(day, one.leave) for day in working) for one in (pair.rep, pair.manager))
    week = week_of(monday)
    agenda = pair.agendas.get(week)
    return Week(
        week=week,
        held=int(agenda is not None and agenda.state is AgendaState.HELD),
        business_days=len(working),
        leave=any(days >= LEAVE_DAYS for days in away),
    )


def _is_recorded(pair: Pair, week: str) -> bool:
    agenda = pair.agendas.get(week)
    return agenda is not None and agenda.state not in _UNRECORDED


def _is_skipped(pair: Pair, week: str) -> bool:
    agenda = pair.agendas.get(week)
    return agenda is not None and agenda.state is AgendaState.SKIPPED


def _max_gap(pair: Pair) -> int | None:
    days = sorted(
        one.starts_at.date() for one in pair.agendas.values() if one.state is AgendaState.HELD
    )
    return max(((b - a).days for a, b in itertools.pairwise(days)), default=None)


def pairs_of(
    members: Sequence[Member],
    agendas: Sequence[Agenda],
    calendar_of: Callable[[str], BusinessCalendar],
) -> list[Pair]:
    """Everybody who has a manager and was ever prepared a 1on1."""
    by_person = {member.person: member for member in members}
    by_rep: dict[str, dict[str, Agenda]] = {}
    for one in agendas:
        by_rep.setdefault(one.rep, {})[one.week] = one
    found = []
    for rep, own in sorted(by_rep.items()):
        member = by_person.get(rep)
        boss = by_person.get(member.manager or "") if member else None
        if member and boss:
            both = calendar_of(member.country), calendar_of(boss.country)
            found.append(Pair(rep=member, manager=boss, calendars=both, agendas=own))
    return found
