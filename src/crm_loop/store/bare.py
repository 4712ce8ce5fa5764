"""Tables of an SQLite file that stand without their indexes while a first reading fills them.

Ids come in any order, so that every row touches a page of its own in every index: to make an
index when all rows are there costs a fifth of that. An index is no part of what is true, and it
comes back when the reading ends, however it ends; after a process that was killed, when the next
one opens the database (`engine.migrate`).
"""

from sqlalchemy import Connection, Index, Table, text

from crm_loop.store.tables import crm

#: Tables that a first reading may fill with hundreds of thousands of rows.
TABLES = (crm.deal, crm.deal_change, crm.activity, crm.task)
#: Rows behind which a table has its indexes: everybody else waits while they are made.
MOST_ROWS = 4_000_000
#: KiB that sorting may take before it goes through a file, and as much for pages.
CACHE_KIB = 4_096


def strip(connection: Connection, table: Table) -> None:
    """Take the indexes off a table that is empty; give them back to one that has grown large."""
    if not _is_here(connection) or table not in TABLES:
        return
    last = connection.scalar(text(f'SELECT max(rowid) FROM "{table.name}"'))  # noqa: S608 - ours
    if last is None:
        for index in table.indexes:
            index.drop(connection, checkfirst=True)
    elif last > MOST_ROWS:
        dress(connection, table)


def dress(connection: Connection, *tables: Table) -> None:
    """Make the indexes that are missing; without tables, of all that may lack any."""
    if _is_here(connection):
        missing = _missing(connection, tables or TABLES)
        if missing:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
        for index in missing:
            index.create(connection)


def is_dressed(connection: Connection) -> bool:
    """Whether no index is missing."""
    return not _is_here(connection) or not _missing(connection, TABLES)


def _is_here(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _missing(connection: Connection, tables: tuple[Table, ...]) -> list[Index]:
    known = set(connection.scalars(text("SELECT name FROM sqlite_master")))
    there = [table for table in tables if table.name in known]
    return [one for table in there for one in table.indexes if one.name not in known]
