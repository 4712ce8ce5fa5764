"""Serves the application on loopback: one process, one event loop, no threads."""

import errno
import gc
import json
import socket
import sys
from collections.abc import Callable

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crm_loop_sandbox.app import build
from crm_loop_sandbox.kernel import Options
from crm_loop_sandbox.world.story import World

HOST = "127.0.0.1"


class Exposed(HttpToolsProtocol):
    """Puts the connection's transport into the scope, so that a fault can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["crm_loop.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class Announced(uvicorn.Server):
    """Says that it is ready once it really accepts connections."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self.url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        sys.stdout.write(json.dumps({"url": self.url, "ready": True}) + "\n")
        sys.stdout.flush()


class PortTaken(Exception):
    """Somebody else listens there already."""


def bind(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one."""
    # The protocol is named because asyncio switches Nagle's delay off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(str(port)) from None
        raise
    return listener


def serve(options: Options, make_world: Callable[[int], World], port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    listener = bind(port)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    # A world is millions of small objects that stay: collecting them over and over would
    # take longer than making them.
    gc.disable()
    app = build(options, make_world)
    gc.freeze()
    gc.enable()
    # A page is thousands of dictionaries that live until it is sent, and an open list names half
    # a million rows: with the usual 700 they were walked through in the middle of every page.
    gc.set_threshold(50_000, 20, 20)
    config = uvicorn.Config(
        app,
        http=Exposed,
        loop="asyncio",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    Announced(config, url).run(sockets=[listener])
