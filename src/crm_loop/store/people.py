"""Who belongs to the organisation: CRM users and people.csv, merged by e-mail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from crm_loop.loop_records import Member, Role, SlotLine, TalkEvent
from crm_loop.records import Person, Subject
from crm_loop.store.crm import Crm
from crm_loop.store.erased import Erased
from crm_loop.store.tables import loop, work
from crm_loop.store.upsert import upsert


class People:
    """Members of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def import_rows(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Take rows of people.csv, already checked; they override what the CRMs say.

        Somebody who has been erased is left out.
        """
        living = Erased(self.connection, self.organisation).rows(rows)
        wanted = [dict(row) | {"organisation": self.organisation} for row in living]
        upsert(self.connection, loop.member, wanted)
        return len(wanted)

    def members(self) -> list[Member]:
        """Everybody, sorted by e-mail; people of several connections are one by e-mail."""
        rows = self.connection.execute(
            select(loop.member).where(loop.member.c.organisation == self.organisation)
        ).mappings()
        own = self.connection.execute(
            select(work.organisation_).where(work.organisation_.c.organisation == self.organisation)
        ).mappings()
        users = Crm(self.connection, self.organisation).read(Subject.PEOPLE)
        defaults = own.one_or_none()
        by_person = {row["person"]: dict(row) for row in rows}
        return merge(users, by_person, dict(defaults) if defaults is not None else {})

    def slot_lines(self) -> list[SlotLine]:
        table = loop.slot_line
        rows = self.connection.execute(
            select(table).where(table.c.organisation == self.organisation).order_by(table.c.manager)
        )
        return [
            SlotLine(
                manager=row.manager,
                weekday=row.weekday,
                first=row.first,
                minutes=row.minutes,
                spacing_minutes=row.spacing_minutes,
            )
            for row in rows
        ]

    def set_slot_lines(self, lines: Sequence[SlotLine]) -> None:
        table = loop.slot_line
        self.connection.execute(delete(table).where(table.c.organisation == self.organisation))
        for line in lines:
            self.connection.execute(
                insert(table).values(
                    organisation=self.organisation,
                    manager=line.manager,
                    weekday=line.weekday,
                    first=line.first,
                    minutes=line.minutes,
                    spacing_minutes=line.spacing_minutes,
                )
            )

    def talk_events(self) -> list[TalkEvent]:
        """Entries of calendars that people brought, sorted."""
        table = loop.talk_event
        rows = self.connection.execute(
            select(table.c.manager, table.c.rep, table.c.uid, table.c.rules)
            .where(table.c.organisation == self.organisation)
            .order_by(table.c.manager, table.c.rep, table.c.uid)
        )
        return [TalkEvent(**row._mapping) for row in rows]  # noqa: SLF001 - the documented way

    def set_talk_events(self, managers: Sequence[str], events: Sequence[TalkEvent]) -> None:
        """Take these managers' entries anew; those of other managers stay."""
        table = loop.talk_event
        mine = table.c.organisation == self.organisation
        self.connection.execute(delete(table).where(mine, table.c.manager.in_(managers)))
        rows = [asdict(one) | {"organisation": self.organisation} for one in events]
        upsert(self.connection, table, rows)


def merge(
    users: Sequence[tuple[str, Person]],
    rows: Mapping[str, Mapping[str, Any]],
    defaults: Mapping[str, Any],
) -> list[Member]:
    """Merge CRM users by e-mail; `rows` (people.csv by e-mail) override them field by field."""
    by_person: dict[str, list[tuple[str, Person]]] = {}
    for connection, user in users:
        by_person.setdefault(user.email.lower(), []).append((connection, user))
    emails = {(connection, user.id): user.email.lower() for connection, user in users}
    found = {
        person: _member(person, by_person.get(person, ()), rows.get(person, {}), emails, defaults)
        for person in sorted(by_person.keys() | rows.keys())
    }
    leading = {member.manager for member in found.values() if member.manager}
    return [
        member if rows.get(person, {}).get("role") else _with_role(member, leads=person in leading)
        for person, member in found.items()
    ]


def _member(
    person: str,
    users: Sequence[tuple[str, Person]],
    row: Mapping[str, Any],
    emails: Mapping[tuple[str, str], str],
    defaults: Mapping[str, Any],
) -> Member:
    first = users[0][1] if users else None
    manager = next(
        (emails.get((c, u.manager_id)) for c, u in users if u.manager_id is not None), None
    )
    language = next((u.language for _, u in users if u.language), None)
    name = row.get("name") or (first.name if first else person)
    return Member(
        person=person,
        name=name,
        family_name=_family_name(name, first),
        role=Role(row["role"]) if row.get("role") else Role.AE,
        manager=row.get("manager") or manager,
        language=row.get("language") or language or defaults.get("language", "en"),
        country=row.get("country") or defaults.get("country", "JP"),
        time_zone=(first.time_zone if first else None) or defaults.get("time_zone", "UTC"),
        accounts={connection: user.id for connection, user in users if user.active},
        team=next((u.team for _, u in users if u.team), None),
        fte=row["fte"] if row.get("fte") is not None else 1.0,
        role_start=row.get("role_start"),
        leave=_leave(row.get("leave") or ""),
        pilot=bool(row.get("pilot", True)),
        active=any(user.active for _, user in users) if users else True,
    )


def _with_role(member: Member, *, leads: bool) -> Member:
    # Where nobody says otherwise, whoever leads somebody is a manager.
    return replace(member, role=Role.MANAGER) if leads else member


def _family_name(name: str, user: Person | None) -> str:
    if user is not None and user.family_name:
        return user.family_name
    words = name.split()
    # Japanese names are written family name first.
    return words[0] if not name.isascii() or len(words) == 1 else words[-1]


def _leave(text: str) -> tuple[tuple[date, date], ...]:
    """Parse `2026-05-11/2026-05-15;2026-08-10`: intervals or single days."""
    spans = [part.strip().split("/") for part in text.split(";") if part.strip()]
    return tuple((date.fromisoformat(span[0]), date.fromisoformat(span[-1])) for span in spans)
