"""Whoever refreshes a token is alone, however the steps of several processes fall together."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from greenlet import getcurrent, greenlet
from sqlalchemy import Engine, create_engine, delete, insert, update
from sqlalchemy.pool import StaticPool

from crm_loop.budget.vault import DatabaseVault
from crm_loop.connector.contract import Token
from crm_loop.secrets import Seal
from crm_loop.store.tables.work import secret

WORKERS = 4


@dataclass
class Crm:
    """Each refresh token works once; one that comes again kills the connection, as CRMs do."""

    newest: int = 0
    refreshes: int = 0
    killed: bool = False

    def refresh(self, known: str | None) -> Token:
        step()
        if known != f"refresh-{self.newest}":
            self.killed = True
        self.newest += 1
        self.refreshes += 1
        step()
        ends = datetime.now(UTC) + timedelta(hours=1)
        return Token(
            value=f"access-{self.newest}",
            expires_at=ends,
            facts={},
            refresh_token=f"refresh-{self.newest}",
        )


def step() -> None:
    """Here another process may go on."""
    getcurrent().parent.switch()


class Stepping(DatabaseVault):
    """A vault that can be held up before each thing that it does in the database."""

    def _kept(self) -> Any:
        step()
        return super()._kept()

    def _lock(self) -> bool:
        step()
        return super()._lock()

    def _keep(self, token: Token) -> None:
        step()
        super()._keep(token)

    def _unlock(self) -> None:
        step()
        super()._unlock()

    def _pause(self) -> None:
        step()


class Naive(Stepping):
    """Without the lease: what a plain client does."""

    def _lock(self) -> bool:
        super()._lock()
        return True

    def _update(self, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(secret).where(*self._where()).values(**values))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    secret.metadata.create_all(engine, [secret])
    yield engine
    engine.dispose()


def old_token(seal: Seal) -> dict[str, Any]:
    """What is kept when all of them come: a token whose time is over."""
    said = {"value": "access-0", "expires_at": "2026-01-01T00:00:00+00:00", "facts": {},
            "refresh_token": "refresh-0"}  # fmt: skip
    row = ("acme", "sf", "token:x")
    keys = dict(zip(("organisation", "connection", "name"), row, strict=True))
    return {**keys, "sealed": seal.lock(json.dumps(said), *row)}


@dataclass
class Run:
    """One way in which steps fall together, by a seed."""

    engine: Engine
    kind: Callable[..., DatabaseVault]
    seed: int
    crm: Crm = field(default_factory=Crm)

    def __call__(self) -> list[str]:
        chance, found, seal = random.Random(self.seed), list[str](), Seal(b"k" * 32)
        with self.engine.begin() as connection:
            connection.execute(delete(secret))
            connection.execute(insert(secret).values(old_token(seal)))

        def work(number: int) -> None:
            vault = self.kind(self.engine, "acme", "sf", "token:x", seal, f"host:{number}")
            token = vault.token(self.crm.refresh)
            # Its first token is refused by the CRM, as when an admin has revoked it.
            again = vault.token(self.crm.refresh, refused=token.value) if number == 0 else token
            found.append(again.value)

        workers = [greenlet(work) for _ in range(WORKERS)]
        starts = dict(enumerate(workers))
        begun: set[int] = set()
        while starts:
            number = chance.choice(sorted(starts))
            one = starts[number]
            one.switch() if number in begun else one.switch(number)
            begun.add(number)
            if one.dead:
                del starts[number]
        return found


def check(engine: Engine, seeds: range) -> None:
    for number in seeds:
        run = Run(engine, Stepping, number)
        found = run()
        assert not run.crm.killed, number
        # One for everybody, and one for the token that was refused.
        assert run.crm.refreshes == 2, number
        assert set(found) <= {"access-1", "access-2"}
        assert len(found) == WORKERS


def test_fifty_ways_to_fall_together_refresh_once(engine: Engine) -> None:
    check(engine, range(50))


@pytest.mark.slow
@pytest.mark.long(25)
def test_two_thousand_ways_to_fall_together_refresh_once(engine: Engine) -> None:
    check(engine, range(2000))


def test_without_the_lease_the_connection_is_killed(engine: Engine) -> None:
    """Otherwise the ways above would prove nothing."""
    runs = [Run(engine, Naive, number) for number in range(20)]
    for run in runs:
        run()
    assert sum(run.crm.killed for run in runs) > 10
