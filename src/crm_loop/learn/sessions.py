"""What one 1on1 had: prepared in time, the rep's own topic, last actions, a next step; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_loop.learn.closing import Session, is_complete
from crm_loop.learn.quality import WEIGHTS, Part, Quality, pulse, quality_of, rep_talk
from crm_loop.learn.said import NOTHING_SAID, Said
from crm_loop.loop_records import Action, ActionStatus, Agenda, SessionQuality

#: A memo is prepared in time when it could be read a day before.
PREPARED_BEFORE = timedelta(hours=24)

_WAITING = (ActionStatus.OPEN, ActionStatus.DUE_GRACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A held 1on1, when its memo stood in the CRM, and the rep's actions up to that week.

    `said` is what the rep said of it afterwards.
    """

    agenda: Agenda
    memo_at: datetime | None
    actions: Sequence[Action]
    said: Said = NOTHING_SAID


def session_of(facts: Facts) -> SessionQuality:
    """Its components and their weighted mean; what nobody was asked for is not known.

    The manager's view is without the pulse, which leaves no trace in `parts`; `own` is with it.
    Beside what makes a session good it says whether its theme was about a figure (`kpi_opened`)
    and whether everything was answered (`complete`).
    """
    agenda = facts.agenda
    parts: dict[str, float | None] = {
        "agenda_ready_24h": _ready(facts),
        "rep_topic": float(bool(agenda.rep_topic.strip())),
        "last_actions_reviewed": _reviewed(facts),
        "concrete_action": float(any(one.week == agenda.week for one in facts.actions)),
        "rep_talk": rep_talk(facts.said.talk),
    }
    found = _quality(parts)
    own = _quality(parts | {"pulse": pulse(facts.said.pulse)})
    topics = [topic for block in agenda.blocks for topic in block.topics]
    parts["kpi_opened"] = float(any(topic.kpi is not None for topic in topics))
    parts["complete"] = float(is_complete(_closing(facts)))
    return SessionQuality(
        rep=agenda.rep,
        manager=agenda.manager,
        week=agenda.week,
        quality=found.quality,
        weight=found.weight_available,
        own=own.quality,
        parts=parts,
    )


def _quality(parts: Mapping[str, float | None]) -> Quality:
    return quality_of([Part(name=name, weight=WEIGHTS[name], value=parts[name]) for name in parts])


def _closing(facts: Facts) -> Session:
    """What the memo and the actions say was answered."""
    agenda = facts.agenda
    agreed = [one for one in facts.actions if one.week == agenda.week]
    return Session(
        problem=agenda.rep_topic,
        next=" ".join(agenda.next_steps) or " ".join(one.text for one in agreed),
        support=" ".join(agenda.asked),
        last_actions=[None if one.status in _WAITING else one.status for one in _looked_at(facts)],
        concrete_actions=len(agreed),
    )


def _ready(facts: Facts) -> float:
    latest = facts.agenda.starts_at - PREPARED_BEFORE
    return float(facts.memo_at is not None and facts.memo_at <= latest)


def _reviewed(facts: Facts) -> float | None:
    """The share of what was due by then of which it is known what became; None without any."""
    looked_at = _looked_at(facts)
    if not looked_at:
        return None
    return sum(one.status not in _WAITING for one in looked_at) / len(looked_at)


def _looked_at(facts: Facts) -> list[Action]:
    """The actions of the last 1on1 that had any which were due by then."""
    day: date = facts.agenda.starts_at.date()
    due = [one for one in facts.actions if one.week < facts.agenda.week and one.due <= day]
    latest = max((one.week for one in due), default="")
    return [one for one in due if one.week == latest]
