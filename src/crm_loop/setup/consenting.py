"""Connecting by consent: a question that only the browser which asked it can come back with."""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import sha256

from crm_loop.connector.consent import new_secret
from crm_loop.errors import Refused
from crm_loop.secrets import Sealing
from crm_loop.store import Begin
from crm_loop.store.clock import Clock
from crm_loop.store.consents import Pending

#: How long somebody may take on the CRM's page.
LONGEST = timedelta(minutes=10)
#: What the sealed text is bound to, beside organisation and digest.
PLACE = "consent"
#: Of a question that no browser has asked yet.
NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """What an admin wants to connect, and the app that asks for it."""

    name: str
    url: str
    client_id: str
    client_secret: str = field(repr=False)
    verifier: str = field(repr=False, default_factory=new_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDesk:
    """Keeps questions for one kind of CRM of one organisation. `clock` is real time."""

    begin: Begin
    seal: Sealing
    clock: Clock
    organisation: str
    kind: str

    def keep(self, intended: Intended, *, session: str, by: str) -> str:
        """Keep a question for this session; the secret that has to come back with the answer."""
        secret, now = new_secret(), self.clock()
        digest = _digest(secret)
        text = json.dumps(asdict(intended))
        pending = Pending(
            digest=digest,
            session=session,
            kind=self.kind,
            sealed=self.seal.lock(text, self.organisation, PLACE, digest),
            by=by,
            asked_at=now,
        )
        with self.begin(self.organisation) as state:
            state.consents.forget(now - LONGEST)
            state.consents.put(pending)
        return secret

    def prepared(self, secret: str) -> Intended:
        """What was prepared on the command line; Refused when that is over or was asked before."""
        with self.begin(self.organisation) as state:
            found = state.consents.get(_digest(secret), NOBODY)
        return self._opened(found)

    def take(self, secret: str, *, session: str) -> Intended:
        """What this session asked, once.

        Raises Refused for an answer to another session's question, to one of another CRM, to one
        that was answered before and to one of more than ten minutes ago.
        """
        with self.begin(self.organisation) as state:
            found = state.consents.take(_digest(secret), session)
        return self._opened(found)

    def _opened(self, found: Pending | None) -> Intended:
        if found is None or found.kind != self.kind:
            raise refused()
        age = self.clock() - found.asked_at
        if not timedelta(0) <= age <= LONGEST:
            raise refused()
        text = self.seal.open(found.sealed, self.organisation, PLACE, found.digest)
        return Intended(**json.loads(text))


def refused() -> Refused:
    return Refused(
        "This answer belongs to no question of this browser, or it comes too late.",
        code="connection.consent",
        kept="Nothing was connected.",
        do="Begin again from the page on which the CRM is connected.",
    )


def declined() -> Refused:
    return Refused(
        "The CRM says that the consent was not given.",
        code="connection.consent_declined",
        kept="Nothing was connected.",
        do="Begin again when an admin of the CRM agrees.",
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
