"""The data keys of all organisations: unwrapped when they are needed, made when there is none."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, select, text

from crm_loop.secrets import KeyProvider, Seal, Wrapping, key_id_of, new_seal, wrong_key
from crm_loop.store.tables import metadata, work
from crm_loop.store.tables.keys import data_key as table
from crm_loop.store.upsert import insert_new

#: The house itself: its key makes fingerprints, which must not change with any organisation's.
HOUSE = ""
#: For so long a process goes on sealing with a key that another one has replaced.
STALE_SECONDS = 60.0

#: Every column whose texts are sealed.
SEALED: Sequence[Column[Any]] = [
    column for one in metadata.sorted_tables for column in one.columns if "sealed" in column.info
]


def row_of(column: Column[Any], values: Mapping[str, Any]) -> tuple[str, ...]:
    """What a sealed text of this column and row is bound to."""
    parts: Sequence[str] = column.info["sealed"]
    return tuple(part[1:] if part.startswith("=") else str(values[part]) for part in parts)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One data key as it lies in the database."""

    organisation: str
    id: str
    text: str
    retired: bool

    @property
    def kek(self) -> str:
        """Which key of the house it is wrapped with."""
        return key_id_of(self.text)

    def unwrap(self, keks: Iterable[Wrapping]) -> Seal:
        """NeedsAttention when it was wrapped with none of these."""
        for kek in keks:
            if kek.key_id == self.kek:
                return kek.unwrap(self.text, *_row(self.organisation, self.id))
        raise wrong_key()


def wrapped(seal: Seal, organisation: str, kek: Wrapping) -> str:
    return kek.wrap(seal, *_row(organisation, seal.key_id))


def put(connection: Connection, organisation: str, seal: Seal, kek: Wrapping) -> None:
    """Keep a data key, wrapped."""
    row = {"organisation": organisation, "id": seal.key_id, "made_at": datetime.now(UTC)}
    insert_new(connection, table, [row | {"wrapped": wrapped(seal, organisation, kek)}])


class Keyring:
    """Seals with the newest data key of an organisation and opens with any of them."""

    def __init__(self, engine: Engine, provider: KeyProvider) -> None:
        """Get the key of the house; NeedsAttention when it is not to be had or another house's."""
        self.engine = engine
        self.provider = provider
        self._guard = threading.RLock()
        self._keks: Sequence[Wrapping] = provider.seals()
        self._known: dict[str, list[Wrapped]] = {}
        self._seals: dict[tuple[str, str], Seal] = {}
        self._read_at = float("-inf")
        if not self._of(HOUSE):
            with engine.begin() as connection:
                settle(connection, self._keks[0])
            self._read()
        self._house()

    def fingerprint(self, text_: str) -> str:
        """Sixteen characters that tell texts apart and give none away; the same for ever."""
        return self._house().fingerprint(text_)

    def lock(self, text_: str, *row: str) -> str:
        """Seal with the organisation's own key, which is made when it has none.

        Outside of any transaction of the same thread.
        """
        organisation = row[0]
        with self._guard:
            newest = self._newest(organisation)
            if newest is None:
                with self.engine.begin() as connection:
                    self._make(connection, organisation)
                self._read()
                newest = self._newest(organisation)
            if newest is None:
                raise wrong_key()
            return self._seal(newest).lock(text_, *row)

    def open(self, sealed: str, *row: str) -> str:
        """NeedsAttention when it was sealed for another row or its key is gone."""
        organisation, wanted = row[0], key_id_of(sealed)
        with self._guard:
            found = self._find(organisation, wanted)
            if found is None:
                self._read()
                found = self._find(organisation, wanted)
            if found is None:
                raise wrong_key()
            return self._seal(found).open(sealed, *row)

    def _house(self) -> Seal:
        with self._guard:
            found = self._newest(HOUSE)
            if found is None:
                raise wrong_key()
            return self._seal(found)

    def _newest(self, organisation: str) -> Wrapped | None:
        current = [one for one in self._of(organisation) if not one.retired]
        return current[-1] if current else None

    def _find(self, organisation: str, key: str) -> Wrapped | None:
        return next((one for one in self._of(organisation) if one.id == key), None)

    def _of(self, organisation: str) -> list[Wrapped]:
        if time.monotonic() - self._read_at > STALE_SECONDS:
            self._read()
        return self._known.get(organisation, [])

    def _read(self) -> None:
        """Look at all keys, also while this thread has a transaction open."""
        known: dict[str, list[Wrapped]] = {}
        for one in _all(self.engine):
            known.setdefault(one.organisation, []).append(one)
        living = {(one.organisation, one.id) for several in known.values() for one in several}
        self._known = known
        self._seals = {key: seal for key, seal in self._seals.items() if key in living}
        self._read_at = time.monotonic()

    def _seal(self, one: Wrapped) -> Seal:
        place = (one.organisation, one.id)
        if place not in self._seals:
            if one.kek not in {kek.key_id for kek in self._keks}:
                # Somebody rotates the house's key at this moment.
                self._keks = self.provider.seals()
            self._seals[place] = one.unwrap(self._keks)
        return self._seals[place]

    def _make(self, connection: Connection, organisation: str) -> None:
        # What the house's own key is wrapped with is what a rotation has come to: whoever makes
        # a key by the older one is waited for, and found by that rotation.
        query = select(table.c.wrapped).where(table.c.organisation == HOUSE)
        house = connection.scalar(query.with_for_update(read=True)) or ""
        if key_id_of(house) not in {kek.key_id for kek in self._keks}:
            self._keks = self.provider.seals()
        kek = next((one for one in self._keks if one.key_id == key_id_of(house)), None)
        if kek is None:
            raise wrong_key()
        put(connection, organisation, new_seal(), kek)


def made_at(engine: Engine, organisation: str) -> datetime | None:
    """Since when an organisation's present data key seals; None before its first secret."""
    query = select(table.c.made_at).where(
        table.c.organisation == organisation, table.c.retired_at.is_(None)
    )
    with engine.connect() as connection:
        return connection.scalar(query.order_by(table.c.made_at.desc()).limit(1))


def settle(connection: Connection, kek: Wrapping) -> None:
    """Give the house its key at the first start.

    A house from before there were data keys keeps what it was sealed with, as its data keys, so
    that the version before can still be returned to; the first rotation gives it its own.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7111)"))
    if connection.scalar(select(table.c.id).where(table.c.organisation == HOUSE)) is not None:
        return
    older = list(connection.scalars(select(work.organisation_.c.organisation)))
    if not (older and isinstance(kek, Seal)):
        # A key that nobody can hand over has sealed no text by itself.
        put(connection, HOUSE, new_seal(), kek)
        return
    put(connection, HOUSE, kek, kek)
    for organisation in older:
        if any(key_id_of(sealed) == kek.key_id for sealed in _sealed(connection, organisation)):
            put(connection, organisation, kek, kek)


def _sealed(connection: Connection, organisation: str) -> Iterator[str]:
    for column in SEALED:
        mine = column.table.c.organisation == organisation
        yield from connection.scalars(select(column).where(mine, column.is_not(None)))


def _all(engine: Engine) -> list[Wrapped]:
    # Without a transaction of SQLAlchemy's: a second one of a thread is forbidden on SQLite.
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(
            "SELECT organisation, id, wrapped, retired_at IS NOT NULL FROM data_key"
            " ORDER BY made_at, id"
        )
        return [Wrapped(row[0], row[1], row[2], bool(row[3])) for row in cursor.fetchall()]
    finally:
        raw.close()


def _row(organisation: str, key: str) -> tuple[str, str, str]:
    return organisation, "data_key", key
