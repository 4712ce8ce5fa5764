"""What the last weeks looked like: pairs, talks, actions; from the store into plain numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar, monday_of, on_leave
from crm_loop.learn.sessions import Closing, Part, Week, is_complete, quality
from crm_loop.loop_records import Action, Agenda, AgendaState, KpiValue, Member, Origin

_LONG_LEAVE = 3
_AHEAD = timedelta(hours=24)
#: A target whose first chance lies in here was neither trivial nor out of reach.
_REALISTIC = (0.30, 0.85)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Some weeks of an organisation, oldest first."""

    names: Sequence[str]
    members: Sequence[Member]
    agendas: Sequence[Agenda]
    actions: Sequence[Action]
    values: Sequence[KpiValue]
    purpose: bool

    @property
    def held(self) -> list[Agenda]:
        return [one for one in self.agendas if one.state is AgendaState.HELD]

    @property
    def pairs(self) -> dict[str, list[Week]]:
        """Every rep's weeks."""
        met = {(one.rep, one.week) for one in self.held}
        reps = [one for one in self.members if one.manager and one.active]
        return {
            rep.person: [_week(rep, name, (rep.person, name) in met) for name in self.names]
            for rep in reps
        }


def _week(rep: Member, name: str, met: bool) -> Week:  # noqa: FBT001 - a fact of the week
    monday = monday_of(name)
    days = BusinessCalendar(rep.country).days(monday, monday + timedelta(days=6))
    away = sum(on_leave(day, rep.leave) for day in days)
    return Week(week=name, held=int(met), business_days=len(days), leave=away >= _LONG_LEAVE)


def session_parts(agenda: Agenda, weeks: Weeks) -> list[Part]:
    """A held 1on1's quality, as far as the records tell; talk share and pulse stay unknown."""
    mine = [one for one in weeks.actions if one.who == agenda.rep]
    earlier = [one for one in mine if one.week < agenda.week]
    settled = [one.settled_at is not None for one in earlier]
    values = {
        "agenda_ready_24h": (20.0, float(agenda.publish_at <= agenda.starts_at - _AHEAD)),
        "rep_topic": (15.0, float(bool(agenda.rep_topic))),
        "last_actions_reviewed": (20.0, sum(settled) / len(settled) if settled else None),
        "concrete_action": (25.0, float(any(one.week == agenda.week for one in mine))),
        "rep_talk": (10.0, None),
        "pulse": (10.0, None),
    }
    return [Part(name=name, weight=w, value=value) for name, (w, value) in values.items()]


def closing_of(agenda: Agenda, weeks: Weeks) -> Closing:
    """What the memo and the actions say about how the 1on1 ended."""
    mine = [one for one in weeks.actions if one.who == agenda.rep and one.week == agenda.week]
    earlier = [one for one in weeks.actions if one.who == agenda.rep and one.week < agenda.week]
    support = [one.text for one in mine if one.origin is Origin.MANAGER]
    return Closing(
        problem=agenda.rep_topic,
        next=" ".join(agenda.next_steps),
        support=" ".join(support),
        last_actions=[(one.id, one.settled_at) for one in earlier],
        concrete_actions=len(mine),
        no_action_reason=None,
    )


def mean_quality(weeks: Weeks) -> float | None:
    """The mean quality of held 1on1s, 0..100."""
    found = [quality(session_parts(one, weeks))[0] for one in weeks.held]
    known = [one for one in found if one is not None]
    return sum(known) / len(known) if known else None


def complete_share(weeks: Weeks) -> float | None:
    held = weeks.held
    complete = sum(is_complete(closing_of(one, weeks)) for one in held)
    return complete / len(held) if held else None


def parts_of(weeks: Weeks, adherence: float | None) -> Mapping[str, Mapping[str, float | None]]:
    """The components of the four indices; what nobody records is None."""
    held, actions = weeks.held, weeks.actions
    mine = [{part.name: part.value for part in session_parts(one, weeks)} for one in held]
    topics = [[t.kpi for block in one.blocks for t in block.topics] for one in held]
    chances = [one.p_start for one in weeks.values if one.p_start is not None]
    low, high = _REALISTIC
    return {
        "K": {
            "purpose_linked": float(weeks.purpose),
            "calibrated": _share(low <= p < high for p in chances),
            "weekly_visible": None,
            "reviewed": None,
            "process_share": None,
        },
        "O": {
            "cadence": adherence,
            "agenda_ready": _mean([one["agenda_ready_24h"] for one in mine]),
            "concrete_action": _mean([one["concrete_action"] for one in mine]),
            "rep_talk": None,
            "pulse": None,
        },
        "L": {
            "action_linked": _share(bool(one.kpi or one.deal) for one in actions),
            "action_reviewed": _mean([one["last_actions_reviewed"] for one in mine]),
            "kpi_opened": _share(any(one) for one in topics),
            "effect_stated": None,
        },
        "A": {
            "rep_authored_actions": _share(one.origin is Origin.REP for one in actions),
            "rep_topics": _mean([one["rep_topic"] for one in mine]),
            "on_time": _share(one.ticked or one.seen for one in actions if one.settled_at),
            "self_detected": None,
        },
    }


def _share(hits: Iterable[bool]) -> float | None:
    known = [float(one) for one in hits]
    return sum(known) / len(known) if known else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None


def days_of(names: Sequence[str]) -> list[date]:
    """The Sundays of weeks."""
    return [monday_of(name) + timedelta(days=6) for name in names]
