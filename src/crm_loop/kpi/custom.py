"""KPIs that an admin defines in a TOML file: read, checked against what is pulled, measured."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from crm_loop.calendars import Period, parse_day, parse_moment
from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, LEADS, TASKS
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import COUNT, Measure, shared, summed, within

#: Record kinds that can be counted, and the fields that each has.
OBJECTS: Mapping[str, Mapping[str, Any]] = {
    "deal": DEAL_FACTS,
    "activity": ACTIVITY_FACTS,
    "task": TASKS,
    "lead": {**LEADS, "person": pl.String},
}
MEASURES = ("count", "sum", "ratio", "median_days")
OPERATORS = ("=", "!=", "in", ">", "<", "contains", "empty")
CLASSES = ("outcome", "process")
_UNITS = {"count": "count", "sum": "money", "ratio": "ratio", "median_days": "days"}
_VALUES = {"count": "sum", "sum": "sum", "ratio": "share", "median_days": "median"}
_NEEDED = ("id", "name", "object", "measure", "date_field", "owner_field", "direction", "class")
_KNOWN = frozenset({*_NEEDED, "field", "numerator", "denominator", "filters", "unit", "purpose"})
_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKpi:
    """A checked definition: how it is shown, and how it is measured."""

    kpi: Kpi
    measure: Measure


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file something stands, for errors."""

    file: str
    lines: Sequence[str]
    block: int

    def wrong(self, what: str, key: str = "[[kpi]]") -> WrongUsage:
        line, column = self._find(key)
        return WrongUsage(
            f"{self.file}, line {line}, column {column}: {what}.",
            code="kpi.definition",
            kept="Nothing was switched on.",
            do="Correct the line and check the file again: crm-loop kpi check FILE.",
        )

    def _find(self, key: str) -> tuple[int, int]:
        starts = [n for n, line in enumerate(self.lines) if line.strip().startswith("[[kpi]]")]
        first = starts[self.block] if self.block < len(starts) else 0
        last = starts[self.block + 1] if self.block + 1 < len(starts) else len(self.lines)
        for number in range(first, last):
            column = self.lines[number].find(key)
            if column >= 0:
                return number + 1, column + 1
        return first + 1, 1


def parse(text: str, file: str = "kpi.toml") -> dict[str, CustomKpi]:
    """Read and check definitions; WrongUsage names file, line and column; all or nothing."""
    try:
        read = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise WrongUsage(
            f"{file}: {error}.",
            code="kpi.toml",
            kept="Nothing was switched on.",
            do="Correct the line and check the file again: crm-loop kpi check FILE.",
        ) from None
    found: dict[str, CustomKpi] = {}
    for block, one in enumerate(read.get("kpi", [])):
        place = _Place(file, text.splitlines(), block)
        made = _checked(one, place)
        if made.kpi.id in found or made.kpi.id in catalogue():
            raise place.wrong(f"there is a KPI {made.kpi.id!r} already", "id")
        found[made.kpi.id] = made
    if not found:
        raise _Place(file, text.splitlines(), 0).wrong("there is no [[kpi]]")
    return found


def _checked(one: Mapping[str, Any], place: _Place) -> CustomKpi:
    for key in _NEEDED:
        if key not in one:
            raise place.wrong(f"{key!r} is missing")
    for key in one:
        if key not in _KNOWN:
            raise place.wrong(f"nobody knows {key!r}", key)
    _one_of(one, "object", OBJECTS, place)
    _one_of(one, "measure", MEASURES, place)
    _one_of(one, "direction", ("up", "down"), place)
    _one_of(one, "class", CLASSES, place)
    if not _ID.fullmatch(str(one["id"])):
        raise place.wrong(f"{one['id']!r} is no id: small letters, digits and _", "id")
    fields = OBJECTS[one["object"]]
    for key in ("date_field", "owner_field", "field"):
        if key in one and one[key] not in fields:
            raise place.wrong(_unknown(one[key], one["object"]), str(one[key]))
    return CustomKpi(kpi=_kpi(one, place), measure=_measure(one, place))


def _one_of(one: Mapping[str, Any], key: str, known: Any, place: _Place) -> None:
    if one[key] not in known:
        raise place.wrong(f"{key} is {one[key]!r}; known are {', '.join(known)}", key)


def _unknown(field: Any, object_: str) -> str:
    names = ", ".join(sorted(OBJECTS[object_]))
    return f"a {object_} has no field {field!r}; it has {names}"


