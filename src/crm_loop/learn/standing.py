"""The components of the four indices, from what the store knows; pure.

What nobody was asked for, or what nothing records, stays unknown and leaves the weighted mean.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from crm_loop.learn.noticing import Place, self_detected
from crm_loop.learn.quality import commitment, rep_talk
from crm_loop.learn.weekly import Figure
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Commitment,
    KpiValue,
    Origin,
    PairRhythm,
    SessionQuality,
    TargetProposal,
)
from crm_loop.statistics.guarded import at_least

T = TypeVar("T")
Components = dict[str, dict[str, float | None]]

#: A target that is neither out of reach nor reached anyway.
_CALIBRATED = (0.30, 0.85)
#: Two process KPIs for each result are as many as it takes.
_PROCESS_FOR_EACH = 2

#: The component of a rep who spoke half of the time.
_HALF = rep_talk(0.5) or 0.0
_WAITING, _LAPSED = "open", "lapsed"

_DUE = (ActionStatus.DONE, ActionStatus.DONE_LATE, ActionStatus.PARTIAL, ActionStatus.MISSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The last eight weeks: sessions held, pairs, the reps' actions, and the latest figures.

    `prepared` are the weeks for which memos were prepared, `starts` when each of these 1on1s
    began by rep and week, `late` which figures were behind then. `pulse` is that of everybody,
    0..1, and `reviewed` what was proposed for team targets in the last quarter.
    """

    purpose: str
    values: Sequence[KpiValue]
    figures: Sequence[Figure]
    prepared: frozenset[str]
    sessions: Sequence[SessionQuality]
    rhythms: Sequence[PairRhythm]
    actions: Sequence[Action]
    starts: Mapping[Place, datetime] = field(default_factory=dict)
    late: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    reviewed: Sequence[TargetProposal] = ()
    pulse: float | None = None


def components(now: Standing) -> Components:
    """Every component as a share 0..1, None where it is not known."""
    return {"K": _kpis(now), "O": _one_on_ones(now), "L": _linkage(now), "A": _autonomy(now)}


def commitment_of(manager: str, week: str, now: Standing, promises: Sequence[Action]) -> Commitment:
    """What a manager put in: weeks kept free, promises kept, memos in time, targets answered."""
    mine = [one for one in now.sessions if one.manager == manager]
    pairs = [one for one in now.rhythms if one.manager == manager]
    reps = {one.rep for one in pairs}
    asked = [one for one in _decided(now) if one.person in reps]
    kept = [one for one in promises if one.who == manager and one.status in _DUE]
    parts: dict[str, float | None] = {
        "adherence": _mean(_kept(one) for one in pairs),
        "promises_kept": _share(kept, _is_done),
        "agenda_ready": _mean(one.parts["agenda_ready_24h"] for one in mine),
        "targets_reviewed": _share(asked, lambda one: one.manager_answer is not None),
    }
    return Commitment(manager=manager, week=week, value=commitment(parts), parts=parts)


def _kept(one: PairRhythm) -> float | None:
    """The share of a pair's weeks that the manager did not call off; None of too little known."""
    share = one.cancelled_share
    return None if one.adherence is None or share is None else 1 - share


def _decided(now: Standing) -> list[TargetProposal]:
    """Proposals that are not waiting any more: somebody answered, or nobody did in their week."""
    return [one for one in now.reviewed if one.state != _WAITING]


def _kpis(now: Standing) -> dict[str, float | None]:
    aimed = [value for value in now.values if value.target is not None]
    starts = [value.p_start for value in aimed if value.p_start is not None]
    low, high = _CALIBRATED
    used = {one.week for one in now.sessions}
    return {
        "purpose_linked": float(bool(now.purpose.strip())) if aimed else None,
        "calibrated": _share(starts, lambda p: at_least(p, low) and not at_least(p, high)),
        "weekly_visible": _share(sorted(now.prepared), used.__contains__),
        "reviewed": _share(_decided(now), lambda one: one.state != _LAPSED),
        "process_share": _process_share(now.figures, {value.kpi for value in aimed}),
    }


def _process_share(figures: Sequence[Figure], aimed: set[str]) -> float | None:
    kinds = [figure.process for figure in figures if figure.kpi in aimed]
    results = kinds.count(False)
    if not kinds:
        return None
    return min(1.0, sum(kinds) / results / _PROCESS_FOR_EACH) if results else 1.0


def _one_on_ones(now: Standing) -> dict[str, float | None]:
    parts = [one.parts.get("rep_talk") for one in now.sessions]
    talked = [one for one in parts if one is not None]
    return {
        "cadence": _mean(one.adherence for one in now.rhythms),
        "agenda_ready": _of_sessions(now, "agenda_ready_24h"),
        "concrete_action": _of_sessions(now, "concrete_action"),
        "rep_talk": _share(talked, lambda part: at_least(part, _HALF)),
        "pulse": now.pulse,
    }


def _linkage(now: Standing) -> dict[str, float | None]:
    return {
        "action_linked": _of_actions(now, lambda one: one.kpi is not None),
        "action_reviewed": _of_sessions(now, "last_actions_reviewed"),
        "kpi_opened": _of_sessions(now, "kpi_opened"),
        "effect_stated": _of_actions(now, lambda one: one.path is not None),
    }


def _autonomy(now: Standing) -> dict[str, float | None]:
    due = [action for action in now.actions if action.status in _DUE]
    return {
        "rep_authored_actions": _of_actions(now, lambda one: one.origin is Origin.REP),
        "rep_topics": _of_sessions(now, "rep_topic"),
        "on_time": _share(due, lambda one: one.status is ActionStatus.DONE),
        "self_detected": self_detected(now.late, now.starts, now.actions),
    }


def _of_sessions(now: Standing, part: str) -> float | None:
    return _mean(one.parts.get(part) for one in now.sessions)


def _of_actions(now: Standing, is_so: Callable[[Action], bool]) -> float | None:
    """Talks that led to no action at all link nothing: that is nought, not unknown."""
    if not now.actions:
        return 0.0 if now.sessions else None
    return _share(now.actions, is_so)


def _is_done(action: Action) -> bool:
    return action.status in (ActionStatus.DONE, ActionStatus.DONE_LATE)


def _share(things: Sequence[T], is_so: Callable[[T], bool]) -> float | None:
    return sum(map(is_so, things)) / len(things) if things else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
