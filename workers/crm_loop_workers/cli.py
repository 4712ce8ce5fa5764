"""`crm-loop up`, `worker` and `scheduler`: the processes that turn the loop."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from dramatiq.brokers.redis import RedisBroker
from redis.exceptions import RedisError
from rich.console import Console

from crm_loop.bootstrap import App, build
from crm_loop.cli.frame import Answer, Call, JsonOption, LangOption, finish_with
from crm_loop.errors import WrongUsage
from crm_loop.settings import Settings, load_settings
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.demo.command import demo
from crm_loop_workers.embedded import embedded
from crm_loop_workers.logs import log_to_stderr
from crm_loop_workers.supervisor import Child, keep_running

__all__ = ["demo", "scheduler", "up", "worker"]

#: The setting that switches the broker off.
NO_BROKER = "none"

OnceOption = Annotated[bool, typer.Option("--once", help="Do what is due, then end.")]


def worker(
    *,
    once: OnceOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run one worker: it does the jobs that are due."""
    from crm_loop_workers.handlers import HANDLERS
    from crm_loop_workers.worker import drain, work

    def run() -> Answer:
        settings = load_settings()
        log_to_stderr(settings.log_level)
        with _house(settings) as (app, broker):
            if once:
                return _said("done", drain(app, HANDLERS))
            work(app, HANDLERS, broker, _stop_signal())
        return _said("stopped", 1)

    finish_with(Call("worker", as_json, lang, ""), run)


def scheduler(
    *,
    once: OnceOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run one scheduler: it fires what is due; any number may run."""
    from crm_loop_workers.scheduler import schedule_until, tick
    from crm_loop_workers.schedules import SCHEDULES

    def run() -> Answer:
        settings = load_settings()
        log_to_stderr(settings.log_level)
        with _house(settings) as (app, _broker):
            if once:
                return _said("fired", tick(app, SCHEDULES))
            schedule_until(app, SCHEDULES, _stop_signal())
        return _said("stopped", 1)

    finish_with(Call("scheduler", as_json, lang, ""), run)


def up(*, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Run broker, worker and scheduler on this machine until stopped."""

    def run() -> Answer:
        settings = load_settings()
        log_to_stderr(settings.log_level)
        stop = _stop_signal()
        with _broker_url(settings) as url:
            environment = {"CRM_LOOP_REDIS_URL": url or NO_BROKER}
            # `none` is told to the children too: they must not look for one again.
            with _house(settings.model_copy(update={"redis_url": url or NO_BROKER})) as (app, _):
                _announce(as_json=as_json, broker=url is not None)
                children = [
                    Child("worker", ["worker"], environment),
                    Child("scheduler", ["scheduler"], environment),
                ]
                keep_running(app, children, stop)
        return _said("stopped", 1)

    finish_with(Call("up", False, lang, ""), run)


@contextmanager
def _broker_url(settings: Settings) -> Iterator[str | None]:
    """The named broker, else one of our own, else none."""
    if settings.redis_url == NO_BROKER:
        yield None
    elif settings.redis_url is not None:
        yield settings.redis_url
    else:
        with embedded(Path(settings.broker_folder)) as url:
            yield url


@contextmanager
def _house(settings: Settings) -> Iterator[tuple[App, RedisBroker | None]]:
    """The app with its bell; a named broker that does not answer is a wrong setting."""
    url = None if settings.redis_url in (None, NO_BROKER) else settings.redis_url
    broker = None if url is None else open_broker(url)
    if broker is not None:
        try:
            broker.client.ping()
        except RedisError:
            raise WrongUsage(
                "The broker of CRM_LOOP_REDIS_URL does not answer.",
                code="settings.redis_url",
                do="Start it, correct the setting, or write none to work without one.",
            ) from None
    app = build(settings)
    if broker is not None:
        app = replace(app, bell=DramatiqBell(broker))
    try:
        yield app, broker
    finally:
        app.close()


def _stop_signal() -> threading.Event:
    """Set on SIGTERM and SIGINT."""
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    return stop


def _announce(*, as_json: bool, broker: bool) -> None:
    if as_json:
        line = {"console_url": None, "one_time_link": None, "ready": True, "broker": broker}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return
    how = "with a broker" if broker else "without a broker (workers poll)"
    Console(stderr=True).print(f"Worker and scheduler are running {how}. Ctrl-C stops them.")


def _said(what: str, count: int) -> Answer:
    show: Callable[[Console], None] = lambda console: console.print(f"{what}: {count}")  # noqa: E731
    return Answer(data={what: count}, show=show)
