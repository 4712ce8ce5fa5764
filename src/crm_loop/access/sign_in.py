"""Signing in and out: sessions on the server, a throttle at the door, links that work once."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import Engine

from crm_loop.access import passwords
from crm_loop.access.second_factor import passes
from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop.secrets import Sealing
from crm_loop.store import State
from crm_loop.store.audit import record
from crm_loop.store.clock import Clock
from crm_loop.store.engine import reading
from crm_loop.store.entrance import Entrance, Session
from crm_loop.store.users import Link, Token, User

#: A browser that asks for nothing is signed out after the first, in any case after the second.
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
#: How long a password that was given counts for what asks for it again.
FRESH = timedelta(minutes=10)
#: A use is written down once in so long, not with every page.
TOUCH = timedelta(minutes=1)
LINK_LASTS = timedelta(hours=24)
#: What a token begins with, so that whoever finds one knows what it is.
TOKEN_PREFIX = "crmloop_"  # noqa: S105 - every token begins so
TOKEN_LASTS = timedelta(days=90)
NEVER = datetime.min.replace(tzinfo=UTC)

#: Failures within the window after which nobody is let in: of an account, from an address.
WINDOW = timedelta(minutes=15)
MOST_OF_ACCOUNT, MOST_OF_ADDRESS = 5, 30


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in, and with which session; `by_token`: a script, with its user's token."""

    user: User
    session: Session
    by_token: bool = False

    def proved(self, now: datetime) -> bool:
        """Whether the password was given just now."""
        return now - self.session.proved_at < FRESH


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Lets people in. `clock` is real time: sessions and throttles know no business time."""

    engine: Engine
    seal: Sealing
    clock: Clock

    def visitor(self, cookie: str) -> Visitor | None:
        """Who holds this cookie, if it is still good."""
        now, digest = self.clock(), digest_of(cookie)
        with reading(self.engine).connect() as connection:
            entrance = Entrance(connection)
            session = entrance.session(digest)
            if session is None or _over(session, now):
                return None
            user = State(connection, session.organisation).users.get(session.user)
        return None if user is None or user.disabled else Visitor(user, session)

    def bearer(self, token: str) -> Visitor | None:
        """Who a script's token belongs to; it proves no password."""
        now, digest = self.clock(), digest_of(token)
        with reading(self.engine).connect() as connection:
            found = Entrance(connection).token(digest)
            if found is None or found.ends_at <= now:
                return None
            user = State(connection, found.organisation).users.get(found.user)
        if user is None or user.disabled:
            return None
        session = Session(
            organisation=user.organisation,
            digest=digest,
            user=user.id,
            created_at=found.created_at,
            seen_at=now,
            proved_at=NEVER,
        )
        return Visitor(user, session, by_token=True)

    def token(self, user: User, *, label: str) -> str:
        """A new token for scripts of this user; only its digest and its end are kept."""
        now, secret = self.clock(), f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}"
        with self.engine.begin() as connection:
            state = State(connection, user.organisation)
            state.users.put_token(
                Token(
                    organisation=user.organisation,
                    digest=digest_of(secret),
                    user=user.id,
                    label=label,
                    tail=secret[-4:],
                    created_at=now,
                    ends_at=now + TOKEN_LASTS,
                )
            )
            record(state, actor=user.id, what="user.token_made", subject=user.id, at=now)
        return secret

    def touch(self, visitor: Visitor) -> None:
        """Write down that the session is in use, now and then."""
        now = self.clock()
        if now - visitor.session.seen_at >= TOUCH:
            with self.engine.begin() as connection:
                Entrance(connection).seen(visitor.session.digest, at=now)

    def sign_in(
        self, email: str, password: str, *, address: str, code: str = ""
    ) -> tuple[User, str]:
        """The user and a cookie of 256 bits; one sentence for all that may be wrong.

        Raises Refused for a wrong address or password, Transient while there were too many.
        """
        email = email.strip().lower()
        user = self._at_the_door(email, address)
        right = passwords.is_right(password, user.password if user else None)
        if right and user is not None:
            right = passes(self.engine, self.seal, user, code, now=self.clock())
        if not right or user is None or user.disabled:
            self._failed(email, address, user)
            raise wrong_password()
        with self.engine.begin() as connection:
            Entrance(connection).forgive(self._account(email))
        return user, self.open(user)

    def open(self, user: User) -> str:
        """A new session of this user; what was there before it is not continued."""
        now, cookie = self.clock(), secrets.token_urlsafe(32)
        with self.engine.begin() as connection:
            entrance, state = Entrance(connection), State(connection, user.organisation)
            entrance.sweep(idle_since=now - IDLE, opened_since=now - LONGEST)
            entrance.open(
                Session(
                    organisation=user.organisation,
                    digest=digest_of(cookie),
                    user=user.id,
                    created_at=now,
                    seen_at=now,
                    proved_at=now,
                )
            )
            state.users.put(replace(user, signed_in_at=now))
            record(state, actor=user.id, what="user.signed_in", subject=user.id, at=now)
        return cookie

    def prove(self, visitor: Visitor, password: str, *, address: str) -> None:
        """Take the password once more, before something that cannot be taken back lightly."""
        user = self._at_the_door(visitor.user.email, address)
        if not passwords.is_right(password, user.password if user else None):
            self._failed(visitor.user.email, address, user)
            raise wrong_password()
        with self.engine.begin() as connection:
            Entrance(connection).proved(visitor.session.digest, at=self.clock())

    def sign_out(self, visitor: Visitor) -> None:
        user, now = visitor.user, self.clock()
        with self.engine.begin() as connection:
            Entrance(connection).close(visitor.session.digest)
            state = State(connection, user.organisation)
            record(state, actor=user.id, what="user.signed_out", subject=user.id, at=now)

    def link(self, organisation: str, *, email: str, roles: Iterable[str], made_by: str) -> str:
        """A link's secret part; it works once, for a day."""
        now, secret = self.clock(), secrets.token_urlsafe(32)
        with self.engine.begin() as connection:
            state = State(connection, organisation)
            state.users.put_link(
                Link(
                    organisation=organisation,
                    digest=digest_of(secret),
                    email=email.strip().lower(),
                    roles=tuple(sorted(roles)),
                    made_by=made_by,
                    created_at=now,
                    ends_at=now + LINK_LASTS,
                )
            )
            what, whose = "user.link_made", self._account(email)
            record(state, actor=made_by, what=what, subject=whose, at=now)
        return secret

    def open_link(self, secret: str) -> Link:
        """What a link is for; Refused when it was used or its time is over."""
        with reading(self.engine).connect() as connection:
            link = Entrance(connection).link(digest_of(secret))
        if link is None or link.used_at is not None or link.ends_at <= self.clock():
            raise used_link()
        return link

    def use_link(self, secret: str, *, email: str, name: str, password: str, language: str) -> User:
        """Make the account, or give it a new password, and end its other sessions."""
        link = self.open_link(secret)
        email = link.email or email.strip().lower()
        passwords.check(password, about=(email.partition("@")[0], name))
        kept, now = passwords.hashed(password), self.clock()
        with self.engine.begin() as connection:
            known = Entrance(connection).user(email)
            if known is not None and known.organisation != link.organisation:
                raise used_link()
            if known is None and not link.roles:
                raise used_link()
            state = State(connection, link.organisation)
            if not state.users.use_link(link.digest, at=now):
                raise used_link()
            user = _account(known, link, email=email, name=name, language=language, now=now)
            user = replace(user, password=kept)
            state.users.put(user)
            state.users.end_sessions(user.id)
            record(state, actor=user.id, what="user.password_set", subject=user.id, at=now)
        return user

    def _at_the_door(self, email: str, address: str) -> User | None:
        names = {"account": self._account(email), "address": self._account(address)}
        with reading(self.engine).connect() as connection:
            entrance = Entrance(connection)
            account, place = entrance.failures(since=self.clock() - WINDOW, **names)
            user = entrance.user(email)
        if account >= MOST_OF_ACCOUNT or place >= MOST_OF_ADDRESS:
            raise Transient(
                "There were too many attempts to sign in.",
                code="sign_in.throttled",
                kept="Nothing was changed.",
                do="Try again in 15 minutes, or have an admin make you a new link.",
                retry_after=WINDOW.total_seconds(),
            )
        return user

    def _failed(self, email: str, address: str, user: User | None) -> None:
        now = self.clock()
        names = {"account": self._account(email), "address": self._account(address)}
        with self.engine.begin() as connection:
            Entrance(connection).failed(at=now, **names)
            if user is not None:
                state = State(connection, user.organisation)
                record(state, actor="anonymous", what="user.refused", subject=user.id, at=now)

    def _account(self, text: str) -> str:
        """What tells addresses apart and gives none away."""
        return self.seal.fingerprint(text.strip().lower())


def digest_of(secret: str) -> str:
    """What is kept of a secret of 256 random bits; a slow hash would add nothing."""
    return sha256(secret.encode()).hexdigest()


def wrong_password() -> Refused:
    return Refused(
        "Address, password and code do not belong together.",
        code="sign_in.refused",
        kept="Nothing was changed.",
        do="Try again, or have an admin make you a new link.",
    )


def used_link() -> NeedsAttention:
    return NeedsAttention(
        "This link was used or its time is over.",
        code="sign_in.link",
        kept="Nothing was changed.",
        do="Have an admin make a new one, or run: crm-loop admin link",
    )


def _over(session: Session, now: datetime) -> bool:
    return now - session.seen_at > IDLE or now - session.created_at > LONGEST


def _account(
    known: User | None, link: Link, *, email: str, name: str, language: str, now: datetime
) -> User:
    """The account that a link makes; one that is there keeps its name, and its roles grow."""
    if known is None:
        return User(
            organisation=link.organisation,
            id=uuid4().hex,
            email=email,
            name=name.strip() or email.partition("@")[0],
            roles=link.roles,
            language=language,
            created_at=now,
        )
    return replace(known, roles=tuple(sorted({*known.roles, *link.roles})))
