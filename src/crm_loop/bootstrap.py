"""The one place that builds things and hands them to each other."""

import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Engine, select

from crm_loop.access.sign_in import Doorkeeper
from crm_loop.budget import Counter, DatabaseGate, DatabaseNotebook, DatabaseVault
from crm_loop.connector.contract import Account, Connector, ConnectorFactory, Ports
from crm_loop.connector.discovery import installed
from crm_loop.cycle.turn import Turn
from crm_loop.digest.sending import Post
from crm_loop.errors import NeedsAttention
from crm_loop.queue import Bell, Claims, NoBell
from crm_loop.secrets import Sealing
from crm_loop.settings import Environment, Settings
from crm_loop.setup.connect import Door
from crm_loop.store import State
from crm_loop.store.clock import Clock, clock_of
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.store.engine import migrate, open_engine, reading
from crm_loop.store.key_providers import provider_of
from crm_loop.store.keyring import Keyring
from crm_loop.store.tables import work

if TYPE_CHECKING:
    from crm_loop.one_on_one.rewriting import Rewriter


def real_now() -> datetime:
    return datetime.now(UTC)


@cache
def rewriter_of(name: str) -> "Rewriter":
    """The installed rewriter of that name; NeedsAttention when there is none."""
    found = [one for one in entry_points(group="crm_loop.rewriters") if one.name == name]
    if not found:
        raise NeedsAttention(
            f"No rewriter {name!r} is installed.",
            code="rewriter.missing",
            do="Install it, or leave CRM_LOOP_REWRITER empty: memos then stay in our own words.",
        )
    made: Rewriter = found[0].load()()
    return made


def process_name(pid: int) -> str:
    """How the lease holder's name of a process on this machine begins."""
    return f"{socket.gethostname()[:24]}:{pid}"


