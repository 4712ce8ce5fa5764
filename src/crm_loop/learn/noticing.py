"""Whether reps take a step on a figure that is behind before anybody asks; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from crm_loop.calendars import monday_of, previous_week
from crm_loop.loop_records import Action, Origin, step_of

#: A rep and an ISO week.
Place = tuple[str, str]

#: Figures that a step is about by the way in which it is seen, beside the one that it names.
ABOUT: Mapping[str, frozenset[str]] = {
    "V1:meeting": frozenset({"meetings_held", "new_meetings"}),
    "V1:first_meeting": frozenset({"meetings_held", "new_meetings", "new_logo_count"}),
    "V1:call": frozenset({"calls", "connects", "connect_rate", "new_meetings"}),
    "V1:email": frozenset({"emails_sent"}),
    "V2": frozenset({"next_step_hygiene", "stale_rate", "stale_deals", "open_touch_rate"}),
    "V3": frozenset({"stage_conversion_s1_s2", "stage_conversion_s2_s3", "stale_deals"}),
    "V4": frozenset({"overdue_close_rate", "slip_rate", "push_count", "forecast_accuracy"}),
    "V5": frozenset({"single_threaded_rate", "meetings_held"}),
    "V6": frozenset({"proposals", "stage_conversion_s2_s3"}),
    "V7": frozenset({"lead_response_sla"}),
    "V8": frozenset({"overdue_close_rate", "stale_rate", "stale_deals", "forecast_accuracy"}),
}


def self_detected(
    late: Mapping[Place, frozenset[str]],
    starts: Mapping[Place, datetime],
    actions: Iterable[Action],
) -> float | None:
    """Of figures that were behind before a 1on1, those on which the rep had taken a step by then.

    A step of the rep's own counts from the day after the last 1on1 on (from that Monday on, where
    there was none), until the talk begins: when a manager opened the agenda is not known. None
    where nothing was behind.
    """
    own = [one for one in actions if one.origin is Origin.REP]
    noticed = []
    for place, kpis in sorted(late.items()):
        begins = _since(place, starts)
        fresh = [one for one in own if one.who == place[0]
                 and begins <= one.created_at < starts[place]]  # fmt: skip
        noticed += [any(_is_on(one, kpi) for one in fresh) for kpi in sorted(kpis)]
    return sum(noticed) / len(noticed) if noticed else None


def _is_on(step: Action, kpi: str) -> bool:
    return step.kpi == kpi or kpi in ABOUT.get(step_of(step.verify), ())


def _since(place: Place, starts: Mapping[Place, datetime]) -> datetime:
    rep, week = place
    start = starts[place]
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=(start.date() - monday_of(week)).days)
    before = starts.get((rep, previous_week(week)))
    return monday if before is None else min(monday, before + timedelta(days=1))
