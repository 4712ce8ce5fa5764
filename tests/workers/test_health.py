"""Readiness looks at progress: work that nobody takes makes a process unready."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import event

from crm_loop.bootstrap import App
from crm_loop.queue import NewJob, progress
from crm_loop.secrets import wrong_key
from crm_loop.store.heartbeats import SCHEDULER, beat
from crm_loop_workers.broker import open_broker
from crm_loop_workers.health import readiness, served
from crm_loop_workers.own import Own

MINUTE = timedelta(minutes=1)


def add(app: App, id_: str, *, ago: timedelta) -> None:
    with app.begin("acme") as state:
        state.jobs.add(NewJob(id=id_, kind="note"), now=app.clock() - ago)


def ask(url: str | None, path: str) -> tuple[int, Any]:
    try:
        with urlopen(f"{url}{path}", timeout=10) as answered:
            return answered.status, json.loads(answered.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_an_idle_house_is_ready(app: App) -> None:
    with served(app, "127.0.0.1:0") as url:
        assert ask(url, "/livez") == (200, {"alive": True})
        assert ask(url, "/readyz")[0] == 200
        assert ask(url, "/other")[0] == 404


def test_what_is_away_without_stopping_work_is_named_and_makes_nobody_unready(app: App) -> None:
    own = Own(broker=open_broker("redis://127.0.0.1:1/0"))
    with served(app, "127.0.0.1:0", own) as url:
        status, said = ask(url, "/readyz")
        assert (status, said["degraded"]) == (200, ["broker", "scheduler"])
        beat(app.engine, SCHEDULER, at=app.clock())
        assert ask(url, "/readyz")[1]["degraded"] == ["broker"]


def test_a_database_that_takes_no_row_makes_it_unready(app: App) -> None:
    assert readiness(app, Own())[0]
    if app.engine.dialect.name == "sqlite":
        forbid = "PRAGMA query_only=1"
    else:
        forbid = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

    def only_reads(raw: Any, *_: object) -> None:
        raw.cursor().execute(forbid)
        raw.commit()

    event.listen(app.engine, "checkout", only_reads)
    app.engine.dispose()
    ready, facts = readiness(app, Own())
    assert not ready
    assert set(facts) == {"database"}


def test_a_key_that_does_not_open_makes_it_unready(app: App) -> None:
    class Gone:
        def fingerprint(self, _text: str) -> str:
            raise wrong_key()

    ready, facts = readiness(replace(app, seal=Gone()), Own())  # type: ignore[arg-type]
    assert (ready, facts["key"]) == (False, wrong_key().code)


def test_work_that_nobody_takes_makes_it_unready_within_a_minute(app: App) -> None:
    add(app, "stranded", ago=MINUTE + timedelta(seconds=1))
    with served(app, "127.0.0.1:0") as url:
        status, said = ask(url, "/readyz")
        assert (status, said["ready"]) == (503, False)
        assert ask(url, "/livez")[0] == 200


def test_a_long_queue_that_moves_is_ready(app: App) -> None:
    add(app, "late", ago=5 * MINUTE)
    add(app, "done", ago=MINUTE)
    job = app.claims.claim("acme", "done", holder="me", now=app.clock())
    assert job is not None
    app.claims.done(job, now=app.clock())
    assert progress(app.engine, app.clock()).moves(app.clock())


@pytest.mark.parametrize("bind", [None, "127.0.0.1:1"])
def test_where_nobody_can_listen_work_goes_on(app: App, bind: str | None) -> None:
    if bind is None:
        with served(app, bind) as url:
            assert url is None
        return
    with served(app, "127.0.0.1:0") as first:
        assert first is not None
        with served(app, first.removeprefix("http://")) as second:
            assert second is None
