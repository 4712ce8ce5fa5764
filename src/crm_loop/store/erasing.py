"""Everything that is held about one person or one contact: to hand over, and to erase."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
    update,
)

from crm_loop.store.erased import Erased
from crm_loop.store.naming import may_name, without
from crm_loop.store.paging import Look, Row, rows
from crm_loop.store.tables import crm, crm_details, metadata, work
from crm_loop.store.tables.columns import Names
from crm_loop.store.traces import TRACES, Trace
from crm_loop.store.whose import Ids, Who, present

#: What is the company's own; its texts are read anew when the CRM sends the record again.
PULLED = frozenset(
    one.name for one in (crm.account, crm.deal, crm.activity, crm.task, crm_details.lead)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was erased: rows by table, and what stays in the CRMs.

    `in_crm`: connection and id of our own records there. `named`: table, connection and id of
    the company's records whose texts named somebody; the CRM says so again when it sends them.
    """

    rows: Mapping[str, int]
    in_crm: Sequence[tuple[str, str]] = field(default_factory=tuple)
    named: Sequence[tuple[str, str, str]] = field(default_factory=tuple)


def held(look: Look, who: Who) -> Iterator[tuple[str, Iterator[Row]]]:
    """Every row that is about somebody or names that one, by table; no secrets, no hashes."""
    for name, trace in TRACES.items():
        table = metadata.tables[name]
        shown = [c for c in table.columns if _is_shown(c, trace)]
        about = or_(_whole(table, trace, who), _named(table, trace, who))
        yield name, rows(look, table, shown, and_(_mine(table, who), about))


def erase(connection: Connection, who: Who, *, at: datetime) -> Gone:
    """Take somebody out of every table and remember the digests; in the caller's transaction."""
    if connection.dialect.name == "sqlite":
        # What is freed is overwritten, so that the file does not hold it any more.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    written = _in_crm(connection, who)
    rows: Counter[str] = Counter()
    named: list[tuple[str, str, str]] = []
    for name, trace in TRACES.items():
        table = metadata.tables[name]
        gone = delete(table).where(_mine(table, who), _whole(table, trace, who))
        rows[name] += connection.execute(gone).rowcount
        rows[name] += sum(_taken_out(connection, table, trace, who))
        texts = _blanked(connection, table, trace, who)
        rows[name] += len(texts)
        named += [(name, row["connection"], row["id"]) for row in texts if name in PULLED]
    Erased(connection, who.organisation).add(who.digests, at=at)
    found = {name: count for name, count in rows.items() if count}
    return Gone(rows=found, in_crm=written, named=named)


def erase_again(connection: Connection, *, at: datetime) -> int:
    """Erase whoever has been erased before and is there again, as after a restore; how many."""
    found = 0
    own = work.organisation_.c.organisation
    for organisation in connection.scalars(select(own)).all():
        digests = Erased(connection, organisation).digests
        if digests:
            for who in present(connection, organisation, digests):
                erase(connection, who, at=at)
                found += 1
    return found


