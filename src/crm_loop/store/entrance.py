"""What is known before it is known whose organisation it is: cookies, links, addresses."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update

from crm_loop.store.tables import console
from crm_loop.store.users import Link, Token, User, link_of, token_of, user_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that is signed in. `proved_at` is when the password was given last."""

    organisation: str
    digest: str
    user: str
    created_at: datetime
    seen_at: datetime
    proved_at: datetime


class Entrance:
    """Everything here is found by what only its holder knows; all organisations share it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def user(self, email: str) -> User | None:
        query = select(console.user).where(console.user.c.email == email)
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else user_of(row)

    def known_as(self, identity: str) -> User | None:
        """Whom an identity of the identity provider belongs to."""
        of = console.identity
        query = (
            select(console.user)
            .join(
                of,
                (of.c.organisation == console.user.c.organisation)
                & (of.c.user == console.user.c.id),
            )
            .where(of.c.digest == identity)
        )
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else user_of(row)

    def link(self, digest: str) -> Link | None:
        query = select(console.link).where(console.link.c.digest == digest)
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else link_of(row)

    def token(self, digest: str) -> Token | None:
        query = select(console.token).where(console.token.c.digest == digest)
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else token_of(row)

    def session(self, digest: str) -> Session | None:
        query = select(console.session).where(console.session.c.digest == digest)
        row = self.connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return Session(**{name: row[name] for name in Session.__slots__})

    def open(self, one: Session) -> None:
        row = {name: getattr(one, name) for name in Session.__slots__}
        self.connection.execute(insert(console.session).values(row))

    def seen(self, digest: str, *, at: datetime) -> None:
        table = console.session
        self.connection.execute(update(table).where(table.c.digest == digest).values(seen_at=at))

    def proved(self, digest: str, *, at: datetime) -> None:
        """The password was given again."""
        table = console.session
        self.connection.execute(update(table).where(table.c.digest == digest).values(proved_at=at))

    def close(self, digest: str) -> None:
        self.connection.execute(delete(console.session).where(console.session.c.digest == digest))

    def token_used(self, digest: str, *, at: datetime) -> None:
        table = console.token
        self.connection.execute(update(table).where(table.c.digest == digest).values(used_at=at))

    def sweep(self, *, idle_since: datetime, opened_since: datetime) -> None:
        """Forget sessions that are over, and failures that count no more."""
        table = console.session
        self.connection.execute(
            delete(table).where(
                (table.c.seen_at < idle_since) | (table.c.created_at < opened_since)
            )
        )
        failure = console.sign_in_failure
        self.connection.execute(delete(failure).where(failure.c.at < idle_since))

    def failed(self, *, account: str, address: str, at: datetime) -> None:
        nobodys = {"organisation": "", "id": uuid4().hex}
        row = nobodys | {"account": account, "address": address, "at": at}
        self.connection.execute(insert(console.sign_in_failure).values(row))

    def forgive(self, account: str) -> None:
        table = console.sign_in_failure
        self.connection.execute(delete(table).where(table.c.account == account))

    def failures(self, *, since: datetime, account: str, address: str) -> tuple[int, int]:
        """How often signing in failed since then: for this account, and from this address."""
        table = console.sign_in_failure
        counts = []
        for column, value in ((table.c.account, account), (table.c.address, address)):
            query = select(func.count()).where(column == value, table.c.at > since)
            counts.append(int(self.connection.scalar(query) or 0))
        return counts[0], counts[1]
