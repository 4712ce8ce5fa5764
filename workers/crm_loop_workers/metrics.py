"""What the database knows of the house's health, as Prometheus reads it.

Everything is read when it is asked for, so that whichever process answers tells the truth of
all of them. Organisations and connections are named as the admin named them; no person is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from operator import add
from time import perf_counter

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from crm_loop.bootstrap import App
from crm_loop.budget.day import OWN, TOLD
from crm_loop.loop_records import WriteState
from crm_loop.queue.claims import claimable
from crm_loop.store.engine import snapshot
from crm_loop.store.heartbeats import PROBE, beat
from crm_loop.store.tables.crm import cursor
from crm_loop.store.tables.work import api_call, audit, job, schedule_slot, write
from crm_loop_workers.families import PREFIX, Place, age, family, rows
from crm_loop_workers.measures import WATCHED, WATCHED_IN_BUSINESS_TIME
from crm_loop_workers.own import Own

#: Up to so many organisations are named; more share that many buckets, or series never end.
NAMED, BUCKETS = 200, 64

#: States in which a write is not settled and somebody may wait for it.
OPEN = (WriteState.APPROVED, WriteState.CLAIMED, WriteState.SENT, WriteState.UNKNOWN)


def text_of(app: App, own: Own | None = None) -> str:
    """Every measure of the house and of this process in Prometheus's text form."""
    registry = CollectorRegistry()
    registry.register(House(app, own or Own()))
    ProcessCollector(namespace="crmloop", registry=registry)
    return generate_latest(registry).decode()


class House(Collector):
    """Reads the database once an ask."""

    def __init__(self, app: App, own: Own) -> None:
        self.app = app
        self.own = own

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        began, real, business = perf_counter(), self.app.clock(), self.app.now()
        place = labels(self.app.organisations())
        with snapshot(self.app.engine) as connection:
            for question in QUESTIONS:
                yield question(connection, real, place)
            for business_question in BUSINESS_QUESTIONS:
                yield business_question(connection, business, place)
        yield _build()
        yield _one("database_answer_seconds", "Time all these questions took.", began)
        began = perf_counter()
        beat(self.app.engine, PROBE, at=real)
        yield _one("database_commit_seconds", "Time that one row took to be kept.", began)
        yield from self.own.measures()


def labels(organisations: Sequence[str]) -> Callable[[str], str]:
    """How organisations are named: as they are while they are few, in buckets when many."""
    if len(organisations) <= NAMED:
        return lambda name: name
    return lambda name: f"bucket-{int(sha256(name.encode()).hexdigest(), 16) % BUCKETS:02d}"


def jobs(connection: Connection, _now: datetime, _place: Place) -> Metric:
    counts = select(job.c.kind, job.c.state, func.count()).group_by(job.c.kind, job.c.state)
    return family("jobs", "Jobs by kind and state.", ("kind", "state"), rows(connection, counts))


def oldest_due(connection: Connection, now: datetime, place: Place) -> Metric:
    key = (job.c.organisation, job.c.kind)
    query = select(*key, func.min(job.c.due)).where(claimable(now)).group_by(*key)
    waits = [(place(o), kind, age(due, now)) for o, kind, due in rows(connection, query)]
    words = "How long the oldest job has waited that anybody could take."
    return family("outbox_oldest_due_seconds", words, ("organisation", "kind"), waits)


def writes(connection: Connection, _now: datetime, place: Place) -> Metric:
    key = (write.c.organisation, write.c.connection, write.c.state)
    counts = select(*key, func.count()).group_by(*key)
    found = [(place(o), c, s, n) for o, c, s, n in rows(connection, counts)]
    names = ("organisation", "connection", "state")
    return family("writes", "Intended writes by state.", names, found, add)


def open_writes(connection: Connection, now: datetime, place: Place) -> Metric:
    """Only what may be written by now: a memo of next week waits for nobody."""
    key = (write.c.organisation, write.c.connection)
    due = write.c.state.in_(OPEN), write.c.not_before <= now
    query = select(*key, func.min(write.c.not_before)).where(*due).group_by(*key)
    waits = [(place(o), c, age(since, now)) for o, c, since in rows(connection, query)]
    words = "How long the oldest write has waited that may be made."
    return family("writes_oldest_open_seconds", words, ("organisation", "connection"), waits)


