"""A new key for the house: what wraps the data keys is replaced, step by step.

Every step is whole by itself. Whoever is killed between two of them runs the same again, and at
no moment is there a text that nobody can open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Engine, delete, select, tuple_, update

from crm_loop.errors import CrmLoopError, NeedsAttention
from crm_loop.secrets import KeyFile, KeyProvider, Seal, Wrapping, key_id_of, new_seal
from crm_loop.store.keyring import HOUSE, SEALED, Wrapped, put, row_of, wrapped
from crm_loop.store.tables.keys import data_key as table

#: Texts that are sealed anew in one transaction.
AT_ONCE = 500
#: A replaced data key goes when no process can be sealing with it any more.
GRACE = timedelta(hours=1)


class Step(StrEnum):
    """What was finished, and will not be done again."""

    COPIED = "copied"
    KEY_MADE = "key_made"
    REWRAPPED = "rewrapped"
    DATA_KEY = "data_key"
    RESEALED = "resealed"
    UNREADABLE = "unreadable"
    FORGOTTEN = "forgotten"
    KEY_REMOVED = "key_removed"
    KEY_LEFT = "key_left"


@dataclass(frozen=True, slots=True)
class Done:
    """One step and how many keys or texts it was about."""

    step: Step
    count: int = 1
    what: str = ""


def rotate(
    engine: Engine, provider: KeyProvider, *, now: datetime, data_keys: bool = False
) -> Iterator[Done]:
    """Go through all steps; each is durable when it is yielded.

    `data_keys`: organisations get new data keys too, and everything is sealed anew; that alone
    where one key is kept elsewhere. Raises NeedsAttention when the key cannot be replaced here
    or does not open what is there.
    """
    seals = provider.seals()
    if len(seals) == 1 and not (data_keys and not isinstance(provider, KeyFile)):
        yield from _begin(provider)
        seals = provider.seals()
    for organisation in _organisations(engine):
        with engine.begin() as connection:
            count = _rewrap(connection, organisation, seals)
        yield Done(Step.REWRAPPED, count, organisation)
    for organisation in _organisations(engine):
        if organisation != HOUSE:
            yield from _own_key(engine, organisation, seals, now=now, always=data_keys)
            yield from _reseal(engine, organisation, seals)
            yield from _forget_older(engine, organisation, now=now)
    yield from _end(engine, provider, seals[0])


def forget_lost(engine: Engine, provider: KeyProvider) -> int:
    """Delete the data keys that this key does not open; what they sealed is lost for good."""
    seals = provider.seals()
    known = {one.key_id for one in seals}
    with engine.begin() as connection:
        lost = [one for one in _rows(connection) if one.kek not in known]
        for one in lost:
            connection.execute(delete(table).where(*_is(one)))
        if not _rows(connection, HOUSE):
            put(connection, HOUSE, new_seal(), seals[0])
    return len(lost)


def _begin(provider: KeyProvider) -> Iterator[Done]:
    if not isinstance(provider, KeyFile):
        raise NeedsAttention(
            "The key of this house is replaced where it is kept.",
            code="keys.fixed",
            kept="Nothing was changed.",
            do="Let a new key be given first and this one second; "
            "then run crm-loop keys rotate again.",
        )
    (old,) = provider.seals()
    try:
        copy = provider.keep_copy()
        yield Done(Step.COPIED, what=copy.name)
        provider.write([new_seal(), old])
    except OSError:
        raise NeedsAttention(
            f"The key file {provider.path} cannot be replaced here.",
            code="keys.fixed",
            kept="Nothing was changed.",
            do="Put a file there with a new key in its first line and this one in its second; "
            "then run crm-loop keys rotate again.",
        ) from None
    yield Done(Step.KEY_MADE)


def _rewrap(connection: Connection, organisation: str, seals: Sequence[Wrapping]) -> int:
    count = 0
    for one in _rows(connection, organisation, lock=True):
        if one.kek != seals[0].key_id:
            anew = wrapped(one.unwrap(seals), organisation, seals[0])
            connection.execute(update(table).where(*_is(one)).values(wrapped=anew))
            count += 1
    return count


def _own_key(
    engine: Engine, organisation: str, seals: Sequence[Wrapping], *, now: datetime, always: bool
) -> Iterator[Done]:
    """A data key of its own, where it has none yet or where that is wanted."""
    with engine.begin() as connection:
        current = [one for one in _rows(connection, organisation, lock=True) if not one.retired]
        own = [one.unwrap(seals) for one in current]
        keks = [kek for kek in seals if isinstance(kek, Seal)]
        borrowed = any(mine.is_same(kek) for mine in own for kek in keks)
        if not current or not (always or borrowed):
            return
        older = table.c.organisation == organisation, table.c.retired_at.is_(None)
        connection.execute(update(table).where(*older).values(retired_at=now))
        put(connection, organisation, new_seal(), seals[0])
    yield Done(Step.DATA_KEY, what=organisation)


def _reseal(engine: Engine, organisation: str, seals: Sequence[Wrapping]) -> Iterator[Done]:
    """Seal with the newest key what is sealed with an older one."""
    with engine.begin() as connection:
        rows = _rows(connection, organisation)
    keys = {one.id: one.unwrap(seals) for one in rows}
    newest = next((keys[one.id] for one in reversed(rows) if not one.retired), None)
    if newest is None or len(rows) == 1:
        return
    for column in SEALED:
        after: tuple[Any, ...] | None = None
        while True:
            with engine.begin() as connection:
                found = _some(connection, column, organisation, after)
                old = [row for row in found if key_id_of(row[column.name]) != newest.key_id]
                count = sum(_anew(connection, column, row, keys, newest) for row in old)
            if count:
                yield Done(Step.RESEALED, count, organisation)
            if len(old) > count:
                yield Done(Step.UNREADABLE, len(old) - count, organisation)
            if len(found) < AT_ONCE:
                break
            after = tuple(found[-1][key.name] for key in column.table.primary_key.columns)


def _some(
    connection: Connection, column: Column[Any], organisation: str, after: tuple[Any, ...] | None
) -> list[dict[str, Any]]:
    keys = list(column.table.primary_key.columns)
    query = select(column, *keys).where(
        column.table.c.organisation == organisation, column.is_not(None), column != ""
    )
    if after is not None:
        query = query.where(tuple_(*keys) > after)
    rows = connection.execute(query.order_by(*keys).limit(AT_ONCE)).mappings()
    return [dict(row) for row in rows]


def _anew(
    connection: Connection, column: Column[Any], row: dict[str, Any], keys: Any, newest: Seal
) -> int:
    """1 when the text is sealed anew, or was by somebody else meanwhile; 0 when none opens it."""
    place, sealed = row_of(column, row), row[column.name]
    try:
        plain = keys[key_id_of(sealed)].open(sealed, *place)
    except (KeyError, CrmLoopError):
        return 0
    same = [key == row[key.name] for key in column.table.primary_key.columns]
    statement = update(column.table).where(*same, column == sealed)
    connection.execute(statement.values({column: newest.lock(plain, *place)}))
    return 1


def _forget_older(engine: Engine, organisation: str, *, now: datetime) -> Iterator[Done]:
    with engine.begin() as connection:
        over = table.c.organisation == organisation, table.c.retired_at < now - GRACE
        old = list(connection.scalars(select(table.c.id).where(*over)))
        unused = [key for key in old if not _is_in_use(connection, organisation, key)]
        for key in unused:
            mine = table.c.organisation == organisation, table.c.id == key
            connection.execute(delete(table).where(*mine))
    if unused:
        yield Done(Step.FORGOTTEN, len(unused), organisation)


def _is_in_use(connection: Connection, organisation: str, key: str) -> bool:
    for column in SEALED:
        mine = column.table.c.organisation == organisation
        query = select(column).where(mine, column.startswith(f"v1.{key}.")).limit(1)
        if connection.scalar(query) is not None:
            return True
    return False


def _end(engine: Engine, provider: KeyProvider, first: Wrapping) -> Iterator[Done]:
    with engine.begin() as connection:
        left = {one.kek for one in _rows(connection)} - {first.key_id}
    seals = provider.seals()
    if left or len(seals) == 1:
        return
    try:
        _keep_first(provider)
    except OSError:
        yield Done(Step.KEY_LEFT)
        return
    yield Done(Step.KEY_REMOVED)


def _keep_first(provider: KeyProvider) -> None:
    """OSError where the key is not replaced by us."""
    if not isinstance(provider, KeyFile):
        raise PermissionError(provider.name)
    provider.write(provider.seals()[:1])


def _organisations(engine: Engine) -> list[str]:
    """Everybody who has a key, the house first."""
    with engine.begin() as connection:
        query = select(table.c.organisation).distinct().order_by(table.c.organisation)
        return list(connection.scalars(query))


def _rows(
    connection: Connection, organisation: str | None = None, *, lock: bool = False
) -> list[Wrapped]:
    query = select(table).order_by(table.c.made_at, table.c.id)
    if organisation is not None:
        query = query.where(table.c.organisation == organisation)
    if lock:
        query = query.with_for_update()
    return [
        Wrapped(row.organisation, row.id, row.wrapped, row.retired_at is not None)
        for row in connection.execute(query)
    ]


def _is(one: Wrapped) -> tuple[Any, ...]:
    return table.c.organisation == one.organisation, table.c.id == one.id
