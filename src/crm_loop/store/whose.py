"""Who somebody is here: an address, users of CRMs, accounts of the console, names in texts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from crm_loop.store.erased import Kind, digest_of
from crm_loop.store.naming import ids_in_texts, needles
from crm_loop.store.tables import console, crm, loop, metadata
from crm_loop.store.traces import TRACES

Ids = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """One person (address, CRM users, console accounts, names) or one contact (ids) to look for.

    `users` and `contacts` are pairs of connection and CRM id.
    """

    organisation: str
    person: str | None = None
    users: Ids = frozenset()
    accounts: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    contacts: Ids = frozenset()

    @property
    def in_texts(self) -> tuple[str, ...]:
        """What is looked for in texts: names, and ids of contacts that can be nothing else."""
        return (*self.names, *ids_in_texts(self.contacts))

    @property
    def digests(self) -> dict[str, str]:
        """What is remembered of somebody who is erased, and what each is a digest of."""
        own = self.organisation
        found = {digest_of(own, Kind.USER, *one): Kind.USER for one in self.users}
        found |= {digest_of(own, Kind.CONTACT, *one): Kind.CONTACT for one in self.contacts}
        if self.person:
            found[digest_of(own, Kind.PERSON, self.person)] = Kind.PERSON
        return {digest: str(kind) for digest, kind in found.items()}


def person(connection: Connection, organisation: str, email: str) -> Who:
    """Whoever has this address: as CRM user of any connection, as member, as console account."""
    email = email.strip().lower()
    users, members, accounts = crm.person, loop.member, console.user
    of = connection.execute(
        select(users.c.connection, users.c.id, users.c.name, users.c.family_name).where(
            users.c.organisation == organisation, func.lower(users.c.email) == email
        )
    ).all()
    named = connection.scalars(
        select(members.c.name).where(
            members.c.organisation == organisation, func.lower(members.c.person) == email
        )
    )
    signed = connection.execute(
        select(accounts.c.id, accounts.c.name).where(
            accounts.c.organisation == organisation, func.lower(accounts.c.email) == email
        )
    ).all()
    names = [*(one.name for one in of), *named, *(one.name for one in signed)]
    families = {one.family_name for one in of if one.family_name}
    families |= {_family(name) for name in names if name}
    return Who(
        organisation=organisation,
        person=email,
        users=frozenset((one.connection, one.id) for one in of),
        accounts=frozenset(one.id for one in signed),
        names=tuple(needles(email, names, _only_here(connection, organisation, email, families))),
    )


def contact(organisation: str, connection: str, id_: str) -> Who:
    """A customer's contact or a lead, by its id in one connection."""
    return Who(organisation=organisation, contacts=frozenset({(connection, id_)}))


def present(connection: Connection, organisation: str, digests: Mapping[str, str]) -> Iterator[Who]:
    """Everybody whom any table names and who has been erased."""
    people: set[str] = set()
    contacts: set[tuple[str, str]] = set()
    for name, trace in TRACES.items():
        table = metadata.tables[name]
        mine = table.c.organisation == organisation
        for column in (table.c[one] for one in (*trace.whole, *trace.named)):
            query = select(column).where(mine, column.is_not(None)).distinct()
            people |= {one.lower() for one in connection.scalars(query)}
        for column in (table.c[one] for one in (*trace.contact, *trace.contact_named)):
            query = select(table.c.connection, column).where(mine, column.is_not(None)).distinct()
            for at, found in connection.execute(query).all():
                ids = found if isinstance(found, tuple) else (found,)
                contacts |= {(at, id_) for id_ in ids}
    for one in sorted(people):
        if digest_of(organisation, Kind.PERSON, one) in digests:
            yield person(connection, organisation, one)
    for place in sorted(contacts):
        if digest_of(organisation, Kind.CONTACT, *place) in digests:
            yield contact(organisation, *place)


def _family(name: str) -> str:
    words = name.split()
    return words[0] if not name.isascii() or len(words) == 1 else words[-1]


def _only_here(
    connection: Connection, organisation: str, email: str, families: Iterable[str]
) -> list[str]:
    """Family names that nobody else has: another one's texts stay what they are."""
    others: set[str] = set()
    for table, address in ((crm.person, crm.person.c.email), (loop.member, loop.member.c.person)):
        query = select(table.c.name).where(
            table.c.organisation == organisation, func.lower(address) != email
        )
        others |= {_family(name) for name in connection.scalars(query) if name}
    return [one for one in families if one not in others]
