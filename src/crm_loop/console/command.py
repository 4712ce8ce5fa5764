"""`crm-loop console`: serve the pages until stopped."""

import gc
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
    print_json,
)
from crm_loop.console.first import first_link
from crm_loop.console.serving import create
from crm_loop.errors import NeedsAttention
from crm_loop.logs import log_to_stderr
from crm_loop.settings import Environment
from crm_loop.tracing import switch_off, switch_on

#: How often a supervised console looks whether its supervisor still lives.
LOOK_SECONDS = 1.0


def console(
    *,
    supervisor: Annotated[int | None, typer.Option("--supervisor", hidden=True)] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Serve the console; prints a link for the first admin as long as there is none."""
    call = Call("console", as_json, lang, organisation)

    def work(app: App) -> Answer:
        if supervisor is None:
            # Whoever started us with others says it for all of them.
            say_where(app, organisation, as_json=as_json)
        serve(app, supervisor)
        return Answer(data={"stopped": 1}, show=lambda _console: None)

    # Its first line is all that a script is told.
    answer(replace(call, as_json=False), work)


def serve(app: App, supervisor: int | None = None) -> None:
    """Answer requests until a signal comes or the supervisor is gone."""
    log_to_stderr(app.settings)
    served = create(app)
    spare_what_is_loaded()
    config = uvicorn.Config(
        served,
        # Its lines go where all others go.
        log_config=None,
        log_level="warning",
        # Addresses of pages are nobody's business but the audit trail's.
        access_log=False,
        server_header=False,
        # Only a proxy of ours may say from where and how a request came to it.
        proxy_headers=app.settings.public_url is not None,
        forwarded_allow_ips=app.settings.proxies,
    )
    server = uvicorn.Server(config)
    switch_on(app.settings.traces_url, service="console")
    try:
        with listening(app.settings.console_bind) as door:
            if supervisor is not None:
                _watch(supervisor, lambda: setattr(server, "should_exit", True))
            server.run(sockets=[door])
    finally:
        switch_off()


def spare_what_is_loaded() -> None:
    """Keep the collector off what stays as long as the process.

    Looking through all of it stopped every answer for a tenth of a second, a few times a second
    under load (p95 of small pages in `make bench-console`: 150 ms instead of 55).
    """
    gc.collect()
    gc.freeze()


def listening(bind: str) -> socket.socket:
    """The console's own port; NeedsAttention when it cannot be had."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, int(port)))
    except (OSError, OverflowError):
        door.close()
        raise NeedsAttention(
            f"The console cannot listen at {bind}.",
            code="console.bind",
            do="End what listens there, or choose another CRM_LOOP_CONSOLE_BIND.",
        ) from None
    return door


def _watch(supervisor: int, stop: Callable[[], None]) -> None:
    def look() -> None:
        pause = threading.Event()
        while os.getppid() == supervisor:
            pause.wait(LOOK_SECONDS)
        stop()

    threading.Thread(target=look, daemon=True).start()


def say_where(app: App, organisation: str, *, as_json: bool) -> None:
    """Where the console is; the first admin's link only where a person reads it, never in a log."""
    out = Console(stderr=True, soft_wrap=True)
    if not as_json and not out.is_terminal and app.settings.env is Environment.PRODUCTION:
        out.print(f"The console is at {app.settings.console_url}.", highlight=False)
        return
    link = first_link(app, organisation)
    if as_json:
        print_json({"console_url": app.settings.console_url, "one_time_link": link})
        return
    out.print(f"The console is at {app.settings.console_url}. Ctrl-C stops it.", highlight=False)
    if link:
        out.print(f"The first admin signs in here, once, within a day: {link}", highlight=False)
