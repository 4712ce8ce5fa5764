"""Slots: made up once after an absence, in the order of their work, and the operator is told."""

import logging
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from crm_loop.bootstrap import App
from crm_loop.loop_records import Level
from crm_loop.queue import Job
from crm_loop.setup.doctor import examine_work
from crm_loop.setup.findings import worded
from crm_loop.store.connections import Organisation
from crm_loop.store.tables.work import schedule_slot
from crm_loop.write_back.intents import DAY_BEGINS, DAY_ENDS
from crm_loop_workers.scheduler import Schedule, moment_of, slots_between, tick
from crm_loop_workers.schedules import SCHEDULES

TOKYO = ZoneInfo("Asia/Tokyo")
#: A Wednesday.
NOW = datetime(2026, 6, 17, 7, 0, tzinfo=TOKYO)


def at(app: App, moment: datetime) -> None:
    assert app.settings.clock_file is not None
    app.settings.clock_file.write_text(moment.isoformat(), encoding="utf-8")


def jobs(app: App) -> dict[str, Job]:
    with app.begin("acme") as state:
        return {job.id.split(":")[0]: job for job in state.jobs.all()}


def after_an_absence(app: App) -> dict[str, Job]:
    """Fired on Friday at noon, then nothing until Wednesday morning; what is planned then."""
    at(app, datetime(2026, 6, 12, 12, 0, tzinfo=TOKYO))
    tick(app, SCHEDULES)
    before = jobs(app)
    at(app, NOW)
    tick(app, SCHEDULES)
    with app.begin("acme") as state:
        fresh = [
            job for job in state.jobs.all() if job.id not in {one.id for one in before.values()}
        ]
    return {job.id.split(":")[0]: job for job in fresh}


def work_off(app: App) -> list[str]:
    """Do everything there is; the schedules in the order in which they were worked off."""
    done = []
    while due := app.claims.due(app.clock()):
        for organisation, id_ in due:
            job = app.claims.claim(organisation, id_, holder="me", now=app.clock())
            assert job is not None
            app.claims.done(job, now=app.clock())
            done.append(id_.split(":")[0])
    return done


def moment_in(job: Job) -> datetime:
    return datetime.fromisoformat(job.payload["slot"])


def test_a_memo_that_is_made_up_days_later_is_made_as_of_now(app: App) -> None:
    """Its own day was never measured, so that it would have no figures."""
    made_up = after_an_absence(app)
    assert "2026-06-16T00:00" in made_up["publish"].id  # Tuesday, nine o'clock in Tokyo
    assert moment_in(made_up["publish"]) == NOW
    assert moment_in(made_up["check"]) == NOW.replace(hour=6)


def test_what_is_made_up_waits_until_the_newest_day_is_measured(app: App) -> None:
    at(app, datetime(2026, 6, 12, 12, 0, tzinfo=TOKYO))
    tick(app, SCHEDULES)
    work_off(app)
    at(app, NOW)
    tick(app, SCHEDULES)
    done = [kind for kind in work_off(app) if kind != "retain"]
    assert done[0] == "check"
    assert set(done[1:]) == {"publish", "refresh", "listen", "listen_last"}


def test_a_slot_of_the_same_day_keeps_its_moment() -> None:
    assert moment_of(NOW.replace(hour=6), NOW, "Asia/Tokyo") == NOW.replace(hour=6)


def test_each_kind_is_made_up_once_and_the_rest_is_told(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made_up = after_an_absence(app)
    # Without a connection nothing is reconciled.
    assert sorted(made_up) == ["check", "listen", "listen_last", "publish", "refresh", "retain"]
    with app.begin("acme") as state:
        missed = state.slots.missed(since=NOW - timedelta(days=7))
    assert missed
    assert max(missed) < NOW
    assert "slots were missed" in caplog.text
    assert tick(app, SCHEDULES) == 0


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "定期処理が2回"), ("en", "2 scheduled runs")]
)
def test_the_doctor_says_what_was_missed_and_what_is_parked(language: str, words: str) -> None:
    findings = examine_work([NOW - timedelta(hours=2), NOW], 3, "Asia/Tokyo")
    assert [finding.level for finding in findings] == [Level.NOTE, Level.ATTENTION]
    missed, parked = (worded(finding, language) for finding in findings)
    assert words in missed["title"]
    assert "2026-06-17 07:00" in missed["title"]
    assert "crm-loop jobs" in parked["do"]


def test_whatever_is_written_is_looked_at_within_the_hour() -> None:
    """Where a CRM takes a key twice, copies are found and taken away by then."""
    (looks,) = [one for one in SCHEDULES if one.name == "reconcile"]
    for day in range(15, 20):
        first = datetime.combine(datetime(2026, 6, day, tzinfo=TOKYO), DAY_BEGINS, TOKYO)
        last = datetime.combine(first, DAY_ENDS, TOKYO)
        for minutes in range(0, int((last - first).total_seconds() / 60) + 1, 5):
            written = first + timedelta(minutes=minutes)
            after = slots_between(looks, written, written + timedelta(hours=1), "Asia/Tokyo")
            assert next(after, None) is not None, written


def test_where_nothing_was_missed_the_doctor_says_nothing() -> None:
    assert examine_work([], 0, "Asia/Tokyo") == []


ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Sydney",
         "America/Sao_Paulo", "Asia/Kolkata")  # fmt: skip


@pytest.mark.slow
@pytest.mark.long(25)
def test_a_thousand_slots_fire_once_each_with_three_schedulers_and_a_clock_that_jumps(
    app: App,
) -> None:
    """While clocks change in New York; what was jumped over is recorded."""
    schedule = Schedule("often", "*/30 * * * *", lambda _slot: [])
    for zone in ZONES:
        with app.begin(zone) as state:
            state.connections.put_organisation(Organisation(name=zone, time_zone=zone))
    dice, now = random.Random(7), datetime(2026, 3, 7, tzinfo=UTC)
    begun, end = now, now + timedelta(days=4)
    at(app, now)
    tick(app, [schedule])
    fired = 0
    while now < end:
        now = min(end, now + timedelta(minutes=dice.choice([3, 10, 25, 30, 30, 75])))
        # Set back by a minute or an hour now and then: what was fired stays fired.
        at(app, now - timedelta(minutes=dice.choice([0] * 8 + [1, 60]) if now < end else 0))
        with ThreadPoolExecutor(3) as pool:
            fired += sum(pool.map(lambda _: tick(app, [schedule]), range(3)))
    zones = (*ZONES, "Asia/Tokyo")  # that of the house's own organisation
    wanted = sum(len(list(slots_between(schedule, begun, end, zone))) for zone in zones)
    kept = select(schedule_slot.c.state, func.count()).where(schedule_slot.c.slot > begun)
    with app.engine.connect() as connection:
        states = dict(connection.execute(kept.group_by(schedule_slot.c.state)).all())
    assert wanted >= 1000
    assert states["fired"] == fired
    assert sum(states.values()) == wanted
