"""Readiness looks at progress: work that nobody takes makes a process unready."""

import json
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from crm_loop.bootstrap import App
from crm_loop.queue import NewJob, progress
from crm_loop_workers.health import served

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