def _kpi(one: Mapping[str, Any], place: _Place) -> Kpi:
    names = one["name"]
    if not isinstance(names, dict) or {"ja", "en"} - set(names):
        raise place.wrong("the name is needed as name.ja and name.en", "name")
    purpose = one.get("purpose", "")
    purposes = purpose if isinstance(purpose, dict) else {"ja": purpose, "en": purpose}
    return Kpi(
        id=one["id"],
        unit=one.get("unit", _UNITS[one["measure"]]),
        direction=one["direction"],
        form="period",
        kind=one["class"],
        names=names,
        definitions=names,
        purposes=purposes,
        target_of=one["id"],
        value=_VALUES[one["measure"]],
    )


def _measure(one: Mapping[str, Any], place: _Place) -> Measure:
    kind, object_ = one["measure"], one["object"]
    if kind in ("sum", "median_days") and "field" not in one:
        raise place.wrong(f"a {kind} needs a field", "measure")
    chosen = _filters(one.get("filters", []), object_, place)
    part = _filters(_listed(one.get("numerator", [])), object_, place)
    whole = _filters(_listed(one.get("denominator", [])), object_, place)
    day, owner, field = one["date_field"], one["owner_field"], one.get("field", "")

    def measured(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
        rows = _rows(frames, object_).filter(chosen, within(day, period, as_of))
        rows = rows.with_columns(pl.col(owner).cast(pl.String))
        if kind == "ratio":
            return shared(rows.filter(whole), owner, part, object_=object_)
        if kind == "count":
            return summed(rows, owner, COUNT, object_=object_)
        if kind == "sum":
            amount = pl.col(field).cast(pl.Float64)
            return summed(rows, owner, amount.sum(), each=amount, object_=object_)
        days = (pl.col(day) - pl.col(field)).dt.total_days()
        timed = rows.with_columns(days.alias("days")).drop_nulls("days")
        return summed(timed, owner, pl.col("days").median(), object_=object_)

    return measured


def _listed(filters: Any) -> list[Any]:
    """Filters as a list; one alone, or a table field = value, is one too."""
    if isinstance(filters, dict):
        if "field" in filters:
            return [filters]
        return [{"field": name, "op": "=", "value": value} for name, value in filters.items()]
    return list(filters)


def _filters(filters: Sequence[Any], object_: str, place: _Place) -> pl.Expr:
    found = pl.lit(value=True)
    for one in filters:
        found &= _filter(one, object_, place)
    return found


def _filter(one: Any, object_: str, place: _Place) -> pl.Expr:
    field, op, value = one.get("field"), one.get("op", "="), one.get("value")
    if field not in OBJECTS[object_]:
        raise place.wrong(_unknown(field, object_), str(field))
    if op not in OPERATORS:
        raise place.wrong(f"op is {op!r}; known are {', '.join(OPERATORS)}", str(op))
    column, kind = pl.col(field), OBJECTS[object_][field]
    if op == "empty":
        return column.is_null()
    try:
        typed = [_typed(item, kind) for item in (value if op == "in" else [value])]
    except (TypeError, ValueError):
        raise place.wrong(f"{value!r} is no value of {field!r}", "value") from None
    return _compared(column, op, typed).fill_null(value=False)


def _compared(column: pl.Expr, op: str, typed: Sequence[Any]) -> pl.Expr:
    if op == "in":
        return column.is_in(list(typed))
    value = typed[0]
    by_operator: dict[str, pl.Expr] = {
        "=": column == value,
        "!=": column.ne_missing(pl.lit(value)),
        ">": column > value,
        "<": column < value,
    }
    if op in by_operator:
        return by_operator[op]
    return column.cast(pl.String).str.contains(str(value), literal=True)


def _typed(value: Any, kind: Any) -> Any:
    if kind == pl.Date:
        return parse_day(str(value))
    if kind == pl.String:
        return str(value)
    if kind in (pl.Float64, pl.Int64):
        return float(value)
    if kind == pl.Boolean:
        if not isinstance(value, bool):
            raise TypeError(value)
        return value
    return parse_moment(str(value))


def _rows(frames: Frames, object_: str) -> pl.DataFrame:
    by_object = {
        "deal": frames.deals,
        "activity": frames.activities,
        "task": frames.tasks,
        "lead": frames.leads,
    }
    return by_object[object_]