@dataclass(frozen=True, slots=True)
class App:
    """The house, built. `holder` names this process in leases; `clock` is real time in them."""

    settings: Settings
    engine: Engine
    seal: Sealing
    bell: Bell
    connectors: Callable[[str], ConnectorFactory]
    claims: Claims
    counter: Counter
    holder: str
    clock: Clock

    @contextmanager
    def begin(self, organisation: str) -> Iterator[State]:
        """Open a transaction; leaving it commits, an error rolls it back."""
        with self.engine.begin() as connection:
            yield State(connection, organisation)

    @contextmanager
    def look(self, organisation: str) -> Iterator[State]:
        """Open a transaction that only reads; nobody who writes waits for it."""
        with reading(self.engine).begin() as connection:
            yield State(connection, organisation)

    def now(self) -> datetime:
        """Business time: the system's clock, or the file that a demonstration moves."""
        file = self.settings.clock_file
        if file is None:
            return real_now()
        moment = _moment_in(file)
        if moment is None:
            raise NeedsAttention(
                f"CRM_LOOP_CLOCK_FILE: {file} holds no moment.",
                code="settings.clock_file",
                do="Write one with its offset, as 2026-06-15T09:00:00+09:00, or leave it empty.",
            )
        return moment

    @property
    def doorkeeper(self) -> Doorkeeper:
        return Doorkeeper(self.engine, self.seal, self.clock)

    def organisations(self) -> list[str]:
        with self.engine.connect() as connection:
            column = work.organisation_.c.organisation
            return list(connection.scalars(select(column).order_by(column)))

    def turn(self, organisation: str, *, now: datetime | None = None) -> Turn:
        """What the steps need to work for one organisation at one business moment."""
        return Turn(
            begin=self.begin,
            organisation=organisation,
            now=now or self.now(),
            connect=partial(self.connect, organisation),
            clock=self.clock,
            lease=timedelta(seconds=self.settings.lease_seconds),
            post=Post(self.settings.smtp_url) if self.settings.smtp_url else None,
            letters_to_reps=self.settings.letters_to_reps,
            rewriter=rewriter_of(self.settings.rewriter) if self.settings.rewriter else None,
        )

    def door(self, organisation: str) -> Door:
        """What setting up needs."""
        return Door(
            begin=self.begin,
            organisation=organisation,
            seal=lambda name, plain: seal_credentials(self.seal, organisation, name, plain),
            connect=partial(self.connect, organisation),
            open=partial(self._open, organisation),
            skew=self._skew,
        )

    def connect(self, organisation: str, name: str) -> Connector:
        """Open one connection; NeedsAttention when there is none of that name."""
        kind, account, ports = self.opened(organisation, name)
        return self.connectors(kind)(account, ports)

    def opened(self, organisation: str, name: str) -> tuple[str, Account, Ports]:
        """A connection's kind and what its connector is made of."""
        with self.begin(organisation) as state:
            row = state.connections.get(name)
        if row is None:
            raise NeedsAttention(
                f"There is no connection {name!r}.",
                code="connection.missing",
                do="Connect it first: crm-loop connect NAME --kind … --url … --credentials …",
            )
        account = self._account(organisation, row)
        return row.kind, account, self._ports(account)

    def _open(self, organisation: str, row: ConnectionRow) -> Connector:
        """Open a connection as it would be stored."""
        account = self._account(organisation, row)
        return self.connectors(row.kind)(account, self._ports(account))

    def calls(self, organisation: str, connection: str) -> int:
        """API calls that this process has made of a connection."""
        return self.counter.calls(organisation, connection)

    def ensure_organisation(self, name: str) -> None:
        """Make the organisation with its defaults if it is not there yet."""
        with self.begin(name) as state:
            if name not in self._known(state):
                state.connections.put_organisation(Organisation(name=name))

    def close(self) -> None:
        self.engine.dispose()

    def _known(self, state: State) -> list[str]:
        column = work.organisation_.c.organisation
        return list(state.connection.scalars(select(column)))

    def _account(self, organisation: str, row: ConnectionRow) -> Account:
        return Account(
            organisation=organisation,
            connection=row.name,
            url=row.url,
            settings={**row.settings, "allow_loopback": self.settings.allow_loopback_crm},
            credentials=open_credentials(self.seal, organisation, row),
            account_id=row.account_id,
        )

    def _ports(self, account: Account) -> Ports:
        place = (self.engine, account.organisation, account.connection)
        gate = DatabaseGate(*place, self.counter, account.settings)
        gate.clock = self.clock
        return Ports(
            gate=gate,
            vault=DatabaseVault(*place, self._token_name(account), self.seal, self.holder),
            notebook=DatabaseNotebook(*place),
            clock=real_now,
            at_once=gate.at_once,
        )

    def _token_name(self, account: Account) -> str:
        """A token belongs to what it was got with: other credentials never meet it."""
        got_with = json.dumps([account.url, sorted(account.credentials.items())])
        return f"token:{self.seal.fingerprint(got_with)}"

    def _skew(self, connector: Connector) -> float | None:
        if self.settings.clock_file is not None or self.settings.allow_loopback_crm:
            # A sandbox lives in a time of its own.
            return None
        return (connector.clock() - real_now()).total_seconds()


def build(
    settings: Settings,
    *,
    bell: Bell | None = None,
    connectors: Mapping[str, ConnectorFactory] | None = None,
) -> App:
    """Build the house; tests hand in their own bell and connectors."""
    engine = open_engine(settings.database_url)
    migrate(engine)
    provider = provider_of(settings, may_create=settings.env is Environment.DEVELOPMENT)
    return App(
        settings=settings,
        engine=engine,
        seal=Keyring(engine, provider),
        bell=bell or NoBell(),
        connectors=installed if connectors is None else connectors.__getitem__,
        claims=Claims(engine, timedelta(seconds=settings.lease_seconds)),
        counter=Counter(),
        holder=f"{process_name(os.getpid())}:{uuid4().hex[:8]}",
        clock=clock_of(engine, lambda: real_now()),  # noqa: PLW0108 - found when it is called
    )


def _moment_in(file: Path) -> datetime | None:
    try:
        moment = datetime.fromisoformat(file.read_text("utf-8").strip())
    except (OSError, ValueError):
        return None
    return None if moment.tzinfo is None else moment


def seal_credentials(
    seal: Sealing, organisation: str, connection: str, plain: Mapping[str, str]
) -> str:
    return seal.lock(json.dumps(dict(plain)), organisation, connection, "credentials")


def open_credentials(seal: Sealing, organisation: str, row: ConnectionRow) -> dict[str, str]:
    plain = seal.open(row.credentials, organisation, row.name, "credentials")
    opened: dict[str, str] = json.loads(plain)
    return opened
