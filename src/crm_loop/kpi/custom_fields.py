"""Fields that an own KPI may name: of each kind of record, and those of the CRM's own."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from crm_loop.calendars import parse_day, parse_moment
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, LEADS, TASKS
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.more_records import CHANGE, FIELDS, READ, rows_of_kind
from crm_loop.records import Subject

_PERSON = {"person": pl.String}
#: Columns that are made of something else before anybody may ask for it.
_INSIDE = ("custom", "removed_at", "lead_id", "contact_ids")


def _without_inside(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: kind for name, kind in schema.items() if name not in _INSIDE}


#: Record kinds that can be counted, and the fields that each has.
OBJECTS: Mapping[str, Mapping[str, Any]] = {
    "deal": _without_inside(DEAL_FACTS),
    "activity": _without_inside(ACTIVITY_FACTS),
    "task": {**TASKS, **_PERSON},
    "lead": {**LEADS, **_PERSON},
    **FIELDS,
}
#: Which of what is pulled each kind is.
SUBJECTS: Mapping[str, Subject] = {
    "deal": Subject.DEALS,
    "activity": Subject.ACTIVITIES,
    "task": Subject.TASKS,
    "lead": Subject.LEADS,
    CHANGE: Subject.CHANGES,
    **{kind: subject for kind, (subject, _) in READ.items()},
}
#: Who a record may count for.
OWNERS = ("person", "decided_person", "qualified_person")
OPERATORS = ("=", "!=", "in", ">", "<", "contains", "empty")
#: Fields of the CRM's own are named custom.NAME, by the name in the connection's settings.
OWN = "custom."
#: Kinds that may have some, and the setting of a connection that names them.
SETTINGS: Mapping[str, str] = {
    kind: f"{kind}_fields" for kind in ("deal", "activity", "task", "lead", "account")
}
#: The fields of the CRM's own that are pulled, by kind.
Own = Mapping[str, Collection[str]]

Fields = Mapping[str, Any]


def fields_of(object_: str, own: Own) -> dict[str, Any]:
    """Field to type; fields of the CRM's own are text until something else is asked of them."""
    named = {f"{OWN}{name}": pl.String for name in sorted(own.get(object_, ()))}
    return {**OBJECTS[object_], **named}


def own_of(object_: str) -> str:
    """What is asked of the store where fields of the CRM's own of a kind are wanted."""
    return f"{OWN}{object_}"


def names_own(given: Any) -> bool:
    """Whether a definition names a field of the CRM's own anywhere."""
    if isinstance(given, dict):
        return any(map(names_own, given.values())) or any(
            str(name).startswith(OWN) for name in given
        )
    if isinstance(given, list):
        return any(map(names_own, given))
    return isinstance(given, str) and given.startswith(OWN)


def is_day(field: str, kind: Any) -> bool:
    """Whether a field holds days or moments; text of the CRM's own may."""
    return field.startswith(OWN) or kind == pl.Date or isinstance(kind, pl.Datetime)


def is_number(field: str, kind: Any) -> bool:
    """Whether a field holds numbers; text of the CRM's own may."""
    return field.startswith(OWN) or kind in (pl.Float64, pl.Int64)


def is_text(kind: Any) -> bool:
    """Whether a field holds text or one of a few words."""
    return kind in (pl.String, pl.Categorical)


def column(field: str) -> pl.Expr:
    """What a record has in a field."""
    if not field.startswith(OWN):
        return pl.col(field)
    name = field.removeprefix(OWN).replace("'", "\\'")
    return pl.col("custom").str.json_path_match(f"$['{name}']")


def day_of(field: str, kind: Any, time_zone: str) -> pl.Expr:
    """The local day of a field: of a day itself, of a moment, or of text that begins with one."""
    found = column(field)
    if isinstance(kind, pl.Datetime):
        return found.dt.convert_time_zone(time_zone).dt.date()
    return found if kind == pl.Date else found.str.slice(0, 10).str.to_date(strict=False)


def number_of(field: str) -> pl.Expr:
    return column(field).cast(pl.Float64, strict=False)


def compared(field: str, kind: Any, op: str, value: Any) -> pl.Expr:
    """Whether a record passes a filter; ValueError or TypeError for a value of another type."""
    if op == "empty":
        if value not in (None, True, False):
            raise ValueError(value)
        return column(field).is_not_null() if value is False else column(field).is_null()
    numeric = field.startswith(OWN) and op in (">", "<")
    known = number_of(field) if numeric else column(field)
    wanted = pl.Float64 if numeric else kind
    typed = [_typed(item, wanted) for item in (value if op == "in" else [value])]
    return _compared(known, op, typed).fill_null(value=False)


def _compared(known: pl.Expr, op: str, typed: Sequence[Any]) -> pl.Expr:
    if op == "in":
        return known.is_in(list(typed))
    value = typed[0]
    by_operator: dict[str, pl.Expr] = {
        "=": known == value,
        "!=": known.ne_missing(pl.lit(value)),
        ">": known > value,
        "<": known < value,
    }
    if op in by_operator:
        return by_operator[op]
    return known.cast(pl.String).str.contains(str(value), literal=True)


def _typed(value: Any, kind: Any) -> Any:
    if kind == pl.Date:
        return parse_day(str(value))
    if kind in (pl.String, pl.Categorical):
        return str(value)
    if kind in (pl.Float64, pl.Int64):
        if isinstance(value, bool):
            raise TypeError(value)
        return float(value)
    if kind == pl.Boolean:
        if not isinstance(value, bool):
            raise TypeError(value)
        return value
    return parse_moment(str(value))


def rows_of(frames: Frames, object_: str) -> pl.DataFrame:
    by_object = {
        "deal": frames.deals,
        "activity": frames.activities,
        "task": frames.tasks,
        "lead": frames.leads,
    }
    return by_object[object_] if object_ in by_object else rows_of_kind(frames, object_)
