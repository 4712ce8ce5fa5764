"""After a 1on1: what people left in the memo, and whether it took place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop.calendars import BusinessCalendar, local_date, monday_of, week_of
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Answer,
    Member,
    Origin,
    SeenTask,
    Suggestion,
    SuggestionState,
    Talk,
)
from crm_loop.one_on_one.answers import answers
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.capturing import with_entered, without_entered
from crm_loop.one_on_one.flag_service import keep_flags
from crm_loop.one_on_one.gather import calendar_entries, figures
from crm_loop.one_on_one.reading import Reading, read
from crm_loop.one_on_one.resting import to_rest
from crm_loop.store import Begin, State
from crm_loop.wording import words

#: Until the end of this business day after the 1on1 a trace may still come.
WAIT_BUSINESS_DAYS = 2
#: One that was called off may have taken place for all that.
_OPEN = (AgendaState.READY, AgendaState.HELD, AgendaState.SKIPPED)


def settle(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    seen: Mapping[str, SeenTask],
    calendar_of: CalendarOf = BusinessCalendar,
) -> list[Agenda]:
    """Read the memos of 1on1s that are over; returns the agendas that changed.

    Any trace means it was held, as a meeting of the two that is over in the CRM's calendar does.
    Without one it counts as not recorded after two business days.
    """
    with begin(organisation) as state:
        members = {member.person: member for member in state.people.members()}
        over = [
            one for one in state.agendas.of_week(week) if one.state in _OPEN and ends_at(one) <= now
        ]
        changed, met = [], _met(state, members, week, now) if over else frozenset()
        for agenda in over:
            until = deadline(agenda, members.get(agenda.rep), calendar_of)
            if agenda.state is AgendaState.READY or now < until:
                known = Seen(seen.get(agenda.key), late=now >= until, met=agenda.rep in met)
                changed += _settled(state, agenda, known)
        state.agendas.put(changed)
        if any(one.state is AgendaState.NOT_RECORDED for one in changed):
            state.pairs.rest(to_rest(_talks(state, week), state.pairs.all(), week=week))
    return changed


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a 1on1 that is over; `met`: the CRM's calendar says that the two have."""

    task: SeenTask | None
    late: bool
    met: bool


def _met(state: State, members: Mapping[str, Member], week: str, now: datetime) -> frozenset[str]:
    """Reps whose meeting with their manager is over, as the CRM's own calendar has it."""
    entries = calendar_entries(state, list(members.values()), week, brought=False)
    return frozenset(
        rep
        for rep, one in entries.items()
        if one.event and one.event.starts_at + timedelta(minutes=one.event.minutes) <= now
    )


def _talks(state: State, week: str) -> dict[str, list[Talk]]:
    """Each rep's last 1on1s up to that week, the latest first."""
    return state.agendas.talks_before(week_of(monday_of(week) + timedelta(days=7)))


def over(
    state: State, now: datetime, *, weeks: Sequence[str], calendar_of: CalendarOf
) -> list[str]:
    """Keys of memos whose 1on1 is settled and for which no trace is waited for any more."""
    members = {member.person: member for member in state.people.members()}
    settled = (AgendaState.HELD, AgendaState.NOT_RECORDED, AgendaState.SKIPPED)
    return [
        one.key
        for week in weeks
        for one in state.agendas.of_week(week)
        if one.state in settled and deadline(one, members.get(one.rep), calendar_of) <= now
    ]


def ends_at(agenda: Agenda) -> datetime:
    return agenda.starts_at + timedelta(minutes=agenda.minutes)


def deadline(agenda: Agenda, rep: Member | None, calendar_of: CalendarOf) -> datetime:
    """The end of the second business day after the 1on1, where the rep is."""
    zone = ZoneInfo(rep.time_zone if rep else "UTC")
    calendar = calendar_of(rep.country if rep else "JP")
    day = calendar.add(agenda.starts_at.astimezone(zone).date(), WAIT_BUSINESS_DAYS)
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _settled(state: State, agenda: Agenda, known: Seen) -> list[Agenda]:
    """The agenda as it stands now, if that changed."""
    task, late = known.task, known.late
    suggestions = state.agendas.suggestions(agenda.week, agenda.rep)
    wrote = _wrote(state, agenda)
    # Whatever became of a suggestion, its line in the memo is ours and no typed step.
    shared = [one for one in suggestions if one.text in wrote]
    reading = _reading(agenda, task, wrote, shared)
    said = _answers(state, agenda, task, wrote) if reading is not None else ()
    entered = state.captures.of(agenda.rep, agenda.week)
    if reading is None and not late and not entered:
        return []
    if agenda.state is AgendaState.SKIPPED and not entered and not _agrees(reading):
        return []
    if reading is not None and reading.flagged:
        _flag(state, agenda, reading.flagged)
    if agenda.state is AgendaState.HELD:
        after = with_entered(_with_more(without_entered(agenda, entered), reading), entered)
    elif reading is not None and reading.away and not reading.typed_steps and not entered:
        after = replace(agenda, state=AgendaState.SKIPPED)
    elif entered or known.met or _has_trace(state, agenda, task, reading):
        after = with_entered(_held(agenda, reading), entered)
    else:
        after = replace(agenda, state=AgendaState.NOT_RECORDED) if late else agenda
    after = replace(after, answers=said or after.answers)
    by_rule = (agenda.rep, agenda.manager) in state.pairs.rules()
    if by_rule and after.state is not AgendaState.HELD:
        # Nobody has said a word about these ideas: without a trace of the 1on1 they are no task.
        if after.state is not AgendaState.READY:
            _close(state, suggestions, (), None)
    elif reading is not None or late:
        _close(state, suggestions, shared, reading)
    return [after] if after != agenda else []


