"""Which figures are frozen when a period is closed, and which are looked at again tonight; pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from crm_loop.calendars import Period, previous_period
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.setting import Setting

FORECAST, ACCURACY = "forecast", "forecast_accuracy"
#: Of months that were over long before anybody measured these alone are rebuilt: each of them
#: knows its records however old they are.
REBUILT: Sequence[str] = (
    "bookings",
    "won_count",
    "win_rate",
    "pipeline_created",
    "proposals",
    "meetings_held",
    "new_meetings",
)
#: So many deals and activities are looked at again for every figure each night; where there are
#: more, a seventh of the further figures is, so that each has its turn once a week.
ALL_EACH_NIGHT = 300_000
_TURNS = 7
#: Closed months whose later changes are listed, with the other periods that end in them.
WATCHED = 3
#: Made of activities one by one; older ones are only counted.
_OF_ACTIVITIES = frozenset(
    {
        "calls",
        "connects",
        "connect_rate",
        "emails_sent",
        "crm_log_lag_days",
        "lead_response_sla",
    }
)
#: What was said of causes is read of the running plan only.
_NOT_AGAIN = frozenset({"cause_confirmed_rate"})


def by_id(setting: Setting) -> dict[str, Kpi]:
    """What can be frozen: KPIs of a period that are made of records, the house's own included.

    A promise and what came of it are kept on days of their own, and a score is made of values.
    """
    return {one.id: one for one in setting.kpis if one.form == "period" and one.id != ACCURACY}


def to_freeze(setting: Setting, period: Period) -> list[str]:
    """The figures that a period is closed with, as far as its records are there to count."""
    known = by_id(setting)
    if period.end < setting.month.start - timedelta(days=1):
        return [kpi for kpi in known if kpi in REBUILT]
    return [kpi for kpi in known if is_whole(setting, kpi, period)]


def is_whole(setting: Setting, kpi: str, period: Period) -> bool:
    """Whether all that a figure of a period is made of was read."""
    own = setting.custom.get(kpi)
    counted = own.object in ("activity", "participant") if own else kpi in _OF_ACTIVITIES
    return not counted or period.start >= setting.frames.since


def looked_at(setting: Setting) -> list[str]:
    """The figures of closed periods whose later changes are looked for on this day."""
    further = sorted(set(by_id(setting)) - set(REBUILT) - _NOT_AGAIN)
    frames = setting.frames
    if len(frames.deals) + len(frames.activities) > ALL_EACH_NIGHT:
        further = further[setting.as_of.toordinal() % _TURNS :: _TURNS]
    return [*REBUILT, *further]


def watched_from(setting: Setting) -> date:
    """The first day of the closed months whose later changes are listed."""
    month = setting.month
    for _ in range(WATCHED):
        month = previous_period(month, fiscal_start=setting.organisation.fiscal_start)
    return month.start