def wipe(engine: Engine) -> bool:
    """Give freed space back, so that no remains lie in the files; False while somebody reads."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.execute(text("VACUUM"))
        return True
    free = engine.raw_connection()
    try:
        cursor = free.cursor()
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except OperationalError:
        return False
    finally:
        free.close()
    return not busy


def _mine(table: Table, who: Who) -> ColumnElement[bool]:
    return table.c.organisation == who.organisation


def _whole(table: Table, trace: Trace, who: Who) -> ColumnElement[bool]:
    """Rows that are about this person or contact."""
    found: list[ColumnElement[bool]] = [false()]
    if who.person:
        found += [func.lower(table.c[name]) == who.person for name in trace.whole]
    found += [table.c[name].in_(sorted(who.accounts)) for name in trace.user if who.accounts]
    found += [_is_one_of(table, name, who.users) for name in trace.owner]
    found += [_is_one_of(table, name, who.contacts) for name in trace.contact]
    return or_(*found)


def _named(table: Table, trace: Trace, who: Who) -> ColumnElement[bool]:
    """Rows of others in which somebody is named in a column of its own."""
    found: list[ColumnElement[bool]] = [false()]
    if who.person:
        found += [func.lower(table.c[name]) == who.person for name in trace.named]
    for names, ids in ((trace.owner_named, who.users), (trace.contact_named, who.contacts)):
        found += [_is_one_of(table, name, ids) for name in names]
    return or_(*found)


def _is_one_of(table: Table, name: str, ids: Ids) -> ColumnElement[bool]:
    column = table.c[name]
    if not ids:
        return false()
    if isinstance(column.type, Names):
        listed = func.coalesce(_text_of(column), "")
        return or_(
            *(and_(table.c.connection == at, listed.contains(json.dumps(id_))) for at, id_ in ids)
        )
    return tuple_(table.c.connection, column).in_(sorted(ids))


def _text_of(column: Column[Any]) -> ColumnElement[str]:
    """A column as the text that the database holds."""
    return type_coerce(column, Text())


def _taken_out(connection: Connection, table: Table, trace: Trace, who: Who) -> Iterator[int]:
    """Rows of others keep all but the name."""
    digest = next(iter(who.digests), "")[:12]
    for name in trace.named if who.person else ():
        column = table.c[name]
        nobody = None if column.nullable else f"erased:{digest}"
        values = {name: nobody, **dict.fromkeys(trace.cleared, "")}
        mine = update(table).where(_mine(table, who), func.lower(column) == who.person)
        yield connection.execute(mine.values(values)).rowcount
    for names, ids in ((trace.owner_named, who.users), (trace.contact_named, who.contacts)):
        for name in names:
            yield from _ids_out(connection, table, table.c[name], who, ids)


def _ids_out(
    connection: Connection, table: Table, column: Column[Any], who: Who, ids: Ids
) -> Iterator[int]:
    where = _mine(table, who), _is_one_of(table, column.name, ids)
    if not isinstance(column.type, Names):
        yield connection.execute(update(table).where(*where).values({column: None})).rowcount
        return
    keys = list(table.primary_key.columns)
    for row in connection.execute(select(column, *keys).where(*where)).mappings().all():
        left = tuple(id_ for id_ in row[column.name] if (row["connection"], id_) not in ids)
        same = [key == row[key.name] for key in keys]
        yield connection.execute(update(table).where(*same).values({column: left})).rowcount


def _blanked(
    connection: Connection, table: Table, trace: Trace, who: Who
) -> list[Mapping[str, Any]]:
    """Rows with texts in which somebody was named; texts of the audit trail go as a whole."""
    columns, names = [table.c[name] for name in trace.texts], who.in_texts
    if not columns or not names:
        return []
    keys = list(table.primary_key.columns)
    dialect = connection.dialect.name
    here = _mine(table, who), or_(*(may_name(column, names, dialect) for column in columns))
    found: list[Mapping[str, Any]] = []
    for row in connection.execute(select(*keys, *columns).where(*here)).mappings().all():
        values = {c.name: without(row[c.name], names) for c in columns}
        if all(values[name] == row[name] for name in values):
            continue
        same = [key == row[key.name] for key in keys]
        goes = table is work.audit_text
        connection.execute(
            delete(table).where(*same) if goes else update(table).where(*same).values(values)
        )
        found.append(dict(row))
    return found


def _in_crm(connection: Connection, who: Who) -> list[tuple[str, str]]:
    """Connection and id of what we have written into a CRM for somebody."""
    table = work.write
    if not who.person:
        return []
    query = select(table.c.connection, table.c.crm_id).where(
        _mine(table, who), table.c.person == who.person, table.c.crm_id.is_not(None)
    )
    return [(row.connection, row.crm_id) for row in connection.execute(query.distinct())]


def _is_shown(column: Column[Any], trace: Trace) -> bool:
    return column.name not in trace.hidden and not isinstance(column.type, LargeBinary)
