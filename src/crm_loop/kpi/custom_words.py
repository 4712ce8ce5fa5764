"""What an own KPI counts, in words, so that everybody can count it again; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "count": "How many records of kind {object} have {date} in the period{where}.",
        "sum": "The sum of {field} of records of kind {object} with {date} in the period{where}.",
        "ratio": "Of records of kind {object} with {date} in the period{where}, those with {part}.",
        "median_days": "The middle number of days from {field} to {date}, of records of kind "
        "{object} with {date} in the period{where}.",
    },
    "ja": {
        "count": "期間中に{date}がある{object}{where}の件数です。",
        "sum": "期間中に{date}がある{object}{where}の、{field}の合計です。",
        "ratio": "期間中に{date}がある{object}{where}のうち、{part}のものの割合です。",
        "median_days": "期間中に{date}がある{object}{where}の、{field}から{date}までの日数の"
        "中央の値です。",
    },
}
#: Conditions by language and op; {value} is one value or several.
_CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "in": "{field} one of {value}",
        "contains": "{field} with {value} in it",
        "empty": "{field} empty",
        "filled": "{field} not empty",
        "other": "{field} {op} {value}",
    },
    "ja": {
        "in": "{field}が{value}のいずれか",
        "contains": "{field}に{value}を含む",
        "empty": "{field}が空",
        "filled": "{field}が空でない",
        "other": "{field} {op} {value}",
    },
}
_AND = {"en": " and ", "ja": "、"}
_WHERE = {"en": " and {chosen}", "ja": "（{chosen}）"}


def described(one: Mapping[str, Any]) -> dict[str, str]:
    """The definition of a checked block, by language; fields are named as the file names them."""
    return {language: _described(one, language, texts) for language, texts in _TEXTS.items()}


def _described(one: Mapping[str, Any], language: str, texts: Mapping[str, str]) -> str:
    chosen, part = (
        _AND[language].join(
            _condition(each, language) for key in keys for each in _listed(one, key)
        )
        for keys in (("filters", "denominator"), ("numerator",))
    )
    return texts[one["measure"]].format(
        object=one["object"],
        date=one["date_field"],
        field=one.get("field", ""),
        where=_WHERE[language].format(chosen=chosen) if chosen else "",
        part=part,
    )


def _listed(one: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """Filters as a list: they may be one alone, or a table of field = value."""
    filters = one.get(key, [])
    if not isinstance(filters, dict):
        found: Sequence[Mapping[str, Any]] = filters
        return found
    if "field" in filters:
        return [filters]
    return [{"field": name, "value": value} for name, value in filters.items()]


def _condition(one: Mapping[str, Any], language: str) -> str:
    op, value = one.get("op", "="), one.get("value")
    if op == "empty" and value is False:
        op = "filled"
    known = _CONDITIONS[language]
    values = value if isinstance(value, list) else [value]
    told = ", ".join(_plain(each) for each in values)
    return known.get(op, known["other"]).format(field=one["field"], op=op, value=told)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int | float) else str(value)
