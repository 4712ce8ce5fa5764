"""KPIs that an admin defines in a TOML file: read, checked against what is pulled, measured."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from crm_loop.calendars import Period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.custom_fields import (
    OBJECTS,
    OWNERS,
    Fields,
    Own,
    day_of,
    fields_of,
    is_day,
    is_number,
    names_own,
    number_of,
    own_of,
    rows_of,
)
from crm_loop.kpi.custom_filters import filtered, unknown
from crm_loop.kpi.custom_place import Place
from crm_loop.kpi.custom_words import described
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import COUNT, Measure, shared, summed, within
from crm_loop.kpi.tree import DEFAULT, Edge, cycle_in
from crm_loop.wording.places import no_toml

MEASURES = ("count", "sum", "ratio", "median_days")
CLASSES = ("outcome", "process")
#: What a measure may be shown in; the first of these unless the file says so.
_SHOWN_IN = {
    "count": ("count",),
    "sum": ("money", "count", "days"),
    "ratio": ("ratio",),
    "median_days": ("days",),
}
_VALUES = {"count": "sum", "sum": "sum", "ratio": "share", "median_days": "median"}
_NEEDED = ("id", "name", "object", "measure", "date_field", "owner_field", "direction", "class")
_KNOWN = frozenset(
    {*_NEEDED, "field", "numerator", "denominator", "filters", "unit", "purpose", "parent", "edge"}
)
EDGES = ("product", "sum", "guard")
#: Keys that mean something for some measures only.
_ONLY_FOR = {
    "field": ("sum", "median_days"),
    "numerator": ("ratio",),
    "denominator": ("ratio",),
}
_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKpi:
    """A checked definition: how it is shown, how it is measured, and what it serves.

    `reads` is what is asked of the store for it beside what is read anyway.
    """

    kpi: Kpi
    measure: Measure
    object: str
    edges: Sequence[Edge] = ()
    reads: frozenset[str] = frozenset()


def parse(
    text: str,
    file: str = "kpi.toml",
    *,
    own: Own | None = None,
    hidden: Collection[str] = (),
    lost: Collection[str] = (),
    others: Mapping[str, CustomKpi] | None = None,
) -> dict[str, CustomKpi]:
    """Read and check definitions; WrongUsage names file, line and column; all or nothing.

    `own` are the fields of the CRM's own that are pulled, by kind and their names in the settings;
    `lost` those of the settings that no CRM shows, as kind.name; `hidden` kinds of records that no
    connected CRM shows; `others` the KPIs of other files that are switched on.
    """
    try:
        read = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise WrongUsage(
            no_toml(file, text, error),
            code="kpi.toml",
            kept="Nothing was switched on.",
            do="Correct the line and check the file again: crm-loop kpi check FILE.",
        ) from None
    found: dict[str, CustomKpi] = {}
    taken = {*catalogue(), *(others or {})}
    for one, place in _blocks(read, Place(file, text.splitlines(), 0, own or {}, hidden, lost)):
        made = _checked(one, place)
        if made.kpi.id in {*found, *taken}:
            raise place.wrong(f"there is a KPI {made.kpi.id!r} already", "id")
        found[made.kpi.id] = made
    _check_tree(found, others or {}, file, text.splitlines())
    return found


def _blocks(read: Mapping[str, Any], place: Place) -> Iterator[tuple[Mapping[str, Any], Place]]:
    blocks = read.get("kpi", [])
    if not isinstance(blocks, list) or not all(isinstance(one, dict) for one in blocks):
        raise place.wrong("each KPI is a block that begins with [[kpi]]", "kpi")
    if not blocks:
        raise place.wrong("there is no [[kpi]]")
    yield from ((one, replace(place, block=number)) for number, one in enumerate(blocks))


def _check_tree(
    found: Mapping[str, CustomKpi],
    others: Mapping[str, CustomKpi],
    file: str,
    lines: Sequence[str],
) -> None:
    """Every parent is a KPI, and nothing serves itself in the end."""
    edges = [edge for one in (*others.values(), *found.values()) for edge in one.edges]
    for block, one in enumerate(found.values()):
        place = Place(file, lines, block)
        for edge in one.edges:
            if edge.parent not in {"purpose", *catalogue(), *others, *found}:
                raise place.wrong(f"there is no KPI {edge.parent!r} to serve", "parent")
            circle = cycle_in([*DEFAULT, *edges])
            if one.kpi.id in circle:
                path = " -> ".join([*circle, circle[0]])
                raise place.wrong(f"it serves itself in the end: {path}", "parent")


def _checked(one: Mapping[str, Any], place: Place) -> CustomKpi:
    for key in _NEEDED:
        if key not in one:
            raise place.wrong(f"{key!r} is missing")
    for key in one:
        if key not in _KNOWN:
            raise place.wrong(f"nobody knows {key!r}", key)
    _check_words(one, place)
    if not _ID.fullmatch(one["id"]):
        raise place.wrong(f"{one['id']!r} is no id: small letters, digits and _", "id")
    fields = fields_of(one["object"], place.own)
    for key in ("date_field", "owner_field", "field"):
        if key in one and one[key] not in fields:
            raise place.wrong(unknown(one[key], one["object"], fields, place), str(one[key]))
    if one["owner_field"] not in OWNERS:
        known = ", ".join(name for name in OWNERS if name in fields)
        raise place.wrong(
            f"owner_field is {one['owner_field']!r}; known are {known}", "owner_field"
        )
    _check_day(one, "date_field", fields, place)
    # What is described was checked before.
    measure = _measure(one, fields, place)
    return CustomKpi(
        kpi=_kpi(one, place),
        measure=measure,
        object=one["object"],
        edges=_edges(one, place),
        reads=_reads(one),
    )


def _reads(one: Mapping[str, Any]) -> frozenset[str]:
    object_ = one["object"]
    return frozenset({object_, own_of(object_)} if names_own(one) else {object_})


def _check_words(one: Mapping[str, Any], place: Place) -> None:
    """Every word is text, and one that there is; none is given that would mean nothing."""
    for key in (*_NEEDED, "field", "unit", "parent", "edge"):
        if key != "name" and not isinstance(one.get(key, ""), str):
            raise place.wrong(f"{key} has to be text", key)
    _one_of(one, "object", OBJECTS, place)
    if one["object"] in place.hidden:
        raise place.wrong(f"no connected CRM shows a {one['object']}", "object")
    _one_of(one, "measure", MEASURES, place)
    _one_of(one, "direction", ("up", "down"), place)
    _one_of(one, "class", CLASSES, place)
    for key, measures in _ONLY_FOR.items():
        if key in one and one["measure"] not in measures:
            raise place.wrong(f"a {one['measure']} has no {key}", key)
    if "unit" in one:
        _one_of(one, "unit", _SHOWN_IN[one["measure"]], place)


def _check_day(one: Mapping[str, Any], key: str, fields: Fields, place: Place) -> None:
    name = str(one[key])
    if not is_day(name, fields[name]):
        raise place.wrong(f"{name!r} is no day", name)


def _edges(one: Mapping[str, Any], place: Place) -> Sequence[Edge]:
    """What the KPI serves; none where nobody says."""
    if "parent" not in one:
        return ()
    kind = one.get("edge", "guard")
    if kind not in EDGES:
        raise place.wrong(f"edge is {kind!r}; known are {', '.join(EDGES)}", "edge")
    return (Edge(kpi=one["id"], parent=str(one["parent"]), kind=kind),)


def _one_of(one: Mapping[str, Any], key: str, known: Any, place: Place) -> None:
    if one[key] not in known:
        raise place.wrong(f"{key} is {one[key]!r}; known are {', '.join(known)}", key)


def _kpi(one: Mapping[str, Any], place: Place) -> Kpi:
    names = one["name"]
    if not _is_said(names):
        raise place.wrong("the name is needed as name.ja and name.en", "name")
    purpose = one.get("purpose", "")
    purposes = {"ja": purpose, "en": purpose} if isinstance(purpose, str) else purpose
    if not _is_said(purposes):
        raise place.wrong("the purpose is text, or purpose.ja and purpose.en", "purpose")
    return Kpi(
        id=one["id"],
        unit=one.get("unit", _SHOWN_IN[one["measure"]][0]),
        direction=one["direction"],
        form="period",
        kind=one["class"],
        names=names,
        definitions=described(one),
        purposes=purposes,
        target_of=one["id"],
        value=_VALUES[one["measure"]],
    )


def _is_said(texts: Any) -> bool:
    """Whether something is there in both languages."""
    known = texts if isinstance(texts, dict) else {}
    return all(isinstance(known.get(language), str) for language in ("ja", "en"))


def _check_measured(one: Mapping[str, Any], fields: Fields, place: Place) -> None:
    """What is added up is a number, what days are counted between are two days."""
    kind = one["measure"]
    if kind in _ONLY_FOR["field"] and "field" not in one:
        raise place.wrong(f"a {kind} needs a field", "measure")
    if kind == "median_days":
        _check_day(one, "field", fields, place)
        if one["field"] == one["date_field"]:
            raise place.wrong("a median_days needs two different days", "field")
    if kind == "sum" and not is_number(one["field"], fields[one["field"]]):
        raise place.wrong(f"{one['field']!r} is no number and cannot be added up", "field")
    if kind == "ratio" and not one.get("numerator"):
        raise place.wrong("a ratio needs a numerator", "measure")


def _measure(one: Mapping[str, Any], fields: Fields, place: Place) -> Measure:
    _check_measured(one, fields, place)
    kind, object_ = one["measure"], one["object"]
    chosen, part, whole = (
        filtered(one.get(key, []), fields, object_, place)
        for key in ("filters", "numerator", "denominator")
    )
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