def unknown_writes(connection: Connection, now: datetime, place: Place) -> Metric:
    key = (write.c.organisation, write.c.connection)
    query = select(*key, func.min(write.c.sent_at)).where(write.c.state == WriteState.UNKNOWN)
    found = rows(connection, query.group_by(*key))
    waits = [(place(o), c, age(since, now)) for o, c, since in found]
    words = "How long the oldest write has been sent of which nobody knows the outcome."
    return family("unknown_oldest_seconds", words, ("organisation", "connection"), waits)


def budget(connection: Connection, _now: datetime, place: Place) -> Metric:
    """Of what the CRM said last; an account whose day is not limited has no such figure."""
    key = (api_call.c.organisation, api_call.c.connection)
    query = select(*key, api_call.c.used_today, api_call.c.limit_today).where(
        api_call.c.kind == TOLD, api_call.c.limit_today > 0
    )
    left = [
        (place(o), c, max(0.0, 1 - used / limit)) for o, c, used, limit in rows(connection, query)
    ]
    words = "Part of the day's API calls that is left, for everybody who uses the account."
    return family("api_budget_remaining_ratio", words, ("organisation", "connection"), left, min)


def calls(connection: Connection, now: datetime, place: Place) -> Metric:
    key = (api_call.c.organisation, api_call.c.connection)
    today = api_call.c.kind == OWN, api_call.c.day == now.date()
    found = rows(connection, select(*key, api_call.c.used_today).where(*today))
    made = [(place(o), c, n) for o, c, n in found]
    words = "API calls that we have made today (UTC)."
    return family("api_calls_today", words, ("organisation", "connection"), made, add)


def unsealed(connection: Connection, now: datetime, place: Place) -> Metric:
    query = select(audit.c.organisation, func.min(audit.c.at)).where(audit.c.n.is_(None))
    found = rows(connection, query.group_by(audit.c.organisation))
    waits = [(place(o), age(since, now)) for o, since in found]
    words = "How long the oldest audit entry waits for its seal."
    return family("audit_oldest_unsealed_seconds", words, ("organisation",), waits)


def lag(connection: Connection, now: datetime, place: Place) -> Metric:
    key = (cursor.c.organisation, cursor.c.connection, cursor.c.subject)
    found = rows(connection, select(*key, cursor.c.pulled_at))
    lags = [(place(o), c, s, age(at, now)) for o, c, s, at in found]
    names = ("organisation", "connection", "object")
    return family("sync_lag_seconds", "Time since a subject was read last.", names, lags)


def slots(connection: Connection, _now: datetime, place: Place) -> Metric:
    key = (schedule_slot.c.organisation, schedule_slot.c.schedule, schedule_slot.c.state)
    found = rows(connection, select(*key, func.count()).group_by(*key))
    counts = [(place(o), *rest) for o, *rest in found]
    names = ("organisation", "schedule", "state")
    return family("slots", "Moments of the schedules, fired or skipped.", names, counts, add)


def lateness(connection: Connection, _now: datetime, place: Place) -> Metric:
    slot = schedule_slot
    key = (slot.c.organisation, slot.c.schedule)
    newest = (
        select(*key, func.max(slot.c.slot).label("slot"))
        .where(slot.c.state == "fired")
        .group_by(*key)
        .subquery()
    )
    query = select(*key, slot.c.slot, slot.c.fired_at).join(
        newest,
        (newest.c.organisation == slot.c.organisation)
        & (newest.c.schedule == slot.c.schedule)
        & (newest.c.slot == slot.c.slot),
    )
    late = [(place(o), s, age(at, fired)) for o, s, at, fired in rows(connection, query)]
    words = "How late the newest moment of a schedule was fired."
    return family("slot_late_seconds", words, ("organisation", "schedule"), late)


#: In real time: leases, sending and answers.
QUESTIONS = (jobs, oldest_due, writes, unknown_writes, budget, calls, unsealed, *WATCHED)
#: In business time, which demonstrations move: records and schedules.
BUSINESS_QUESTIONS = (open_writes, lag, slots, lateness, *WATCHED_IN_BUSINESS_TIME)


def _build() -> Metric:
    measure = GaugeMetricFamily(PREFIX + "build_info", "What runs here.", labels=("version",))
    measure.add_metric((version("crm-loop"),), 1)
    return measure


def _one(name: str, words: str, began: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, words, value=perf_counter() - began)
