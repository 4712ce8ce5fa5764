"""The organisation itself and its CRM accounts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select, update

from crm_loop.calendars import BusinessCalendar
from crm_loop.errors import NeedsAttention
from crm_loop.loop_records.counting import CountingRules
from crm_loop.store.tables import work
from crm_loop.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One customer. `writing` is off until an admin switches it on.

    `second_approver`: a target that a manager agreed on needs somebody else's word as well.
    `holidays`: days on which the company is closed, beside the public ones of each country.
    `kpis`: role and KPIs that are shown to it, of those roles for which an admin chose some.
    `counting`: how figures are counted, as far as an admin may decide.
    """

    name: str
    time_zone: str = "Asia/Tokyo"
    language: str = "ja"
    currency: str = "JPY"
    country: str = "JP"
    fiscal_start: int = 4
    profile: str = "starter"
    purpose: str = ""
    writing: bool = False
    second_approver: bool = False
    holidays: frozenset[date] = frozenset()
    kpis: tuple[tuple[str, tuple[str, ...]], ...] = ()
    counting: CountingRules = field(default_factory=CountingRules)

    def chosen_kpis(self, role: str) -> tuple[str, ...] | None:
        """What an admin chose for a role; None where the profile decides."""
        return next((ids for name, ids in self.kpis if name == role), None)

    def with_kpis(self, chosen: Mapping[str, Sequence[str]]) -> "Organisation":
        """The same with another choice of KPIs by role."""
        pairs = ((role, tuple(ids)) for role, ids in sorted(chosen.items()))
        return replace(self, kpis=tuple(pairs))

    def calendar(self, country: str | None = None) -> BusinessCalendar:
        """The business days here; of another country for people who work there."""
        return BusinessCalendar(country or self.country, self.holidays)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """One CRM account; `credentials` are sealed, `facts` what it said it can do."""

    name: str
    kind: str
    url: str
    settings: dict[str, Any] = field(default_factory=dict)
    credentials: str = field(default="", repr=False)
    account_id: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    paused: bool = False


class Connections:
    """The organisation and its connections."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self._organisation = organisation

    def organisation(self) -> Organisation:
        """The organisation's own row; NeedsAttention before it was set up."""
        table = work.organisation_
        row = self.connection.execute(
            select(table).where(table.c.organisation == self._organisation)
        ).one_or_none()
        if row is None:
            raise NeedsAttention(
                f"There is no organisation {self._organisation!r} yet.",
                code="organisation.missing",
                do="Connect a CRM first: crm-loop connect NAME --kind … --url … --credentials …",
            )
        values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's dict
        days = (date.fromisoformat(day) for day in values.pop("holidays").split())
        name, chosen = values.pop("organisation"), json.loads(values.pop("kpis") or "{}")
        counting = CountingRules.of(json.loads(values.pop("counting") or "{}"))
        own = Organisation(name=name, holidays=frozenset(days), counting=counting, **values)
        return own.with_kpis(chosen)

    def put_organisation(self, wanted: Organisation) -> None:
        values = asdict(wanted)
        days, chosen = sorted(values.pop("holidays")), dict(values.pop("kpis"))
        values.pop("counting")
        decided = wanted.counting.decided()
        row = {
            "organisation": values.pop("name"),
            "counting": json.dumps(decided) if decided else "",
            "kpis": json.dumps(chosen) if chosen else "",
            "holidays": " ".join(day.isoformat() for day in days),
            **values,
        }
        upsert(self.connection, work.organisation_, [row])

    def all(self) -> list[ConnectionRow]:
        """Every connection, sorted by name."""
        table = work.connection_
        rows = self.connection.execute(
            select(table).where(table.c.organisation == self._organisation).order_by(table.c.name)
        )
        return [_row(row) for row in rows.mappings()]

    def kinds(self) -> set[str]:
        """Which kinds of CRM there are."""
        table = work.connection_
        query = select(table.c.kind).where(table.c.organisation == self._organisation)
        return set(self.connection.scalars(query))

    def get(self, name: str) -> ConnectionRow | None:
        return next((row for row in self.all() if row.name == name), None)

    def put(self, row: ConnectionRow) -> None:
        values = asdict(row) | {
            "organisation": self._organisation,
            "settings": json.dumps(row.settings, sort_keys=True),
            "facts": json.dumps(row.facts, sort_keys=True),
        }
        upsert(self.connection, work.connection_, [values])

    def may_write(self, name: str) -> bool:
        """Whether this account may be written to now: writing is on, nobody has paused it."""
        own, account = work.organisation_, work.connection_
        query = (
            select(own.c.writing, account.c.paused)
            .join(account, account.c.organisation == own.c.organisation)
            .where(own.c.organisation == self._organisation, account.c.name == name)
        )
        row = self.connection.execute(query).one_or_none()
        return row is not None and row.writing and not row.paused

    def learn(self, name: str, facts: Mapping[str, Any]) -> None:
        """Keep further facts of a connection; nothing else of it is touched."""
        row = self.get(name)
        if row is None:
            return
        table = work.connection_
        known = json.dumps({**row.facts, **facts}, sort_keys=True)
        self.connection.execute(
            update(table)
            .where(table.c.organisation == self._organisation, table.c.name == name)
            .values(facts=known)
        )

    def remove(self, name: str) -> None:
        table = work.connection_
        self.connection.execute(
            delete(table).where(table.c.organisation == self._organisation, table.c.name == name)
        )


def _row(values: Any) -> ConnectionRow:
    return ConnectionRow(
        name=values["name"],
        kind=values["kind"],
        url=values["url"],
        settings=json.loads(values["settings"]),
        credentials=values["credentials"],
        account_id=values["account_id"],
        facts=json.loads(values["facts"]),
        paused=values["paused"],
    )
