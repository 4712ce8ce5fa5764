"""What was done: calls, meetings, e-mails, answers to leads, and how soon it was written down."""

from datetime import date

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.leads import judged_leads
from crm_loop.kpi.measures.summed import COUNT, shared, summed, within
from crm_loop.kpi.selection import customer_meetings, first_meetings, made_calls, sent_emails

_ACTIVITY = "activity"


def meetings_held(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Meetings with customers that took place, each counted once."""
    held = customer_meetings(frames).filter(within("day", period, as_of))
    return summed(held, "person", COUNT, object_=_ACTIVITY)


def new_meetings(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Meetings with customers whom nobody of us had met for half a year."""
    first = first_meetings(frames).filter(within("day", period, as_of))
    return summed(first, "person", COUNT, object_=_ACTIVITY)


def calls(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Completed outbound calls."""
    made = made_calls(frames).filter(within("day", period, as_of))
    return summed(made, "person", COUNT, object_=_ACTIVITY)


def connects(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Calls that reached somebody."""
    made = made_calls(frames).filter(within("day", period, as_of), pl.col("connected"))
    return summed(made, "person", COUNT, object_=_ACTIVITY)


def connect_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    made = made_calls(frames).filter(within("day", period, as_of))
    return shared(made, "person", pl.col("connected"), object_=_ACTIVITY)


def emails_sent(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Outbound e-mails, each message once."""
    sent = sent_emails(frames).filter(within("day", period, as_of))
    return summed(sent, "person", COUNT, object_=_ACTIVITY)


def lead_response_sla(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Leads answered in time, among those answered or waiting for too long."""
    return within_sla(judged_leads(frames, as_of).filter(within("assigned_on", period, as_of)))


def within_sla(leads: pl.DataFrame) -> pl.DataFrame:
    """Each person's share of leads answered in time; what may still be is left out."""
    decided = leads.filter(pl.col("state") != "pending")
    return shared(decided, "person", pl.col("state") == "met", object_="lead")


def crm_log_lag_days(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Median days from doing to writing down: it judges the data, never a person."""
    done = frames.activities.filter(
        pl.col("status") == "held", within("day", period, as_of), pl.col("logged_at").is_not_null()
    )
    days = (pl.col("logged_at") - pl.col("start")).dt.total_seconds() / 86_400
    lag = pl.max_horizontal(days, pl.lit(0.0))
    return summed(done, "person", lag.median(), object_=_ACTIVITY)
