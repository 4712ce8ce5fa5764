"""Targets that people set, and the history of their changes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from crm_loop.loop_records import Target, TargetChange
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
        """Keep targets and what changed by them; returns how many there were."""
        wanted = list(targets)
        known = self._known({one.person for one in wanted})
        changes = [
            TargetChange(
                **{name: getattr(one, name) for name in (*_KEY, "set_by", "source", "reason")},
                at=at,
                old=known.get(_key(one)),
                new=one.value,
            )
            for one in wanted
            if known.get(_key(one)) != one.value
        ]
        self._keep(wanted)
        self._add(changes)
        return len(wanted)

    def agree(self, one: Target, change: TargetChange) -> None:
        """Keep a target that people have agreed on, with their answers."""
        self._keep([one])
        self._add([change])

    def targets(self, day: date) -> list[Target]:
        """Targets that people set whose period holds the day, by person and KPI."""
        query = (
            select(target)
            .where(target.c.organisation == self.organisation)
            .where(target.c.period_start <= day, target.c.period_end >= day)
            .order_by(target.c.person, target.c.kpi, target.c.period_start)
        )
        names = [field.name for field in fields(Target)]
        return [
            Target(**{name: row[name] for name in names})
            for row in self.connection.execute(query).mappings()
        ]

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

    def _known(self, people: set[str]) -> dict[Key, float]:
        query = select(*(target.c[name] for name in _KEY), target.c.value).where(
            target.c.organisation == self.organisation, target.c.person.in_(sorted(people))
        )
        return {(row[0], row[1], row[2], row[3]): row[4] for row in self.connection.execute(query)}

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
