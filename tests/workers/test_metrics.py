"""What Prometheus is told is what the database holds, whichever process is asked."""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from canaries import PLANTED
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, update

from crm_loop.access.chain import seal
from crm_loop.bootstrap import App
from crm_loop.queue import Job, JobState, NewJob
from crm_loop.store.heartbeats import SCHEDULER, beat
from crm_loop.store.tables.crm import cursor
from crm_loop.store.tables.loop import cycle
from crm_loop.store.tables.work import api_call, api_grant, audit, job, write
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.handlers import retain
from crm_loop_workers.health import answer
from crm_loop_workers.metrics import BUCKETS, NAMED, labels
from crm_loop_workers.own import Own
from crm_loop_workers.scheduler import schedule_until

#: Business time stands still here; real time does not.
BUSINESS = datetime(2026, 6, 15, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACE = {"organisation": "acme", "connection": "sf"}

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def house(app: App) -> App:
    assert app.settings.clock_file is not None
    app.settings.clock_file.write_text(BUSINESS.isoformat())
    return app


def put(app: App, table: Any, **row: Any) -> None:
    with app.engine.begin() as connection:
        connection.execute(insert(table), {"organisation": "acme", **row})


def samples(app: App) -> Samples:
    status, _, text = answer(app, "/metrics")
    assert status == 200
    PLANTED.seen("metrics", text, people=True)
    return {
        (sample.name.removeprefix("crmloop_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def told(app: App, name: str, **names: str) -> float | None:
    return samples(app).get((name, frozenset(names.items())))


def intended(key: str, state: str, **row: Any) -> dict[str, Any]:
    wanted = {"op": "create", "owner_id": "5", "subject": "s", "body": "b", "revision": 1}
    fixed = {"kind": "task", "person": "p", "week": "2026-W25", "reason": "r", "run": "1"}
    when = {"not_before": BUSINESS - HOUR, "due": date(2026, 6, 19)}
    return {"key": key, "connection": "sf", "state": state, **wanted, **fixed, **when, **row}


def test_jobs_are_counted_and_the_oldest_that_waits_is_told(house: App) -> None:
    with house.begin("acme") as state:
        state.jobs.add(NewJob(id="a", kind="pull"), now=house.clock() - HOUR)
        state.jobs.add(NewJob(id="b", kind="pull"), now=house.clock())
    assert told(house, "jobs", kind="pull", state="ready") == 2
    waits = told(house, "outbox_oldest_due_seconds", organisation="acme", kind="pull")
    assert waits == pytest.approx(3600, abs=60)


def test_a_write_of_next_week_waits_for_nobody(house: App) -> None:
    put(house, write, **intended("k1", "approved"))
    put(house, write, **intended("k2", "approved", not_before=BUSINESS + 100 * HOUR))
    put(house, write, **intended("k3", "confirmed", not_before=BUSINESS - 100 * HOUR))
    assert told(house, "writes", **PLACE, state="approved") == 2
    assert told(house, "writes_oldest_open_seconds", **PLACE) == 3600


def test_a_write_of_unknown_outcome_is_told_with_its_age(house: App) -> None:
    put(house, write, **intended("k", "unknown", sent_at=house.clock() - HOUR))
    assert told(house, "unknown_oldest_seconds", **PLACE) == pytest.approx(3600, abs=60)


def test_what_is_left_of_the_days_calls_is_a_part_of_them(house: App) -> None:
    day = {"tokens": 0, "refilled_at": house.clock(), "day": house.clock().date()}
    put(house, api_call, **PLACE, kind="day", used_today=14_000, limit_today=20_000, **day)
    put(house, api_call, **PLACE, kind="own", used_today=700, **day)
    assert told(house, "api_budget_remaining_ratio", **PLACE) == pytest.approx(0.3)
    assert told(house, "api_calls_today", **PLACE) == 700


def test_an_account_without_a_known_limit_has_no_budget_to_tell(house: App) -> None:
    day = {"tokens": 0, "refilled_at": house.clock(), "day": house.clock().date()}
    put(house, api_call, **PLACE, kind="day", used_today=5, limit_today=None, **day)
    assert told(house, "api_budget_remaining_ratio", **PLACE) is None


def test_reading_lags_in_business_time(house: App) -> None:
    put(house, cursor, connection="sf", subject="deals", cursor="x", pulled_at=BUSINESS - 3 * HOUR)
    assert told(house, "sync_lag_seconds", **PLACE, object="deals") == 3 * 3600


def test_slots_are_counted_and_the_newest_says_how_late_it_was(house: App) -> None:
    with house.begin("acme") as state:
        state.slots.fire("publish", BUSINESS - 24 * HOUR, now=BUSINESS)
        state.slots.fire("publish", BUSINESS - HOUR, now=BUSINESS - HOUR / 2)
        state.slots.skip("listen", [BUSINESS - HOUR], now=BUSINESS)
    mine = {"organisation": "acme", "schedule": "publish"}
    assert told(house, "slots", **mine, state="fired") == 2
    assert told(house, "slots", organisation="acme", schedule="listen", state="skipped") == 1
    assert told(house, "slot_late_seconds", **mine) == 1800


def test_an_audit_entry_without_its_seal_is_told(house: App) -> None:
    entry = {"id": "1", "actor": "a", "what": "w", "subject": "s", "detail": "d"}
    put(house, audit, at=house.clock() - HOUR, **entry)
    age = told(house, "audit_oldest_unsealed_seconds", organisation="acme")
    assert age == pytest.approx(3600, abs=60)


def test_a_moment_that_nobody_fires_is_overdue_though_workers_idle(house: App) -> None:
    mine = {"organisation": "acme", "schedule": "publish"}
    with house.begin("acme") as state:
        state.slots.fire("publish", BUSINESS - 72 * HOUR, now=BUSINESS)
        state.slots.fire("retain", BUSINESS, now=BUSINESS)
    # The acme of these tests lives in Tokyo, where 18:00 is: publish was due at 9.
    assert told(house, "slot_overdue_seconds", **mine) == 9 * 3600
    assert told(house, "slot_overdue_seconds", organisation="acme", schedule="retain") == 0
    with house.begin("acme") as state:
        state.slots.fire("publish", BUSINESS - 9 * HOUR, now=BUSINESS)
    assert told(house, "slot_overdue_seconds", **mine) == 0


def test_where_no_scheduler_has_ever_run_its_first_moments_are_overdue(house: App) -> None:
    mine = {"organisation": "acme", "schedule": "check"}
    assert told(house, "scheduler_silent_seconds") is None
    assert told(house, "slot_overdue_seconds", **mine) == 12 * 3600


def test_a_scheduler_says_when_it_ticked_last(house: App) -> None:
    stop = threading.Event()
    scheduler = threading.Thread(target=schedule_until, args=(house, (), stop))
    scheduler.start()
    try:
        until = time.monotonic() + 30
        while told(house, "scheduler_silent_seconds") is None and time.monotonic() < until:
            stop.wait(0.02)
    finally:
        stop.set()
        scheduler.join(60)
    assert told(house, "scheduler_silent_seconds") == pytest.approx(0, abs=60)
    beat(house.engine, SCHEDULER, at=house.clock() - HOUR)
    assert told(house, "scheduler_silent_seconds") == pytest.approx(3600, abs=60)


def test_a_trail_that_was_changed_is_told_after_the_next_night(house: App) -> None:
    entry = {"actor": "a", "what": "w", "subject": "s", "detail": "d", "at": house.clock()}
    for number in range(3):
        put(house, audit, id=f"{number}", **entry)
    seal(house.begin, "acme")
    assert told(house, "audit_chain_ok", organisation="acme") is None
    night = Job(organisation="acme", id="n", kind="retain", connection=None, payload={}, attempts=1,
                state=JobState.RUNNING, token=1, crashes=0, last_error=None, due=house.clock(),
                holder="me")  # fmt: skip
    retain(house, night)
    assert told(house, "audit_chain_ok", organisation="acme") == 1
    with house.engine.begin() as connection:
        connection.execute(update(audit).where(audit.c.n == 2).values(subject="else"))
    retain(house, night)
    assert told(house, "audit_chain_ok", organisation="acme") == 0
    assert told(house, "audit_chain_age_seconds", organisation="acme") == pytest.approx(0, abs=60)


def test_credentials_that_are_refused_are_told_until_something_works_again(house: App) -> None:
    def parked(id_: str, kind: str, reason: str) -> None:
        row = {"id": id_, "kind": kind, "connection": "sf", "payload": "{}", "token": 0}
        moments = {"due": house.clock() - HOUR, "created_at": house.clock(), "attempts": 1}
        put(house, job, **row, **moments, state="parked", crashes=0, last_error=reason)

    parked("a", "write", "salesforce.no_field: a field is missing")
    assert told(house, "needs_reauth", **PLACE) == 0
    parked("b", "pull", "connection.session: Salesforce turned the token down.")
    assert told(house, "needs_reauth", **PLACE) == 1
    with house.begin("acme") as state:
        state.jobs.add(NewJob(id="c", kind="pull", connection="sf"), now=house.clock())
    mine = house.claims.claim("acme", "c", holder="me", now=house.clock())
    assert mine is not None
    house.claims.done(mine, now=house.clock())
    assert told(house, "needs_reauth", **PLACE) == 0


def test_what_happened_to_writes_is_counted_for_a_day(house: App) -> None:
    now = house.clock()

    def happened(what: str, *, ago: timedelta, actor: str = "worker") -> None:
        made = f"{int((now - ago).timestamp() * 1e9):016x}0000{uuid4().hex[:12]}"
        put(house, audit, id=made, at=now, actor=actor, what=what, subject="k", detail="")

    for ago in (HOUR, 2 * HOUR, 25 * HOUR):
        happened("write.confirm", ago=ago)
    happened("write.duplicate", ago=HOUR, actor="rule:mend")
    happened("write.revise", ago=HOUR, actor="rule:mend")
    happened("write.revise", ago=HOUR, actor="rule:refresh")
    happened("user.signed_in", ago=HOUR)
    found = {
        event: told(house, "write_events_last_day", organisation="acme", event=event)
        for event in ("confirm", "duplicate", "mend", "revise", "signed_in")
    }
    assert found == {"confirm": 2, "duplicate": 1, "mend": 1, "revise": 1, "signed_in": None}


def test_a_job_that_was_taken_over_is_counted(house: App) -> None:
    with house.begin("acme") as state:
        state.jobs.add(NewJob(id="a", kind="pull"), now=house.clock())
    for later in (timedelta(), HOUR):
        house.claims.claim("acme", "a", holder="me", now=house.clock() + later / 10)
    assert told(house, "leases_expired", kind="pull") == 1


def test_how_long_a_crm_wants_to_be_left_alone_is_told(house: App) -> None:
    until = {"next_at": house.clock(), "blocked_until": house.clock() + HOUR}
    put(house, api_grant, connection="sf", kind="every", **until)
    assert told(house, "retry_after_seconds", **PLACE) == pytest.approx(3600, abs=60)


def test_weeks_that_ended_are_counted_by_how_far_they_came(house: App) -> None:
    for rep, week, state in (("a", "2026-W24", "VERIFIED"), ("b", "2026-W24", "HELD"),
                             ("c", "2026-W25", "HELD")):  # fmt: skip
        put(house, cycle, rep=rep, week=week, state=state, links="{}", missing="{}")
    assert told(house, "cycles_last_week", organisation="acme", state="HELD") == 1


def test_of_a_broker_is_told_whether_it_answers_and_what_it_did_not_take(house: App) -> None:
    broker = open_broker("redis://127.0.0.1:1/0")
    bell = DramatiqBell(broker)
    assert bell.ring([("acme", "a")]) is False
    text = answer(house, "/metrics", Own(broker=broker, bell=bell))[2]
    assert "crmloop_redis_up 0.0" in text
    assert "crmloop_ring_failures_total 1.0" in text
    assert "redis_up" not in answer(house, "/metrics")[2]


def test_no_person_is_named(house: App) -> None:
    put(house, write, **intended("k", "approved", person="sato@example.com", subject="佐藤さん"))
    text = answer(house, "/metrics")[2]
    assert "sato" not in text
    assert "佐藤" not in text


def test_few_organisations_are_named_and_very_many_share_buckets() -> None:
    few, many = ([f"o{n}" for n in range(count)] for count in (NAMED, 10 * NAMED))
    assert {labels(few)(name) for name in few} == set(few)
    shared = {labels(many)(name) for name in many}
    assert len(shared) <= BUCKETS
    assert all(name.startswith("bucket-") for name in shared)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_noticed(house: App, tmp_path: Any) -> None:
    house.engine.dispose()
    (tmp_path / "crm_loop.db").write_bytes(b"no database any more" * 100)
    for extra in ("-wal", "-shm"):
        (tmp_path / f"crm_loop.db{extra}").unlink(missing_ok=True)
    assert answer(house, "/metrics")[0] == 503
    assert answer(house, "/readyz")[0] == 503
