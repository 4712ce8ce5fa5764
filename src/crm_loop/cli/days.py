"""Days as they are typed on the command line."""

from datetime import date, timedelta

from crm_loop.bootstrap import App
from crm_loop.calendars import Period, local_date, monday_of, named_period, parse_day
from crm_loop.cli.frame import Call
from crm_loop.errors import CrmLoopError, WrongUsage


def day_of(app: App, call: Call, week: str | None, as_of: str | None) -> date:
    """The day that was asked for, the last one of the week, or yesterday."""
    try:
        if as_of is not None:
            return parse_day(as_of)
        if week is not None:
            return monday_of(week) + timedelta(days=6)
    except ValueError:
        raise WrongUsage(
            f"{as_of or week!r} is no day or week.",
            code="usage.day",
            kept="Nothing was measured.",
            do="Write a day as 2026-06-14 and a week as 2026-W24.",
        ) from None
    turn = app.turn(call.organisation)
    return local_date(turn.now, turn.own().time_zone) - timedelta(days=1)


def period_named(app: App, call: Call, name: str) -> Period:
    """The period of a name as it is typed, as 2026-Q1 of the house's fiscal year."""
    fiscal_start = app.turn(call.organisation).own().fiscal_start
    try:
        return named_period(name, fiscal_start=fiscal_start)
    except ValueError:
        raise WrongUsage(
            f"{name!r} is no period.",
            code="usage.period",
            kept="Nothing was measured.",
            do="Write a month as 2026-06, a quarter as 2026-Q1, a half as 2026-H1, a year 2026-FY.",
        ) from None


def days_apart(app: App, call: Call, name: str) -> tuple[date, date] | None:
    """Our day and the CRM's where they differ; None where they do not, or nobody can say.

    Only a CRM on this machine may live in a time of its own; others are not asked.
    """
    if not app.settings.allow_loopback_crm:
        return None
    turn = app.turn(call.organisation)
    zone = turn.own().time_zone
    try:
        theirs = local_date(turn.connect(name).clock(), zone)
    except CrmLoopError:
        return None
    ours = local_date(turn.now, zone)
    # Around midnight neighbouring days are the same moment.
    return None if abs((ours - theirs).days) <= 1 else (ours, theirs)