def _agrees(reading: Reading | None) -> bool:
    """Whether the memo says what was agreed in a 1on1."""
    return reading is not None and bool(reading.typed_steps or reading.asked)


def _answers(state: State, agenda: Agenda, task: SeenTask | None, wrote: str) -> tuple[Answer, ...]:
    """What the rep wrote of steps that this memo looked back at."""
    if task is None or task.deleted:
        return ()
    reviewed = state.actions.for_review(agenda.week, reps=[agenda.rep]).get(agenda.rep, ())
    return answers(wrote, task.body, words(agenda.language), reviewed)


def _wrote(state: State, agenda: Agenda) -> str:
    write = state.writes.get(agenda.key)
    return agenda.text if write is None or write.written_body is None else write.written_body


def _reading(
    agenda: Agenda, task: SeenTask | None, wrote: str, shared: Sequence[Suggestion]
) -> Reading | None:
    """What the memo says since the 1on1 is over; None before it was looked at again."""
    if task is None:
        return None
    if task.deleted:
        return Reading(edited=False)
    if not task.is_closed and task.seen_at < ends_at(agenda):
        return None
    return read(wrote, task.body, words(agenda.language), [one.text for one in shared])


def _has_trace(
    state: State, agenda: Agenda, task: SeenTask | None, reading: Reading | None
) -> bool:
    if reading is not None and reading.edited:
        return True
    if task is not None and task.is_closed and not task.deleted:
        return True
    reviewed = state.actions.for_review(agenda.week, reps=[agenda.rep]).get(agenda.rep, ())
    made = state.actions.agreed_in(agenda.week, agenda.rep)
    ticked = any(
        action.ticked and action.settled_at and action.settled_at >= agenda.starts_at
        for action in reviewed
    )
    return ticked or any(action.origin is not Origin.SUGGESTED for action in made)


def _held(agenda: Agenda, reading: Reading | None) -> Agenda:
    said = reading or Reading(edited=False)
    return replace(
        agenda,
        state=AgendaState.HELD,
        held_at=ends_at(agenda),
        off_by="",
        rep_topic=said.topic,
        wanted_response=said.wanted,
        next_steps=tuple(said.typed_steps),
        asked=tuple(said.asked),
        put_off=said.next_time,
        felt=said.felt,
        felt_reason=said.felt_reason,
        go_on=said.go_on,
    )


def _flag(state: State, agenda: Agenda, lines: Sequence[str]) -> None:
    """Keep what the rep says is wrong, with the figures that stood in the memo."""
    organisation = state.connections.organisation()
    known = figures(state, organisation, agenda.publish_at, people=[agenda.rep])
    day = local_date(agenda.starts_at, organisation.time_zone)
    keep_flags(state, agenda, lines, known.of(agenda.rep), day)


def _with_more(agenda: Agenda, reading: Reading | None) -> Agenda:
    """Steps typed after the first reading; an altered one is not a second step."""
    if reading is None:
        return agenda
    return replace(
        agenda,
        next_steps=_more(agenda.next_steps, reading.typed_steps),
        asked=_more(agenda.asked, reading.asked),
        put_off=agenda.put_off or reading.next_time,
        felt=agenda.felt or reading.felt,
        felt_reason=agenda.felt_reason or reading.felt_reason,
        go_on=agenda.go_on or reading.go_on,
    )


def _more(known: Sequence[str], typed: Sequence[str]) -> tuple[str, ...]:
    if not set(known) <= set(typed):
        return tuple(known)
    return (*known, *(line for line in typed if line not in known))


def _close(
    state: State,
    suggestions: Sequence[Suggestion],
    shared: Sequence[Suggestion],
    reading: Reading | None,
) -> None:
    """What stood until the 1on1 was over is agreed; the rest is gone. Decided once."""
    standing = reading.standing if reading else frozenset()
    kept = {shared[place].slot for place in standing}
    decided = [
        replace(one, state=SuggestionState.TAKEN if _is_taken(one, kept) else SuggestionState.GONE)
        for one in suggestions
        if one.state in (SuggestionState.OFFERED, SuggestionState.LET_THROUGH)
    ]
    state.agendas.set_suggestions(decided)


def _is_taken(one: Suggestion, kept: set[str]) -> bool:
    """Left standing in the memo; or the manager's own, which a mark alone makes a promise."""
    marked = one.of_manager and one.state is SuggestionState.LET_THROUGH
    return marked or one.slot in kept
