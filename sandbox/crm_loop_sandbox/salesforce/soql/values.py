"""Values in a query: what a field may be compared with, and what a text of a query means."""

import re
from typing import Any

from crm_loop_sandbox.salesforce.errors import error, malformed_query, wrong_filter
from crm_loop_sandbox.salesforce.moments import read, written
from crm_loop_sandbox.salesforce.schema import Field

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?|0{15}|")
_NUMBERS = ("currency", "percent", "double", "int")
#: Kinds of value that a type of field takes; null always.
_TAKES = {
    "date": (("day", "literal"), "date"),
    "datetime": (("moment", "literal"), "dateTime"),
    "bool": (("bool",), "boolean"),
    **dict.fromkeys(_NUMBERS, (("number",), "double")),
}
_TEXTS = (("text",), "string")
#: Types that have no wildcards.
_NO_LIKE = frozenset({"id", "ref", "date", "datetime", "bool", *_NUMBERS})


def check(query: str, field: Field | None, kind: str, given: list[Any]) -> None:
    """Refuse what the field cannot be filtered by; `field` is None for functions."""
    if field is None:
        return
    if not field.filterable:
        message = f"field '{field.name}' can not be filtered in a query call"
        raise error(400, "INVALID_FIELD", message)
    if kind == "like":
        if field.type in _NO_LIKE:
            raise wrong_filter(field.name, "invalid operator", query)
        return
    values = [given[1]] if kind == "compare" else given[0]
    if not isinstance(values, list):
        return
    for value in values:
        _check_value(query, field, value)


def _check_value(query: str, field: Field, value: Any) -> None:
    takes, shown = _TAKES.get(field.type, _TEXTS)
    kind, text = value
    if kind == "null":
        return
    if kind not in takes:
        quoted = "should be enclosed in quotes"
        if takes != ("text",):
            quoted = "should not be enclosed in quotes"
        message = (
            f"value of filter criterion for field '{field.name}' must be of type {shown} and "
            f"{quoted}"
        )
        raise error(400, "INVALID_FIELD", message)
    if field.type in ("id", "ref") and not _ID.fullmatch(text):
        raise wrong_filter(field.name, f"invalid ID field: {text}", query)


def value_of(value: Any) -> Any:
    """The Python value of a tagged one; moments in the form that rows hold."""
    kind, given = value
    if kind == "moment":
        try:
            return written(read(given))
        except ValueError:
            raise malformed_query(f"invalid datetime {given}") from None
    return given
