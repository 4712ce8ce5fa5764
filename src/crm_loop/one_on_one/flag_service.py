"""Keep the figures that reps say are wrong, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import tuple_

from crm_loop.loop_records import Agenda, FigureFlag, FlagState, KpiValue, RecordRef, Talk
from crm_loop.one_on_one.flagging import Flagged, flags_in
from crm_loop.records import Subject
from crm_loop.store import Begin, State
from crm_loop.store.crm import IDS_AT_ONCE
from crm_loop.store.tables import crm

#: A recounted value that differs by less is the same one.
TINY = 1e-9


def keep_flags(
    state: State,
    agenda: Agenda,
    lines: Sequence[str],
    values: Mapping[str, KpiValue],
    day: date,
) -> None:
    """Keep what the typed lines of a memo say is wrong."""
    state.flags.add(flags_in(lines, agenda, values, day))


def flagged_since(
    state: State, flags: Mapping[str, Sequence[FigureFlag]], before: Mapping[str, Sequence[Talk]]
) -> dict[str, list[Flagged]]:
    """By rep, what was flagged in the last memo, with the records behind it."""
    found: dict[str, list[Flagged]] = {}
    for rep, own in flags.items():
        last = next((one.week for one in before.get(rep, ())), None)
        for flag in own:
            if flag.week == last:
                found.setdefault(rep, []).append(_with_records(state, flag))
    return found


def _with_records(state: State, flag: FigureFlag) -> Flagged:
    if flag.state is FlagState.CHANGED:
        return Flagged(flag=flag)
    records = state.figures.records(flag.rep, flag.kpi, flag.as_of)
    names = state.crm.customers(_deals(state, records)).values()
    return Flagged(flag=flag, records=records, names=sorted(set(names)))


def _deals(state: State, records: Sequence[RecordRef]) -> list[RecordRef]:
    """The deals among the records, and those that its activities are about."""
    deals = [one for one in records if one.object == "deal"]
    others = [(one.connection, one.id) for one in records if one.object == "activity"]
    if not others:
        return deals
    which = tuple_(crm.activity.c.connection, crm.activity.c.id).in_(others[:IDS_AT_ONCE])
    return deals + [
        RecordRef(connection=connection, object="deal", id=one.deal_id)
        for connection, one in state.crm.read(Subject.ACTIVITIES, which)
        if one.deal_id
    ]


def recount(
    begin: Begin,
    organisation: str,
    flags: Sequence[FigureFlag],
    values: Sequence[KpiValue],
    *,
    as_of: date,
) -> list[FigureFlag]:
    """Compare flagged figures with the same ones counted again; returns those that changed.

    `values` are of the same period and day as the flagged ones, from the records as they are
    now: a figure that only went on since is no other figure.
    """
    known = {(one.person, one.kpi, one.as_of): one for one in values}
    changed = []
    for flag in flags:
        value = known.get((flag.rep, flag.kpi, flag.as_of))
        if value is not None and _differs(flag, value):
            changed.append(
                replace(
                    flag,
                    state=FlagState.CHANGED,
                    recounted=value.value,
                    recounted_as_of=as_of,
                )
            )
    with begin(organisation) as state:
        state.flags.put(changed)
    return changed


def _differs(flag: FigureFlag, value: KpiValue) -> bool:
    pairs = (
        (flag.value, value.value),
        (flag.numerator, value.numerator),
        (flag.denominator, value.denominator),
    )
    return any(
        (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > TINY)
        for a, b in pairs
    )
