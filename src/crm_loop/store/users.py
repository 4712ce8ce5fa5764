"""Who may sign in to one organisation, and the links and tokens made for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from crm_loop.store.tables import console
from crm_loop.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in. `password` is a hash, None before a link was used.

    `totp` is the sealed secret of a second factor, `totp_step` the last half minute whose code
    was taken.
    """

    organisation: str
    id: str
    email: str
    name: str
    roles: tuple[str, ...]
    language: str
    created_at: datetime
    password: str | None = None
    disabled: bool = False
    signed_in_at: datetime | None = None
    totp: str | None = field(default=None, repr=False)
    totp_step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that makes an account or a new password, once. `email` empty: for the first admin."""

    organisation: str
    digest: str
    email: str
    roles: tuple[str, ...]
    made_by: str
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key for scripts; `tail` is all of it that can still be shown."""

    organisation: str
    digest: str
    user: str
    label: str
    tail: str
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


class Users:
    """People of one organisation who may sign in."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, one: User) -> None:
        """Keep somebody; the second factor is set and used up by its own methods only."""
        names = [name for name in User.__slots__ if not name.startswith("totp")]
        row = {name: getattr(one, name) for name in names} | {
            "organisation": self.organisation,
            "roles": joined(one.roles),
        }
        upsert(self.connection, console.user, [row])

    def get(self, id_: str) -> User | None:
        table = console.user
        query = select(table).where(table.c.organisation == self.organisation, table.c.id == id_)
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else user_of(row)

    def by_email(self, email: str) -> User | None:
        table = console.user
        mine = table.c.organisation == self.organisation, table.c.email == email
        row = self.connection.execute(select(table).where(*mine)).mappings().one_or_none()
        return None if row is None else user_of(row)

    def page(self, *, offset: int, limit: int | None) -> list[User]:
        """Some of them, by e-mail."""
        table = console.user
        query = (
            select(table)
            .where(table.c.organisation == self.organisation)
            .order_by(table.c.email)
            .offset(offset)
            .limit(limit)
        )
        return [user_of(row) for row in self.connection.execute(query).mappings()]

    def addresses(self) -> frozenset[str]:
        """Of everybody who has an account, in small letters."""
        query = select(console.user.c.email).where(console.user.c.organisation == self.organisation)
        return frozenset(email.lower() for email in self.connection.scalars(query))

    def count(self) -> int:
        query = select(func.count()).where(console.user.c.organisation == self.organisation)
        return int(self.connection.scalar(query) or 0)

    def admins(self) -> list[User]:
        """Who may sign in and administer."""
        table = console.user
        query = select(table).where(
            table.c.organisation == self.organisation,
            table.c.disabled.is_(False),
            table.c.password.is_not(None),
        )
        found = [user_of(row) for row in self.connection.execute(query).mappings()]
        return [one for one in found if "admin" in one.roles]

    def take_step(self, id_: str, step: int) -> bool:
        """Use a code's half minute up; False when it or a later one was used already."""
        table = console.user
        statement = update(table).where(
            table.c.organisation == self.organisation, table.c.id == id_, table.c.totp_step < step
        )
        return self.connection.execute(statement.values(totp_step=step)).rowcount == 1

    def set_totp(self, id_: str, sealed: str | None, *, step: int = 0) -> None:
        table = console.user
        mine = table.c.organisation == self.organisation, table.c.id == id_
        values = {"totp": sealed, "totp_step": step}
        self.connection.execute(update(table).where(*mine).values(values))

    def bind(self, id_: str, digest: str, *, at: datetime) -> None:
        """Know somebody by an identity from now on; the one before counts no more."""
        table = console.identity
        mine = table.c.organisation == self.organisation, table.c.user == id_
        self.connection.execute(delete(table).where(*mine))
        row = {"organisation": self.organisation, "digest": digest, "user": id_, "created_at": at}
        self.connection.execute(insert(table).values(row))

    def is_bound(self, id_: str) -> bool:
        table = console.identity
        mine = table.c.organisation == self.organisation, table.c.user == id_
        return self.connection.scalar(select(table.c.digest).where(*mine)) is not None

    def put_link(self, one: Link) -> None:
        """Add a link; earlier ones for the same address are worth nothing from now on."""
        table = console.link
        self.connection.execute(
            delete(table).where(
                table.c.organisation == self.organisation,
                table.c.email == one.email,
                table.c.used_at.is_(None),
            )
        )
        row = {name: getattr(one, name) for name in Link.__slots__} | {
            "organisation": self.organisation,
            "roles": joined(one.roles),
        }
        self.connection.execute(insert(table).values(row))

    def use_link(self, digest: str, *, at: datetime) -> bool:
        """Use it up; False when somebody was faster or its time is over."""
        table = console.link
        statement = (
            update(table)
            .where(table.c.organisation == self.organisation, table.c.digest == digest)
            .where(table.c.used_at.is_(None), table.c.ends_at > at)
            .values(used_at=at)
        )
        return self.connection.execute(statement).rowcount == 1

    def end_sessions(self, user: str, *, but: str = "") -> int:
        """Sign somebody out everywhere, save where `but` says; how many sessions ended."""
        table = console.session
        statement = delete(table).where(
            table.c.organisation == self.organisation,
            table.c.user == user,
            table.c.digest != but,
        )
        return self.connection.execute(statement).rowcount

    def put_token(self, one: Token) -> None:
        row = {name: getattr(one, name) for name in Token.__slots__}
        self.connection.execute(
            insert(console.token).values(row | {"organisation": self.organisation})
        )

    def tokens(self, user: str) -> list[Token]:
        """A user's tokens, the newest first."""
        table = console.token
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, table.c.user == user)
            .order_by(table.c.created_at.desc(), table.c.digest)
        )
        return [token_of(row) for row in self.connection.execute(query).mappings()]

    def revoke_tokens(self, user: str, *, digest: str | None = None) -> int:
        """Make one of a user's tokens worthless, or all of them."""
        table = console.token
        statement = delete(table).where(
            table.c.organisation == self.organisation, table.c.user == user
        )
        if digest is not None:
            statement = statement.where(table.c.digest == digest)
        return self.connection.execute(statement).rowcount


def joined(roles: Iterable[str]) -> str:
    return ",".join(sorted(str(role) for role in roles))


def user_of(row: Any) -> User:
    values = {name: row[name] for name in User.__slots__}
    return User(**(values | {"roles": _apart(row["roles"])}))


def link_of(row: Any) -> Link:
    values = {name: row[name] for name in Link.__slots__}
    return Link(**(values | {"roles": _apart(row["roles"])}))


def token_of(row: Any) -> Token:
    return Token(**{name: row[name] for name in Token.__slots__})


def _apart(roles: str) -> tuple[str, ...]:
    return tuple(filter(None, roles.split(",")))
