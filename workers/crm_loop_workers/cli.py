"""`crm-loop up`, `worker` and `scheduler`: the processes that turn the loop."""

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer
from dramatiq.brokers.redis import RedisBroker
from redis.exceptions import RedisError
from rich.console import Console

from crm_loop.bootstrap import App, build
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    finish_with,
)
from crm_loop.console.first import first_link
from crm_loop.errors import WrongUsage
from crm_loop.logs import log_to_stderr
from crm_loop.settings import NO_BROKER, Settings, load_settings
from crm_loop.tracing import switch_off, switch_on
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.demo.command import demo
from crm_loop_workers.embedded import EmbeddedBroker, embedded
from crm_loop_workers.health import served
from crm_loop_workers.own import Own
from crm_loop_workers.pulse import Pulse, watched
from crm_loop_workers.supervisor import Child, keep_running

#: Pages that do not answer by then are spoken of all the same.
LISTENING_SECONDS = 30.0

__all__ = ["demo", "scheduler", "up", "worker"]

OnceOption = Annotated[bool, typer.Option("--once", help="Do what is due, then end.")]
QueuesOption = Annotated[
    str | None, typer.Option("--queues", help="Only such jobs, as write,listen; all if left out.")
]
ConsoleOption = Annotated[
    bool, typer.Option("--console/--no-console", help="Serve the pages for people, too.")
]
SupervisorOption = Annotated[int | None, typer.Option("--supervisor", hidden=True)]

#: How often a supervised process looks whether its supervisor still lives.
LOOK_SECONDS = 1.0


