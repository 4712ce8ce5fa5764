"""KPIs that an admin defines in a TOML file: read, checked against what is pulled, measured."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from crm_loop.calendars import Period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.custom_fields import (
    OBJECTS,
    OPERATORS,
    OWN,
    OWNERS,
    Fields,
    compared,
    day_of,
    fields_of,
    number_of,
    rows_of,
)
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import COUNT, Measure, shared, summed, within
from crm_loop.kpi.tree import DEFAULT, Edge, cycle_in

MEASURES = ("count", "sum", "ratio", "median_days")
CLASSES = ("outcome", "process")
_UNITS = {"count": "count", "sum": "money", "ratio": "ratio", "median_days": "days"}
_VALUES = {"count": "sum", "sum": "sum", "ratio": "share", "median_days": "median"}
_NEEDED = ("id", "name", "object", "measure", "date_field", "owner_field", "direction", "class")
_KNOWN = frozenset(
    {*_NEEDED, "field", "numerator", "denominator", "filters", "unit", "purpose", "parent", "edge"}
)
EDGES = ("product", "sum", "guard")
_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKpi:
    """A checked definition: how it is shown, how it is measured, and what it serves."""

    kpi: Kpi
    measure: Measure
    object: str
    edges: Sequence[Edge] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file something stands, for errors."""

    file: str
    lines: Sequence[str]
    block: int
    own: Collection[str] = field(default=(), repr=False)

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


def parse(text: str, file: str = "kpi.toml", *, own: Collection[str] = ()) -> dict[str, CustomKpi]:
    """Read and check definitions; WrongUsage names file, line and column; all or nothing.

    `own` are the fields of the CRM's own that are pulled, by their names in the settings.
    """
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
        place = _Place(file, text.splitlines(), block, own)
        made = _checked(one, place)
        if made.kpi.id in found or made.kpi.id in catalogue():
            raise place.wrong(f"there is a KPI {made.kpi.id!r} already", "id")
        found[made.kpi.id] = made
    if not found:
        raise _Place(file, text.splitlines(), 0).wrong("there is no [[kpi]]")
    _check_tree(found, file, text.splitlines())
    return found


def _check_tree(found: Mapping[str, CustomKpi], file: str, lines: Sequence[str]) -> None:
    """Every parent is a KPI, and nothing serves itself in the end."""
    for block, one in enumerate(found.values()):
        place = _Place(file, lines, block)
        for edge in one.edges:
            if edge.parent not in {"purpose", *catalogue(), *found}:
                raise place.wrong(f"there is no KPI {edge.parent!r} to serve", "parent")
            circle = cycle_in([*DEFAULT, *(e for other in found.values() for e in other.edges)])
            if one.kpi.id in circle:
                path = " -> ".join([*circle, circle[0]])
                raise place.wrong(f"it serves itself in the end: {path}", "parent")


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
    fields = fields_of(one["object"], place.own)
    for key in ("date_field", "owner_field", "field"):
        if key in one and one[key] not in fields:
            raise place.wrong(_unknown(one[key], one["object"], fields), str(one[key]))
    if one["owner_field"] not in OWNERS:
        known = ", ".join(name for name in OWNERS if name in fields)
        raise place.wrong(
            f"owner_field is {one['owner_field']!r}; known are {known}", "owner_field"
        )
    _check_day(one, "date_field", fields, place)
    return CustomKpi(
        kpi=_kpi(one, place),
        measure=_measure(one, fields, place),
        object=one["object"],
        edges=_edges(one, place),
    )


def _check_day(one: Mapping[str, Any], key: str, fields: Fields, place: _Place) -> None:
    kind, name = fields[one[key]], str(one[key])
    if kind != pl.Date and not isinstance(kind, pl.Datetime) and not name.startswith(OWN):
        raise place.wrong(f"{name!r} is no day", name)


def _edges(one: Mapping[str, Any], place: _Place) -> Sequence[Edge]:
    """What the KPI serves; none where nobody says."""
    if "parent" not in one:
        return ()
    kind = one.get("edge", "guard")
    if kind not in EDGES:
        raise place.wrong(f"edge is {kind!r}; known are {', '.join(EDGES)}", "edge")
    return (Edge(kpi=one["id"], parent=str(one["parent"]), kind=kind),)


def _one_of(one: Mapping[str, Any], key: str, known: Any, place: _Place) -> None:
    if one[key] not in known:
        raise place.wrong(f"{key} is {one[key]!r}; known are {', '.join(known)}", key)


def _unknown(name: Any, object_: str, fields: Fields) -> str:
    if str(name).startswith(OWN):
        return (
            f"{name!r} is not pulled: name the CRM's field under deal_fields in the connection's "
            "settings first"
        )
    return f"a {object_} has no field {name!r}; it has {', '.join(sorted(fields))}"


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


def _measure(one: Mapping[str, Any], fields: Fields, place: _Place) -> Measure:
    kind, object_ = one["measure"], one["object"]
    if kind in ("sum", "median_days") and "field" not in one:
        raise place.wrong(f"a {kind} needs a field", "measure")
    if kind == "median_days":
        _check_day(one, "field", fields, place)
    chosen = _filters(one.get("filters", []), fields, object_, place)
    part = _filters(_listed(one.get("numerator", [])), fields, object_, place)
    whole = _filters(_listed(one.get("denominator", [])), fields, object_, place)
    name, owner, amount = one["date_field"], one["owner_field"], one.get("field", "")

    def measured(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
        zone = frames.rules.time_zone
        day = day_of(name, fields[name], zone).alias("_day")
        rows = rows_of(frames, object_).with_columns(day)
        rows = rows.filter(chosen, within("_day", period, as_of))
        if kind == "ratio":
            return shared(rows.filter(whole), owner, part, object_=object_)
        if kind == "count":
            return summed(rows, owner, COUNT, object_=object_)
        if kind == "sum":
            summand = number_of(amount)
            return summed(rows, owner, summand.sum(), each=summand, object_=object_)
        days = (pl.col("_day") - day_of(amount, fields[amount], zone)).dt.total_days()
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


def _filters(filters: Sequence[Any], fields: Fields, object_: str, place: _Place) -> pl.Expr:
    found = pl.lit(value=True)
    for one in filters:
        found &= _filter(one, fields, object_, place)
    return found


def _filter(one: Any, fields: Fields, object_: str, place: _Place) -> pl.Expr:
    name, op, value = one.get("field"), one.get("op", "="), one.get("value")
    if name not in fields:
        raise place.wrong(_unknown(name, object_, fields), str(name))
    if op not in OPERATORS:
        raise place.wrong(f"op is {op!r}; known are {', '.join(OPERATORS)}", str(op))
    try:
        return compared(name, fields[name], op, value)
    except (TypeError, ValueError):
        raise place.wrong(f"{value!r} is no value of {name!r}", "value") from None
