"""Asking for a pull before its time, for whoever hears from a CRM that something happened."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_loop.bootstrap import App, build, open_credentials, real_now
from crm_loop.errors import NeedsAttention
from crm_loop.queue import NewJob
from crm_loop.settings import load_settings
from crm_loop.store import erased_file
from crm_loop.store.audit import record
from crm_loop.store.erased import Erased, Kind
from crm_loop.store.erasing import erase
from crm_loop.store.whose import contact

#: Messages within this time ask for one pull together, which starts when it is over.
TOGETHER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class EarlyPull:
    """The bell of one connection; `portal` is its account's id, `secret` the app's own."""

    app: App
    organisation: str
    connection: str
    portal: str
    secret: str = field(repr=False)
    clock: Callable[[], datetime] = real_now

    def ring(self) -> bool:
        """Ask for a pull at the end of this minute; whether nobody has asked before."""
        now = self.clock()
        at = _end_of(now)
        job = NewJob(
            id=f"early:pull:{self.connection}:{at.isoformat()}",
            kind="pull",
            connection=self.connection,
            payload={"slot": self.app.now().isoformat()},
        )
        with self.app.begin(self.organisation) as state:
            return state.jobs.add(job, now=at)

    def forget(self, contact_id: str) -> bool:
        """Erase a contact that was erased in the CRM; False when that has been done before."""
        who = contact(self.organisation, self.connection, contact_id)
        with self.app.begin(self.organisation) as state:
            known = Erased(state.connection, self.organisation)
            if known.has(Kind.CONTACT, self.connection, contact_id):
                return False
            erase(state.connection, who, at=self.clock())
            (digest,) = who.digests
            record(state, actor="crm", what="privacy.erased", subject=digest, at=self.clock())
        # Where this cannot be written the digest in the database holds, and so do new backups.
        with suppress(OSError):
            erased_file.append(self.app.settings.erasures, self.organisation, who.digests)
        return True


def early_pull(organisation: str, connection: str) -> EarlyPull:
    """Raises NeedsAttention where there is no such connection, or its app has no secret."""
    app = build(load_settings())
    with app.begin(organisation) as state:
        row = state.connections.get(connection)
    if row is None or row.account_id is None:
        raise NeedsAttention(
            f"There is no connection {connection!r}.",
            code="connection.missing",
            do="Connect it first: crm-loop connect NAME --kind … --url … --credentials …",
        )
    secret = open_credentials(app.seal, organisation, row).get("client_secret")
    if not secret:
        raise NeedsAttention(
            f"The credentials of {connection!r} hold no client_secret.",
            code="connection.credentials_incomplete",
            do="Add the app's client_secret to the credentials and connect again.",
        )
    return EarlyPull(app, organisation, connection, row.account_id, secret)


def _end_of(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + TOGETHER
