"""The loop itself: whether 1on1s take place, are prepared, and what becomes of what was agreed."""

from datetime import date

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import averaged, shared, within

_SESSION, _STEP = "one_on_one", "action"
#: With less recorded than this share nothing is said: silence must make nobody look good.
RECORDED_FROM = 0.60


def one_on_one_adherence(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Weeks with a 1on1 among those that allowed one, of weeks of which anything is known."""
    asked = frames.sessions.filter(within("on", period, as_of), pl.col("eligible"))
    enough = pl.col("recorded").mean().over("person") >= RECORDED_FROM
    known = asked.filter(enough, pl.col("recorded"))
    return shared(known, "person", pl.col("held"), object_=_SESSION)


def agenda_prep_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Held 1on1s whose memo stood at least a day before."""
    return shared(_held(frames, period, as_of), "person", pl.col("ready"), object_=_SESSION)


def action_completion_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Steps done, late ones too, among those due of which it is decided what became of them."""
    due = frames.steps.filter(within("due", period, as_of), pl.col("done").is_not_null())
    return shared(due, "person", pl.col("done"), object_=_STEP)


def support_completion(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """The same of what was promised to a rep, for whoever promised it."""
    promised = frames.steps.filter(pl.col("asked_by").is_not_null())
    due = promised.filter(within("due", period, as_of), pl.col("done").is_not_null())
    return shared(due, "person", pl.col("done"), object_=_STEP)


def action_link_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Steps that name a KPI or a deal, among those agreed in the period."""
    made = frames.steps.filter(within("made_on", period, as_of))
    return shared(made, "person", pl.col("linked"), object_=_STEP)


def cause_confirmed_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Gaps of whose cause the rep said something, among those that were opened in 1on1s."""
    opened = _held(frames, period, as_of).filter(pl.col("gaps") > 0)
    said = pl.col("confirmed").fill_null(0.0)
    return averaged(opened, "person", said, over=pl.col("gaps"), object_=_SESSION)


def rep_talk_ratio(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """The rep's share of the talk, as the rep puts it, on average of the 1on1s with an answer."""
    told = _held(frames, period, as_of).drop_nulls("talk")
    talk = pl.col("talk")
    return averaged(told, "person", talk, of=talk.is_not_null(), object_=_SESSION)


def _held(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    return frames.sessions.filter(within("on", period, as_of), pl.col("held"))
