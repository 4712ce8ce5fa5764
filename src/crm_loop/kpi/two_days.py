"""The pipeline of two days side by side: kept nights where there are, else the CRM's history."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from crm_loop.kpi.pipeline_history import (
    PARTS,
    SCALE,
    applied,
    moved_dates,
    open_units,
    pipeline_of,
    unpacked,
    waterfall,
)
from crm_loop.kpi.service import read_setting
from crm_loop.loop_records import RecordRef
from crm_loop.store import Begin, State


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoDays:
    """Open money on both days, what each part did to it, and the deals; `rebuilt` is from history.

    Amounts are in the corporate currency; `before` plus the parts is `after`, to the last unit.
    `moved` is open money due in a later (pushed) or an earlier (pulled_in) month than before, on
    the later day. With a horizon it is among the parts where it crosses that day; without one it
    stays inside, and the two parts are 0.
    """

    before: float
    after: float
    parts: dict[str, float]
    moved: dict[str, float]
    people: dict[str, dict[str, float]]
    deals: list[dict[str, Any]]
    rebuilt: tuple[bool, bool]


def compare(
    begin: Begin,
    organisation: str,
    first: date,
    last: date,
    *,
    horizon: date | None = None,
    people: Collection[str] | None = None,
) -> TwoDays:
    """Read both days and tell the difference; with `people`, of what these have."""
    before, rebuilt_before = pipeline_on(begin, organisation, first)
    after, rebuilt_after = pipeline_on(begin, organisation, last)
    rows = waterfall(before, after, horizon=horizon)
    if people is not None:
        theirs = pl.col("person").is_in(sorted(people))
        before, after, rows = before.filter(theirs), after.filter(theirs), rows.filter(theirs)
    each: dict[str, dict[str, float]] = defaultdict(dict)
    for person, part, units in (
        rows.group_by("person", "part").agg(pl.col("units").sum()).iter_rows()
    ):
        each[person or ""][part] = units / SCALE
    sums = dict(rows.group_by("part").agg(pl.col("units").sum()).iter_rows())
    return TwoDays(
        before=open_units(before, horizon=horizon) / SCALE,
        after=open_units(after, horizon=horizon) / SCALE,
        parts={part: sums.get(part, 0) / SCALE for part in PARTS},
        moved={part: units / SCALE for part, units in moved_dates(before, after).items()},
        people={name: dict(sorted(one.items())) for name, one in sorted(each.items())},
        deals=[{**row, "amount": row.pop("units") / SCALE} for row in rows.iter_rows(named=True)],
        rebuilt=(rebuilt_before, rebuilt_after),
    )


def pipeline_on(begin: Begin, organisation: str, day: date) -> tuple[pl.DataFrame, bool]:
    """The pipeline as a night kept it; else rebuilt from the CRM's history, and whether so."""
    with begin(organisation) as state:
        kept = state.frozen.pipelines(day)
    if kept and kept[-1][0] == day:
        return applied([unpacked(one) for _, _, one in kept]), False
    return pipeline_of(read_setting(begin, organisation, day).frames), True


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moved some people's open money between two kept nights, and the deals that did.

    Amounts are in the corporate currency; `before` plus the parts is `after`, to the last unit.
    """

    first: date
    last: date
    before: float
    after: float
    parts: dict[str, float]
    deals: list[tuple[str, RecordRef, float]]


def moved_of(
    state: State,
    people: Collection[str],
    first: date,
    last: date,
    *,
    horizon: date | None = None,
) -> Moved | None:
    """Compare the nights kept last before both days, for these people; None without two nights."""
    nights = [state.frozen.pipelines(day) for day in (first, last)]
    if not all(nights) or nights[0][-1][0] >= nights[1][-1][0]:
        return None
    frames = [applied([unpacked(one) for _, _, one in kept]) for kept in nights]
    wanted = pl.col("person").is_in(sorted(people))
    before, after = (open_units(one.filter(wanted), horizon=horizon) for one in frames)
    rows = waterfall(frames[0], frames[1], horizon=horizon).filter(wanted)
    sums = dict(rows.group_by("part").agg(pl.col("units").sum()).iter_rows())
    return Moved(
        first=nights[0][-1][0],
        last=nights[1][-1][0],
        before=before / SCALE,
        after=after / SCALE,
        parts={part: sums.get(part, 0) / SCALE for part in PARTS},
        deals=[
            (part, RecordRef(connection=at, object="deal", id=id_), units / SCALE)
            for part, at, id_, units in rows.select("part", "connection", "id", "units").rows()
        ],
    )
