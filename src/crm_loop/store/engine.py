"""One engine for SQLite or PostgreSQL, and its migrations."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.util import LRUCache

from crm_loop.errors import NeedsAttention, WrongUsage
from crm_loop.store import bare, staged

#: How long a writer waits for another one on SQLite, in milliseconds.
BUSY_MILLISECONDS = 30_000
#: What a connection may keep of the file in memory; SQLite's own 2 MB hold no index of a large
#: ledger.
CACHE_KIB = 8_192
#: The execution option of connections that only look.
READING = "crm_loop_reading"


def open_engine(url: str) -> Engine:
    """An engine that can be used at once; a clear error when the database is not there."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _server(parsed)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise WrongUsage(
            "CRM_LOOP_DATABASE_URL is no database we know.",
            code="settings.database_url",
            kept="Nothing was changed.",
            do="Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        ) from None
    except OSError:
        raise _unreachable(parsed) from None
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        engine.dispose()
        raise _unreachable(parsed) from None
    return compiled_once(engine)


def require_house(url: str) -> None:
    """NeedsAttention where the database holds no house yet; nothing is made there, no file either.

    A database that cannot be reached, or that is none, is left to `open_engine` to complain of.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        return
    if parsed.get_backend_name() == "sqlite":
        empty = not Path(parsed.database or "").is_file()
    else:
        empty = False
    if not empty:
        engine = open_engine(url)
        try:
            empty = not inspect(engine).has_table("alembic_version")
        finally:
            engine.dispose()
    if empty:
        raise NeedsAttention(
            f"The database {parsed.render_as_string(hide_password=True)} holds no house yet.",
            code="database.no_house",
            do="Let CRM_LOOP_DATABASE_URL name the one that you mean. "
            "A new house begins with crm-loop init, or with the first worker or scheduler.",
        )


def _unreachable(url: URL) -> NeedsAttention:
    return NeedsAttention(
        f"The database {url.render_as_string(hide_password=True)} cannot be reached.",
        code="database.unreachable",
        do="Start it or correct CRM_LOOP_DATABASE_URL; then run the command again.",
    )


def _sqlite(url: URL) -> Engine:
    if url.database not in (None, "", ":memory:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    # Asked first: whoever waits for itself would wait for as long as it may.
    _forbid_nesting(engine)
    event.listen(engine, "begin", _begin_immediate)
    event.listen(engine, "checkin", staged.let_go)
    return engine


#: So many statements stay compiled in a process, whichever databases they are for.
_STATEMENTS = LRUCache[Any, Any](1_000)
_DIALECTS: dict[URL, Dialect] = {}


def compiled_once(engine: Engine) -> Engine:
    """The same engine, after it compiles no statement that another one of that server has.

    It has to have connected: then its dialect knows the server. To compile a statement takes ten
    times as long as a small database takes to answer it, and each engine would begin anew.
    """
    engine.dialect = _DIALECTS.setdefault(engine.url.set(database=""), engine.dialect)
    engine.update_execution_options(compiled_cache=_STATEMENTS)
    return engine


def _forbid_nesting(engine: Engine) -> None:
    """A second transaction of the same thread would wait for the first one, which never ends."""
    held = threading.local()

    def begin(_connection: Any) -> None:
        if getattr(held, "open", False):
            message = "This thread has a transaction open; end it before another one begins."
            raise RuntimeError(message)
        held.open = True

    def end(_connection: Any) -> None:
        held.open = False

    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", end)
    event.listen(engine, "rollback", end)


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    # SQLAlchemy begins transactions itself, at once for writing: claims never deadlock.
    raw.isolation_level = None
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    looks = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")


def reading(engine: Engine) -> Engine:
    """The same database for whoever only looks: on SQLite, nobody waits for that."""
    return engine.execution_options(**{READING: True})


#: A server that a broken network hides is given up after half a minute; the system's own patience
#: is two hours.
PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def _server(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args=PATIENCE)


def at_one_moment(connection: Connection) -> None:
    """Let a transaction see the database as it was when it began; called before it reads.

    On SQLite every transaction does; PostgreSQL otherwise lets each statement see what others have
    committed by then, such as a deal's new owner beside what happened before.
    """
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One moment of the database, to read at leisure: nobody waits for whoever reads it."""
    if engine.dialect.name == "sqlite":
        reading = create_engine(engine.url)
        reading.dialect = engine.dialect
        reading.update_execution_options(compiled_cache=_STATEMENTS)
        event.listen(reading, "connect", _prepare_sqlite)
        event.listen(reading, "begin", _begin_deferred)
    else:
        reading = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with reading.connect() as connection:
            yield connection
    finally:
        if engine.dialect.name == "sqlite":
            reading.dispose()


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED")


#: Alembic keeps what it works on in one place for all threads of a process.
_MIGRATING = threading.Lock()
_MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The revision that the code expects: files are named after theirs, and sort by them."""
    return max(file.stem for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; harmless when they are, safe when several do it at once.

    Tables that a newer version has added to are left as they are: this version works on them.
    """
    with engine.connect() as connection:
        if _is_at_least(connection, newest()) and bare.is_dressed(connection):
            return
    _upgrade(engine)


def _is_at_least(connection: Connection, revision: str) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found is not None and str(found) >= revision


def _upgrade(engine: Engine) -> None:
    # Loaded only when there is something to do: it takes a third of a process's start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with _MIGRATING, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # One process migrates, the others wait for it.
            connection.execute(text("SELECT pg_advisory_xact_lock(7110)"))
        # Revisions expect the indexes that a reading may have left for later when it died.
        bare.dress(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