def worker(
    *,
    once: OnceOption = False,
    queues: QueuesOption = None,
    supervisor: SupervisorOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run one worker: it does the jobs that are due."""
    from crm_loop_workers.handlers import HANDLERS
    from crm_loop_workers.worker import drain, work

    def run() -> Answer:
        kinds = _kinds(queues, HANDLERS)
        settings = load_settings()
        log_to_stderr(settings)
        with _house(settings, "worker") as (app, broker):
            if once:
                return _said("done", drain(app, HANDLERS, kinds=kinds))
            stop = _stop_signal(supervisor)
            pulse = Pulse(settings.worker_threads)
            with _looked_after(app, stop, Own(pulse, broker, app.bell), supervisor):
                work(app, HANDLERS, broker, stop, kinds=kinds, pulse=pulse)
        return _said("stopped", 1)

    finish_with(Call("worker", as_json, lang, ""), run)


def scheduler(
    *,
    once: OnceOption = False,
    supervisor: SupervisorOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Run one scheduler: it fires what is due; any number may run."""
    from crm_loop_workers.scheduler import schedule_until, tick
    from crm_loop_workers.schedules import SCHEDULES

    def run() -> Answer:
        settings = load_settings()
        log_to_stderr(settings)
        with _house(settings, "scheduler") as (app, broker):
            if once:
                return _said("fired", tick(app, SCHEDULES))
            stop, pulse = _stop_signal(supervisor), Pulse()
            with _looked_after(app, stop, Own(pulse, broker, app.bell), supervisor):
                schedule_until(app, SCHEDULES, stop, pulse)
        return _said("stopped", 1)

    finish_with(Call("scheduler", as_json, lang, ""), run)


def up(
    *,
    console: ConsoleOption = True,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Run broker, worker, scheduler and console on this machine until stopped."""

    def run() -> Answer:
        settings = load_settings()
        log_to_stderr(settings)
        stop = _stop_signal()
        with _own_broker(settings) as broker:
            url = broker.url if broker else settings.redis_url or NO_BROKER
            # `none` is told to the children too: they must not look for one again.
            environment = {"CRM_LOOP_REDIS_URL": url}
            with _house(settings.model_copy(update={"redis_url": url}), "up") as (app, rings):
                link = first_link(app, organisation) if console else None
                pages = Pages(settings.console_url, link) if console else None
                tell = partial(_announce, as_json=as_json, broker=_state_of(rings), pages=pages)
                bind = settings.console_bind if console else None
                threading.Thread(target=_once_listening, args=(bind, tell), daemon=True).start()
                names = ("worker", "scheduler", *(["console"] if console else []))
                children = [Child(name, environment) for name in names]
                own = Own(Pulse(), rings, app.bell)
                with served(app, settings.metrics_bind, own):
                    others = [broker] if broker else []
                    keep_running(app, children, stop, others, beat=own.pulse.beat)
        return _said("stopped", 1)

    finish_with(Call("up", False, lang, ""), run)


@contextmanager
def _looked_after(
    app: App, stop: threading.Event, own: Own, supervisor: int | None
) -> Iterator[None]:
    """Say how this process is to whoever asks, and end it when it hangs.

    A supervised process is asked through its supervisor, which starts it again as well.
    """
    bind = app.settings.metrics_bind if supervisor is None else None
    with served(app, bind, own), watched(own.pulse, stop):
        yield


def _kinds(queues: str | None, handlers: Iterable[str]) -> list[str] | None:
    """The kinds of jobs that were named; WrongUsage for one that there is not."""
    if queues is None:
        return None
    wanted, known = [name.strip() for name in queues.split(",")], sorted(handlers)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise WrongUsage(
            f"There are no jobs of the kind {unknown[0]!r}.",
            code="usage.queues",
            kept="Nothing was started.",
            do=f"Choose from {', '.join(known)}.",
        )
    return wanted


@contextmanager
def _own_broker(settings: Settings) -> Iterator[EmbeddedBroker | None]:
    """A broker of our own where none is named and there is a server to run."""
    if settings.redis_url is not None:
        yield None
        return
    with embedded(settings.broker_folder) as broker:
        yield broker


@contextmanager
def _house(settings: Settings, service: str) -> Iterator[tuple[App, RedisBroker | None]]:
    """The app with its bell; work goes on without a broker that does not answer."""
    url = None if settings.redis_url in (None, NO_BROKER) else settings.redis_url
    broker = None if url is None else open_broker(url)
    switch_on(settings.traces_url, service=service)
    app = build(settings)
    if broker is not None:
        app = replace(app, bell=DramatiqBell(broker))
    try:
        yield app, broker
    finally:
        app.close()
        switch_off()


def _stop_signal(supervisor: int | None = None) -> threading.Event:
    """Set on SIGTERM and SIGINT, and when the supervisor that started us is gone."""
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()

    def look() -> None:
        while not stop.wait(LOOK_SECONDS):
            if os.getppid() != supervisor:
                stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    if supervisor is not None:
        threading.Thread(target=look, daemon=True).start()
    return stop


class BrokerState(StrEnum):
    """How work is announced to workers, as a person is told."""

    THERE = "with a broker"
    NONE = "without a broker: workers look for work themselves"
    SILENT = (
        "without the broker of CRM_LOOP_REDIS_URL, which does not answer; "
        "workers look for work themselves until it does"
    )


def _state_of(broker: RedisBroker | None) -> BrokerState:
    if broker is None:
        return BrokerState.NONE
    try:
        broker.client.ping()
    except RedisError:
        return BrokerState.SILENT
    return BrokerState.THERE


@dataclass(frozen=True, slots=True)
class Pages:
    """Where people find the console; a link while nobody can sign in yet."""

    url: str
    link: str | None


def _once_listening(bind: str | None, tell: Callable[[], None]) -> None:
    """Say where the pages are when they can be opened; after a while also if they cannot."""
    until = time.monotonic() + LISTENING_SECONDS
    host, _, port = (bind or "").rpartition(":")
    # An address of all interfaces is none to call at.
    place = ("127.0.0.1" if host in ("0.0.0.0", "[::]") else host.strip("[]"), int(port or 0))  # noqa: S104 - recognised, not opened
    while bind and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(place, 1):
            break
        time.sleep(0.1)
    tell()


def _announce(*, as_json: bool, broker: BrokerState, pages: Pages | None) -> None:
    if as_json:
        where = {
            "console_url": pages.url if pages else None,
            "one_time_link": pages.link if pages else None,
        }
        line = {**where, "ready": True, "broker": broker is BrokerState.THERE}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return
    out = Console(stderr=True, soft_wrap=True)
    out.print(f"Worker and scheduler are running {broker.value}. Ctrl-C stops them.")
    if pages is not None:
        out.print(f"The console is at {pages.url}", highlight=False)
    if pages is not None and pages.link:
        out.print(
            f"The first admin signs in here, once, within a day: {pages.link}", highlight=False
        )


def _said(what: str, count: int) -> Answer:
    show: Callable[[Console], None] = lambda console: console.print(f"{what}: {count}")  # noqa: E731
    return Answer(data={what: count}, show=show)
