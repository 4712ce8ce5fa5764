"""Figures and their records as the store has them, for pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, tuple_

from crm_loop.access.reading import Desk
from crm_loop.console import more_lines
from crm_loop.kpi import given
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.own_kpis import known_kpis
from crm_loop.loop_records import KpiValue, Member, RecordLines, RecordRef, Restated
from crm_loop.store import State
from crm_loop.store.connections import Organisation
from crm_loop.store.tables import crm, crm_details

#: Older figures are not shown as today's.
FRESH_DAYS = 14
#: So many changed records of a closed period are listed.
MOST_CHANGED = 20


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest figures of some people, by person and KPI."""

    as_of: date | None
    values: Mapping[str, Mapping[str, KpiValue]]


def newest(desk: Desk, people: Sequence[str], today: date) -> Newest:
    """What was measured last of these people, within two weeks, as far as it may be read."""
    day = _last_day(desk, people, today)
    return Newest(day, _by_person(desk.values_of(day, people)) if day and people else {})


def newest_together(desk: Desk, people: Sequence[str], today: date) -> Newest:
    """The same of a group, for its sums."""
    day = _last_day(desk, people, today)
    return Newest(day, _by_person(desk.values_together(day, people)) if day and people else {})


def shown_only(newest: Newest, own: Organisation, members: Mapping[str, Member]) -> Newest:
    """The same without what a person's role is not shown, where an admin has chosen."""
    if not own.kpis:
        return newest
    found = {}
    for person, values in newest.values.items():
        chosen = own.chosen_kpis(members[person].role)
        found[person] = {k: v for k, v in values.items() if chosen is None or k in chosen}
    return Newest(newest.as_of, found)


def _last_day(desk: Desk, people: Sequence[str], today: date) -> date | None:
    since = today - timedelta(days=FRESH_DAYS)
    return desk.state.figures.last_day(people, today, since=since)


def _by_person(values: Sequence[KpiValue]) -> dict[str, dict[str, KpiValue]]:
    found: dict[str, dict[str, KpiValue]] = {}
    for value in values:
        found.setdefault(value.person, {})[value.kpi] = value
    return found


def kpis(state: State) -> dict[str, Kpi]:
    """The catalogue and the organisation's own as far as they can be measured, by id."""
    return known_kpis(state)


def own_ids(known: Mapping[str, Kpi]) -> list[str]:
    """What the organisation has defined itself and switched on: whoever did wants to see it."""
    return sorted(id_ for id_ in known if id_ not in catalogue())


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One CRM record: what people call it, its day, its money, and where it is in the CRM."""

    ref: RecordRef
    name: str
    day: date | None
    amount: float | None
    detail: str
    url: str | None


def record_lines(state: State, refs: Sequence[RecordRef]) -> list[RecordLine]:
    """The records in the order given, as far as they are still there."""
    by_kind: dict[str, list[RecordRef]] = {}
    for ref in refs:
        by_kind.setdefault(ref.object, []).append(ref)
    found: dict[RecordRef, RecordLine] = {}
    facts = {row.name: row.facts for row in state.connections.all()}
    for kind, several in by_kind.items():
        found |= _of_kind(state, kind, several, facts)
    return [found[ref] for ref in refs if ref in found]


def counting(value: KpiValue | None) -> dict[RecordRef, bool]:
    """Whether each record of a share counts in it; nothing where that was not kept."""
    lines = value.records if value else None
    if not isinstance(lines, RecordLines) or lines.given is None:
        return {}
    gave = given.read(lines.given, len(lines)) or ()
    return {ref: counted for ref, (counted, _) in zip(lines, gave, strict=False)}


def refs_of(one: Restated) -> list[RecordRef]:
    """The records in which a closed figure differs from today's."""
    parts = (key.split(":", 2) for key in one.changes)
    return [RecordRef(connection=c, object=o, id=i) for c, o, i in parts]


def changed_lines(state: State, changed: Sequence[Restated]) -> dict[RecordRef, RecordLine]:
    """Those records as pages show them; one that is gone has no line."""
    refs = [ref for one in changed for ref in refs_of(one)[:MOST_CHANGED]]
    return {line.ref: line for line in record_lines(state, list(dict.fromkeys(refs)))}


def _of_kind(
    state: State, kind: str, refs: Sequence[RecordRef], facts: Mapping[str, Mapping[str, Any]]
) -> dict[RecordRef, RecordLine]:
    tables = {
        "deal": crm.deal,
        "activity": crm.activity,
        "task": crm.task,
        "lead": crm_details.lead,
    }
    table = tables.get(kind)
    if kind in more_lines.KINDS:
        return _of_more(state, kind, refs, facts)
    if table is None:
        return {}
    found = {}
    for start in range(0, len(refs), 400):
        part = refs[start : start + 400]
        wanted = [(ref.connection, ref.id) for ref in part]
        query = select(table).where(
            table.c.organisation == state.organisation,
            tuple_(table.c.connection, table.c.id).in_(wanted),
        )
        rows = list(state.connection.execute(query).mappings())
        names = _accounts(state, rows)
        for row in rows:
            ref = RecordRef(connection=row["connection"], object=kind, id=row["id"])
            found[ref] = _line(ref, row, names, facts.get(ref.connection, {}))
    return found


def _of_more(
    state: State, kind: str, refs: Sequence[RecordRef], facts: Mapping[str, Mapping[str, Any]]
) -> dict[RecordRef, RecordLine]:
    zone = state.connections.organisation().time_zone
    return {
        one.ref: RecordLine(
            ref=one.ref, name=one.name, day=one.day, amount=None, detail="", url=one.url
        )
        for start in range(0, len(refs), 400)
        for one in more_lines.known(state, kind, refs[start : start + 400], facts, zone)
    }


def _accounts(state: State, rows: Sequence[Any]) -> dict[tuple[str, str], str]:
    wanted = sorted({(r["connection"], r["account_id"]) for r in rows if r["account_id"]})
    if not wanted:
        return {}
    table = crm.account
    query = select(table.c.connection, table.c.id, table.c.name).where(
        table.c.organisation == state.organisation,
        tuple_(table.c.connection, table.c.id).in_(wanted),
    )
    return {(c, id_): name for c, id_, name in state.connection.execute(query)}


def _line(
    ref: RecordRef, row: Any, names: Mapping[tuple[str, str], str], facts: Mapping[str, Any]
) -> RecordLine:
    account = names.get((row["connection"], row["account_id"] or ""), "")
    pattern = str(facts.get(f"{ref.object}_url") or "")
    if ref.object == "deal":
        name, day, detail = row["name"], row["close_date"], account
    elif ref.object == "activity":
        name, day, detail = account, row["start"].date(), row["kind"]
    elif ref.object == "task":
        name, day, detail = account, row["due"], ""
    else:
        name, day, detail = row["company"] or "", row["created_at"].date(), row["source"] or ""
    return RecordLine(
        ref=ref,
        name=name,
        day=day,
        amount=None if ref.object != "deal" or row["amount"] is None else float(row["amount"]),
        detail=detail,
        url=pattern.replace("{id}", ref.id)
        if pattern.startswith(("https://", "http://"))
        else None,
    )
