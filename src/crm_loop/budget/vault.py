"""Access tokens, sealed in the database; one refresh at a time for all processes."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select, update

from crm_loop.connector.contract import Token
from crm_loop.errors import Transient
from crm_loop.secrets import Sealing
from crm_loop.store.tables.work import secret as table
from crm_loop.store.upsert import insert_new

#: A refresh is one call of a token endpoint; nobody needs longer.
LEASE = timedelta(seconds=30)
#: A token is renewed this long before it ends.
EARLY = timedelta(seconds=60)
POLL_SECONDS = 0.05


class DatabaseVault:
    """The token of one connection, under the name of what it was got with."""

    def __init__(
        self,
        engine: Engine,
        organisation: str,
        connection: str,
        name: str,
        seal: Sealing,
        holder: str,
    ) -> None:
        self.engine = engine
        self.row = (organisation, connection, name)
        self.seal = seal
        # Threads of one process take turns as well.
        self.holder = f"{holder[:40]}:{uuid4().hex[:8]}"

    def token(self, refresh: Callable[[str | None], Token], *, refused: str | None = None) -> Token:
        until = datetime.now(UTC) + LEASE * 2
        while datetime.now(UTC) < until:
            kept = self._kept()
            if kept is not None and kept.value != refused and not _ends(kept):
                return kept
            if self._lock():
                return self._refresh(refresh, kept)
            self._pause()
        raise Transient("Another process is signing in to the CRM.", code="vault.busy")

    def _refresh(self, refresh: Callable[[str | None], Token], kept: Token | None) -> Token:
        try:
            # Somebody may have refreshed between our look and our lock.
            newest = self._kept()
            if newest is not None and newest != kept and not _ends(newest):
                self._unlock()
                return newest
            fresh = refresh(newest.refresh_token if newest else None)
        except BaseException:
            self._unlock()
            raise
        # Kept before use: a refresh token may work only once.
        self._keep(fresh)
        return fresh

    def _pause(self) -> None:
        time.sleep(POLL_SECONDS)

    def _kept(self) -> Token | None:
        with self.engine.connect() as connection:
            sealed = connection.scalar(select(table.c.sealed).where(*self._where()))
        return None if sealed is None else _token(json.loads(self.seal.open(sealed, *self.row)))

    def _lock(self) -> bool:
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            organisation, name, secret = self.row
            key = {"organisation": organisation, "connection": name, "name": secret}
            insert_new(connection, table, [key])
            free = (table.c.lease_until.is_(None)) | (table.c.lease_until <= now)
            values = {"holder": self.holder, "lease_until": now + LEASE}
            taken = update(table).where(*self._where(), free).values(**values)
            return connection.execute(taken).rowcount == 1

    def _keep(self, token: Token) -> None:
        sealed = self.seal.lock(_text(token), *self.row)
        self._update(sealed=sealed, holder=None, lease_until=None)

    def _unlock(self) -> None:
        self._update(holder=None, lease_until=None)

    def _update(self, **values: Any) -> None:
        mine = table.c.holder == self.holder
        with self.engine.begin() as connection:
            connection.execute(update(table).where(*self._where(), mine).values(**values))

    def _where(self) -> tuple[Any, ...]:
        organisation, name, secret = self.row
        return (
            table.c.organisation == organisation,
            table.c.connection == name,
            table.c.name == secret,
        )


def release(engine: Engine, process: str) -> int:
    """Free the refreshes of a process that has surely ended; how many it held.

    `process` is how the holder's name begins: host and process id.
    """
    with engine.begin() as connection:
        return connection.execute(
            update(table)
            .where(table.c.holder.startswith(f"{process}:", autoescape=True))
            .values(holder=None, lease_until=None)
        ).rowcount


def _ends(token: Token) -> bool:
    return token.expires_at is not None and token.expires_at - EARLY <= datetime.now(UTC)


def _text(token: Token) -> str:
    ends = token.expires_at.isoformat() if token.expires_at else None
    value = {
        "value": token.value,
        "expires_at": ends,
        "facts": dict(token.facts),
        "refresh_token": token.refresh_token,
    }
    return json.dumps(value)


def _token(value: dict[str, Any]) -> Token:
    ends = value["expires_at"]
    return Token(
        value=value["value"],
        expires_at=datetime.fromisoformat(ends) if ends else None,
        facts=value["facts"],
        refresh_token=value["refresh_token"],
    )
