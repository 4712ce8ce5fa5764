"""What the file of the house says of how figures are counted: its table [rules]; pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time
from typing import Any

import tomlkit

from crm_loop.errors import WrongUsage
from crm_loop.loop_records.counting import CountingRules, values
from crm_loop.store.connections import Organisation

TABLE = "rules"
SOURCES = ("stage", "close_date")
#: A word of a CRM, and how many of them somebody can still look through.
LONGEST_WORD, MOST_WORDS = 80, 50
#: Months after which everybody works in full.
LONGEST_RAMP = 36
#: Stages at which a deal may rest, and for how many days; an empty list leaves it to the past.
_STAGES, _QUIET = 4, range(1, 366)
#: Whole numbers from and to; contacts are looked for among activities that are read one by one.
_NUMBERS: Mapping[str, range] = {
    "freeze_day": range(1, 11),
    "forecast_lock_day": range(1, 11),
    "lead_sla_minutes": range(1, 2701),
    "next_step_horizon": range(1, 93),
    "new_window": range(1, 731),
    "contact_window": range(7, 93),
}


def table(rules: CountingRules) -> Any:
    """Every rule as it is in force."""
    found = tomlkit.table()
    for name, value in values(rules).items():
        found.add(name, list(value) if isinstance(value, tuple) else value)
    return found


def flat(rules: CountingRules) -> dict[str, str]:
    """The same for comparing, one line a rule."""
    return {
        f"{TABLE}.{name}": ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in values(rules).items()
    }


def with_rules(given: Mapping[str, Any], own: Organisation, text: str, file: str) -> Organisation:
    """The organisation with the rules of the file; what it does not name stays as it was.

    WrongUsage names file, line and column.
    """
    found = given.get(TABLE, {})
    if not isinstance(found, dict):
        raise _wrong(file, text, TABLE, f"{TABLE} is no table")
    decided = {}
    for name, value in found.items():
        if name not in _CHECKS:
            raise _wrong(file, text, name, f"unknown setting {f'{TABLE}.{name}'!r}")
        try:
            decided[name] = _CHECKS[name](value)
        except (ValueError, TypeError, AttributeError):
            what = f"{TABLE}.{name} cannot be {value!r}; write {_FORMS[name]}"
            raise _wrong(file, text, name, what) from None
    return replace(own, counting=replace(own.counting, **decided))


def _words(value: Any) -> tuple[str, ...]:
    """Words as records are compared with them; a list may be empty."""
    if not isinstance(value, list) or len(value) > MOST_WORDS:
        raise TypeError
    words = [one.strip().lower() for one in value]
    if not all(0 < len(one) <= LONGEST_WORD for one in words):
        raise ValueError
    return tuple(dict.fromkeys(words))


def _reasons(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.replace("_", " ") for one in _words(value)))


def _shares(value: Any) -> tuple[float, ...]:
    """Nobody works more than in full, or less from month to month; in the end somebody works."""
    if not isinstance(value, list) or not all(type(one) in (int, float) for one in value):
        raise TypeError
    if not 0 < len(value) <= LONGEST_RAMP or not 0 <= value[0] <= value[-1] <= 1 or not value[-1]:
        raise ValueError
    if sorted(value) != value:
        raise ValueError
    return tuple(float(one) for one in value)


def _days_by_stage(value: Any) -> tuple[int, ...]:
    """None, or one for each of four stages."""
    if not isinstance(value, list) or not all(type(one) is int for one in value):
        raise TypeError
    if len(value) not in (0, _STAGES) or not all(one in _QUIET for one in value):
        raise ValueError
    return tuple(value)


def _hours(value: Any) -> tuple[str, ...]:
    """When the day begins and when it ends, to the minute."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError
    opens, closes = (time.fromisoformat(one).replace(second=0, microsecond=0) for one in value)
    if opens >= closes or opens.tzinfo or closes.tzinfo:
        raise ValueError
    return opens.isoformat("minutes"), closes.isoformat("minutes")


def _source(value: Any) -> str:
    if value not in SOURCES:
        raise ValueError
    return str(value)


def flag(value: Any) -> bool:
    """Truth and nothing that looks like it; TypeError otherwise."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(allowed: range) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if type(value) is not int or value not in allowed:
            raise ValueError
        return value

    return check


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "connected_dispositions": _words,
    "lost_reasons_excluded": _reasons,
    "lost_date_source": _source,
    "assume_past_meetings_held": flag,
    "ramp": _shares,
    "lead_hours": _hours,
    "stale_days": _days_by_stage,
    **{name: _number(allowed) for name, allowed in _NUMBERS.items()},
}
_WORDS = f"a list of up to {MOST_WORDS} words of the CRM"
#: What each rule has to be.
_FORMS: Mapping[str, str] = {
    "connected_dispositions": _WORDS,
    "lost_reasons_excluded": _WORDS,
    "lost_date_source": "stage or close_date",
    "assume_past_meetings_held": "true or false",
    "ramp": f"up to {LONGEST_RAMP} shares from 0 to 1, none below the one before",
    "lead_hours": 'when work begins and ends, as ["09:00", "18:00"]',
    "stale_days": f"[], or days for S1, S2, S3 and S4 from {_QUIET[0]} to {_QUIET[-1]}",
    **{
        name: f"a whole number from {allowed[0]} to {allowed[-1]}"
        for name, allowed in _NUMBERS.items()
    },
}


def _wrong(file: str, text: str, key: str, what: str) -> WrongUsage:
    line, column = _place(text, key)
    return WrongUsage(
        f"{file}, line {line}, column {column}: {what}.",
        code="setup.house_file",
        kept="Nothing was changed.",
        do="Correct it; crm-loop config export FILE shows how it is written.",
    )


def _place(text: str, key: str) -> tuple[int, int]:
    """Line and column, from 1, at which a key of the table stands, else the table itself."""
    lines = text.splitlines()
    opens = re.compile(rf"\s*(?:\[\s*)?{TABLE}\b")
    start = next((n for n, line in enumerate(lines) if opens.match(line)), 0)
    word = re.compile(rf"(?<![\w-])[\"']?{re.escape(key)}(?![\w-])")
    for number in range(start, len(lines)):
        found = word.search(lines[number])
        if found:
            return number + 1, found.start() + 1
    return start + 1, 1
