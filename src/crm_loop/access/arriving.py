"""Whoever comes from the identity provider: known by issuer and subject, once invited."""

from sqlalchemy import Engine

from crm_loop.access.oidc import Identity, unknown
from crm_loop.store import State
from crm_loop.store.audit import record
from crm_loop.store.clock import Clock
from crm_loop.store.engine import reading
from crm_loop.store.entrance import Entrance
from crm_loop.store.users import User


def user_of(engine: Engine, identity: Identity, *, clock: Clock) -> User:
    """The account of an identity; Refused when nobody has invited it or it is disabled.

    The first time an account is found by the verified address, if no other identity holds it;
    from then on by issuer and subject alone, whatever address they have.
    """
    with reading(engine).connect() as connection:
        user = Entrance(connection).known_as(identity.digest)
        invited = Entrance(connection).user(identity.email.lower()) if identity.email else None
    if user is None and invited is not None:
        user = _bound(engine, invited, identity, clock)
    if user is None or user.disabled:
        raise unknown()
    return user


def _bound(engine: Engine, user: User, identity: Identity, clock: Clock) -> User | None:
    now = clock()
    with engine.begin() as connection:
        state = State(connection, user.organisation)
        if user.disabled or state.users.is_bound(user.id):
            return None
        state.users.bind(user.id, identity.digest, at=now)
        record(state, actor=user.id, what="user.identity_bound", subject=user.id, at=now)
    return user
