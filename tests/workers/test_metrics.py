"""What Prometheus is told is what the database holds, whichever process is asked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from canaries import PLANTED
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from crm_loop.bootstrap import App
from crm_loop.queue import NewJob
from crm_loop.store.tables.crm import cursor
from crm_loop.store.tables.work import api_call, audit, write
from crm_loop_workers.health import answer
from crm_loop_workers.metrics import BUCKETS, NAMED, labels

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
    assert told(house, "outbox_oldest_due_seconds", kind="pull") == pytest.approx(3600, abs=60)


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
