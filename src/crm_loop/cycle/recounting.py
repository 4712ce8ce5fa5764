"""Count flagged figures again: same period, same day, the records as they are now."""

from datetime import date

from crm_loop.calendars import Period, kind_of
from crm_loop.kpi.service import measure_period
from crm_loop.loop_records import FigureFlag
from crm_loop.one_on_one.flag_service import recount
from crm_loop.store import Begin


def recount_flagged(begin: Begin, organisation: str, *, as_of: date) -> list[FigureFlag]:
    """Compare every open flag with its figure counted anew; returns those that changed."""
    with begin(organisation) as state:
        flags = [one for one in state.flags.open() if one.as_of < as_of]
        spans = {
            (value.period_start, value.period_end, flag.as_of)
            for flag in flags
            for value in state.figures.of(flag.rep, flag.kpi)
            if value.as_of == flag.as_of
        }
    # Nobody flags most weeks; where somebody did, one more measurement a day is little.
    values = [
        value
        for start, end, day in sorted(spans)
        for value in measure_period(
            begin, organisation, Period(start, end, kind_of(start, end)), as_of=day
        )
    ]
    return recount(begin, organisation, flags, values, as_of=as_of) if flags else []
