"""Measures of what must not stop and must not happen: schedules, seals, sign-ins, copies."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import add

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, and_, case, func, or_, select

from crm_loop.calendars import previous_week, week_of
from crm_loop.queue import JobState
from crm_loop.store.heartbeats import HOUSE, SCHEDULER, TRAIL, heartbeats
from crm_loop.store.tables.loop import cycle
from crm_loop.store.tables.work import api_grant, audit, job, organisation_
from crm_loop.write_back.verify import MENDING
from crm_loop_workers.families import PREFIX, Place, age, family, rows
from crm_loop_workers.overdue import overdue
from crm_loop_workers.schedules import SCHEDULES

DAY = timedelta(days=1)

#: Why a job was set aside where only new credentials help.
SIGN_IN = (
    "connection.credentials",
    "connection.credentials_incomplete",
    "connection.session",
    "connection.token_refused",
)


def scheduler(connection: Connection, now: datetime, _place: Place) -> Metric:
    """Nothing before the first scheduler has run; its moments are overdue then."""
    words = "Time since any scheduler looked through the schedules last."
    measure = GaugeMetricFamily(PREFIX + "scheduler_silent_seconds", words)
    seen = heartbeats(connection, SCHEDULER).get(HOUSE)
    if seen is not None:
        measure.add_metric((), age(seen.at, now))
    return measure


def slots_overdue(connection: Connection, now: datetime, place: Place) -> Metric:
    waits = [(place(o), s, seconds) for o, s, seconds in overdue(connection, SCHEDULES, now)]
    words = "How long the next moment of a schedule has waited that no scheduler has fired."
    return family("slot_overdue_seconds", words, ("organisation", "schedule"), waits)


def trails(connection: Connection, _now: datetime, place: Place) -> Metric:
    """Of the last look at the whole trail, every night; nothing before the first one."""
    seen = heartbeats(connection, TRAIL)
    found = [(place(o), float(one.number is None)) for o, one in seen.items()]
    words = "1 where the whole audit trail was found whole the last time, 0 where it was not."
    return family("audit_chain_ok", words, ("organisation",), found, min)


def trail_looks(connection: Connection, now: datetime, place: Place) -> Metric:
    seen = heartbeats(connection, TRAIL)
    found = [(place(o), age(one.at, now)) for o, one in seen.items()]
    words = "Time since the whole audit trail was followed last."
    return family("audit_chain_age_seconds", words, ("organisation",), found)


def sign_ins(connection: Connection, _now: datetime, place: Place) -> Metric:
    """An account of which something was done since needs nobody any more."""
    key = (job.c.organisation, job.c.connection)
    parked = job.c.state == JobState.PARKED
    refused = and_(
        parked, or_(*(job.c.last_error.startswith(f"{code}:", autoescape=True) for code in SIGN_IN))
    )
    query = select(
        *key,
        func.max(case((refused, job.c.due))),
        func.max(case((job.c.state == JobState.DONE, job.c.done_at))),
    ).where(job.c.connection.is_not(None))
    needs = [
        (place(o), c, float(since is not None and (done is None or done < since)))
        for o, c, since, done in rows(connection, query.group_by(*key))
    ]
    words = "1 where the CRM takes our credentials no longer."
    return family("needs_reauth", words, ("organisation", "connection"), needs)


def events(connection: Connection, now: datetime, place: Place) -> Metric:
    """From the audit trail, whose entries are found by when they were made."""
    since = f"{int((now - DAY).timestamp() * 1e9):016x}"
    mended = and_(audit.c.actor == MENDING, audit.c.what == "write.revise")
    what = case((mended, "write.mend"), else_=audit.c.what).label("event")
    mine = and_(audit.c.organisation == organisation_.c.organisation, audit.c.id >= since)
    made = (
        select(audit.c.organisation, what)
        .join(organisation_, mine)
        .where(audit.c.what.startswith("write."))
        .subquery()
    )
    query = select(made.c.organisation, made.c.event, func.count()).group_by(*made.c[:2])
    found = [(place(o), w.removeprefix("write."), n) for o, w, n in rows(connection, query)]
    words = "What happened to writes within the last 24 hours."
    return family("write_events_last_day", words, ("organisation", "event"), found, add)


def leases_expired(connection: Connection, _now: datetime, _place: Place) -> Metric:
    query = select(job.c.kind, func.sum(job.c.crashes)).group_by(job.c.kind)
    words = "How often a job was taken over from a worker that had died over it (30 days)."
    return family("leases_expired", words, ("kind",), rows(connection, query))


def asked_to_wait(connection: Connection, now: datetime, place: Place) -> Metric:
    key = (api_grant.c.organisation, api_grant.c.connection)
    query = select(*key, func.max(api_grant.c.blocked_until)).group_by(*key)
    waits = [(place(o), c, _left(until, now)) for o, c, until in rows(connection, query)]
    words = "For how long the CRM has asked us to make no call."
    return family("retry_after_seconds", words, ("organisation", "connection"), waits)


def cycles(connection: Connection, now: datetime, place: Place) -> Metric:
    week = previous_week(week_of(now.date()))
    key = (cycle.c.organisation, cycle.c.state)
    query = select(*key, func.count()).where(cycle.c.week == week).group_by(*key)
    found: Iterable[tuple[str, str, int]] = (
        (place(o), s, n) for o, s, n in rows(connection, query)
    )
    words = "How far the weeks of reps came that ended last, by state."
    return family("cycles_last_week", words, ("organisation", "state"), found, add)


def _left(until: datetime | None, now: datetime) -> float:
    return 0.0 if until is None else max(0.0, (until - now).total_seconds())


#: In real time.
WATCHED = (scheduler, trails, trail_looks, sign_ins, events, leases_expired, asked_to_wait)
#: In business time.
WATCHED_IN_BUSINESS_TIME = (slots_overdue, cycles)
