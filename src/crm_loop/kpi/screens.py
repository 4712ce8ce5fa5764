"""Figures as a screen shows them: which ones, in which columns and words, by profile; pure."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from crm_loop.kpi.calibration import zone
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.profiles import shows
from crm_loop.loop_records import KpiValue
from crm_loop.wording import numbers

#: What every profile shows, and which switch adds what.
ALWAYS = ("rep", "kpi", "value", "target", "by_today", "landing", "usual", "status")
#: What a narrow screen does without.
ROOMY = ("usual", "zone", "landing", "chance")
SWITCHED = {"probability": "chance", "zones": "zone"}
NOTHING = "–"
#: Stands for a zone while chances are too far from what comes.
CALIBRATING = "calibrating"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks at the figures; `word` says what a code of a group is called.

    `calibrating` are KPIs of which chances do not come true as often as they say.
    """

    language: str
    currency: str
    profile: str
    word: Callable[[str, object], str]
    calibrating: Collection[str] = ()


def columns(reader: Reader) -> list[str]:
    added = [name for switch, name in SWITCHED.items() if shows(reader.profile, switch)]
    return [*ALWAYS, *added]


def row(value: KpiValue, kpi: Kpi, reader: Reader, *, name: str | None = None) -> dict[str, str]:
    """One figure as cells by column; `name` is what its person is called."""
    low, _, high = value.projection or (None, None, None)
    cells = {
        "rep": name or value.person,
        "kpi": kpi.names[reader.language],
        "value": told(value, kpi, reader),
        "target": amount(value.target, kpi, reader),
        "by_today": amount(value.expected_to_date, kpi, reader),
        "landing": _landing(low, high, kpi, reader),
        "usual": amount(value.usual, kpi, reader),
        "status": _status(value, reader),
        "chance": "" if value.p_attain is None else f"{numbers.whole(100 * value.p_attain)}%",
        "zone": _zone(value, kpi, reader),
    }
    return {name: cells[name] for name in columns(reader)}


def _zone(value: KpiValue, kpi: Kpi, reader: Reader) -> str:
    if value.p_attain is None:
        return ""
    return reader.word(
        "zone", CALIBRATING if kpi.id in reader.calibrating else zone(value.p_attain)
    )


def amount(value: float | None, kpi: Kpi, reader: Reader) -> str:
    """A number of the KPI's unit; whole deals, days and meetings, never fractions of them."""
    if value is None:
        return NOTHING
    if kpi.unit == "money":
        return f"{numbers.whole(value):,}{_unit(reader)}"
    if kpi.unit == "ratio":
        return f"{numbers.whole(100 * value)}%"
    if kpi.unit == "times":
        return f"×{value:.1f}"
    return f"{numbers.whole(value):,}"


class Measured(Protocol):
    """A value, of how many cases."""

    @property
    def value(self) -> float | None: ...
    @property
    def denominator(self) -> float | None: ...
    @property
    def n(self) -> int: ...


def told(value: Measured, kpi: Kpi, reader: Reader) -> str:
    """A share of few cases is told as such: two of twelve say more than 17 %."""
    cases = value.denominator
    if kpi.value == "share" and cases and value.value is not None:
        hits = numbers.whole(value.value * value.n)
        return numbers.share(hits, value.n, reader.language)
    return amount(value.value, kpi, reader)


def _landing(low: float | None, high: float | None, kpi: Kpi, reader: Reader) -> str:
    if low is None or high is None:
        return ""
    first = amount(low, kpi, reader)
    if kpi.unit == "money":
        # One unit for both: the span is one figure.
        first = first.removesuffix(_unit(reader))
    return f"{first}{numbers.WAVE}{amount(high, kpi, reader)}"


def _unit(reader: Reader) -> str:
    """What follows an amount: 円 as it is written, any code apart from the number."""
    return "円" if (reader.language, reader.currency) == ("ja", "JPY") else f" {reader.currency}"


def _status(value: KpiValue, reader: Reader) -> str:
    """How it stands in words; nothing is judged on records that are not complete."""
    if value.reference:
        return reader.word("status", "reference")
    return reader.word("status", value.progress or value.value_status)
