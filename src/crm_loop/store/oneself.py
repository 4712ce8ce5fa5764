"""What is kept about oneself and may be shown to oneself, table by table.

A part of what `erasing.export` hands over: what the privacy matrix gives to the person concerned.
What others note or conclude about somebody is not in it, nor anything about anybody else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Table, and_, false, func, select, tuple_

from crm_loop.store.paging import Look, Row, rows
from crm_loop.store.tables import metadata
from crm_loop.store.whose import Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Rows of a table that are one's own, by one of these columns; addresses as we write them.

    `person` holds the address, `account` the console account's id, `owner` the CRM user's id.
    `where` has to hold as well. `hidden` is not one's own to read.
    """

    person: str | None = None
    account: str | None = None
    owner: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


#: By what it is about, in the order of a page.
OWN: Mapping[str, Mapping[str, Own]] = {
    "figures": {
        "kpi_value": Own(person="person"),
        "target": Own(person="person"),
    },
    "talks": {
        "agenda": Own(person="rep", hidden=("manager_text", "document", "gist", "asked", "key")),
        "action": Own(person="who", hidden=("key", "why", "evidence")),
        "one_on_one_capture": Own(person="by"),
        "talk_view": Own(person="rep", where={"by": "rep"}),
        "learn_session": Own(person="rep"),
        "figure_flag": Own(person="rep"),
    },
    "notes": {"private_note": Own(person="author", hidden=("sealed",))},
    "crm": {
        "member": Own(person="person"),
        "crm_person": Own(owner="id"),
        "crm_absence": Own(owner="person_id"),
        "crm_quota": Own(owner="owner_id"),
    },
    "account": {
        "console_user": Own(account="id", hidden=("password", "totp")),
        "console_identity": Own(account="user", hidden=("digest",)),
        "console_session": Own(account="user", hidden=("digest",)),
        "console_token": Own(account="user", hidden=("digest",)),
    },
}


def counts(connection: Connection, who: Who) -> dict[str, int]:
    """How many rows there are of each kind."""
    return {
        kind: sum(_count(connection, name, own, who) for name, own in tables.items())
        for kind, tables in OWN.items()
    }


def held(look: Look, who: Who) -> Iterator[tuple[str, Iterator[Row]]]:
    """What is one's own to read, table by table."""
    for name, own in (one for tables in OWN.values() for one in tables.items()):
        table = metadata.tables[name]
        shown = [c for c in table.columns if c.name not in (*own.hidden, "organisation")]
        yield name, rows(look, table, shown, _mine(table, own, who))


def _count(connection: Connection, name: str, own: Own, who: Who) -> int:
    table = metadata.tables[name]
    query = select(func.count()).select_from(table).where(_mine(table, own, who))
    return connection.scalar(query) or 0


def _mine(table: Table, own: Own, who: Who) -> ColumnElement[bool]:
    conditions = [table.c[name] == value for name, value in own.where.items()]
    return and_(table.c.organisation == who.organisation, _of(table, own, who), *conditions)


def _of(table: Table, own: Own, who: Who) -> ColumnElement[bool]:
    if own.person is not None:
        # Not by its lower case: the index is of the address as it stands.
        return table.c[own.person] == who.person
    if own.account is not None:
        return table.c[own.account].in_(sorted(who.accounts))
    if own.owner is not None and who.users:
        return tuple_(table.c.connection, table.c[own.owner]).in_(sorted(who.users))
    return false()
