"""Targets that people set, and the history of their changes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from crm_loop.loop_records import Target, TargetChange
from crm_loop.store.tables.crm import quota
from crm_loop.store.tables.kpi import target_change
from crm_loop.store.tables.loop import target
from crm_loop.store.upsert import upsert

_KEY = ("person", "kpi", "period_start", "period_end")
Key = tuple[str, str, date, date]


class Targets:
    """Targets of one organisation; every change of one stays with its reason."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put_targets(self, targets: Iterable[Target], *, at: datetime | None = None) -> int:
        """Keep targets and what changed by them; returns how many there were.

        What is there already stays as it is: a file that was written out and is read again makes
        no agreement undone.
        """
        wanted = list(targets)
        known = {_key(one): one for one in self._of({one.person for one in wanted})}
        new = [one for one in wanted if not _same(known.get(_key(one)), one)]
        changes = [
            TargetChange(
                **{name: getattr(one, name) for name in (*_KEY, "set_by", "source", "reason")},
                at=at,
                old=old.value if old else None,
                new=one.value,
            )
            for one in new
            if (old := known.get(_key(one))) is None
            or (old.value, old.set_by) != (one.value, one.set_by)
        ]
        self._keep(new)
        self._add(changes)
        return len(wanted)

    def agree(self, one: Target, change: TargetChange) -> None:
        """Keep a target that people have agreed on, with their answers."""
        self._keep([one])
        self._add([change])

    def targets(self, day: date) -> list[Target]:
        """Targets that people set whose period holds the day, by person and KPI."""
        return self._read(target.c.period_start <= day, target.c.period_end >= day)

    def all_targets(self) -> list[Target]:
        """Targets that people set, of any period, by person and KPI."""
        return self._read()

    def spans(self, first: date, last: date) -> frozenset[tuple[date, date]]:
        """First and last days of the periods between two days that targets or quotas are of."""
        found: set[tuple[date, date]] = set()
        for table in (target, quota):
            query = (
                select(table.c.period_start, table.c.period_end)
                .where(table.c.organisation == self.organisation)
                .where(table.c.period_start >= first, table.c.period_end <= last)
                .distinct()
            )
            found |= {(row[0], row[1]) for row in self.connection.execute(query)}
        return frozenset(found)

    def target_changes(self, day: date) -> list[TargetChange]:
        """How the targets whose period holds the day came to be what they are, oldest first."""
        table = target_change
        query = (
            select(table)
            .where(table.c.organisation == self.organisation)
            .where(table.c.period_start <= day, table.c.period_end >= day)
            .order_by(*(table.c[name] for name in _KEY), table.c.n)
        )
        names = [field.name for field in fields(TargetChange)]
        rows = self.connection.execute(query).mappings()
        read = ({name: row[name] for name in names} for row in rows)
        return [TargetChange(**(one | {"facts": json.loads(one["facts"])})) for one in read]

    def _of(self, people: set[str]) -> list[Target]:
        return self._read(target.c.person.in_(sorted(people)))

    def _read(self, *where: ColumnElement[bool]) -> list[Target]:
        query = (
            select(target)
            .where(target.c.organisation == self.organisation, *where)
            .order_by(*(target.c[name] for name in _KEY))
        )
        names = [field.name for field in fields(Target)]
        return [
            Target(**{name: row[name] for name in names})
            for row in self.connection.execute(query).mappings()
        ]

    def _keep(self, targets: Sequence[Target]) -> None:
        rows = [asdict(one) | {"organisation": self.organisation} for one in targets]
        upsert(self.connection, target, rows)

    def _add(self, changes: Sequence[TargetChange]) -> None:
        if changes:
            rows = [self._row(one, self._next(_key(one))) for one in changes]
            self.connection.execute(insert(target_change), rows)

    def _next(self, key: Key) -> int:
        same = (target_change.c[name] == value for name, value in zip(_KEY, key, strict=True))
        query = select(func.max(target_change.c.n)).where(
            target_change.c.organisation == self.organisation, *same
        )
        return (self.connection.scalar(query) or 0) + 1

    def _row(self, one: TargetChange, n: int) -> dict[str, Any]:
        facts = json.dumps(dict(one.facts), sort_keys=True, default=str)
        return asdict(one) | {"organisation": self.organisation, "n": n, "facts": facts}


def _key(one: Target | TargetChange) -> Key:
    return one.person, one.kpi, one.period_start, one.period_end


def _same(known: Target | None, one: Target) -> bool:
    """Whether a target is there already, wherever it came from."""
    return known is not None and replace(known, source=one.source) == one
