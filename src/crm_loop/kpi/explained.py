"""What an opened number is: the question, the answer, and how its records are told; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from crm_loop.calendars import Period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.figures import Figure
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.pages import belonging, page_of
from crm_loop.kpi.profiles import first_showing, shows_kpi
from crm_loop.kpi.sentences import templates
from crm_loop.loop_records import FrozenValue, KpiValue, ValueStatus
from crm_loop.statistics.guarded import half_up
from crm_loop.statistics.ordered import median
from crm_loop.wording.numbers import Money, amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which number: a KPI of a person, as of the end of a day, in a period if one is named."""

    kpi: str
    person: str
    as_of: date
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A value with its records; each has connection, object, id, url, counted, amount and why.

    `period` are the days that are looked at: of a cohort those in which its deals began;
    `frozen_on` is when a closed period was frozen, `rebuilt` whether nobody had measured it at the
    time. `beside` are sentences that belong to the figure, in the reader's language.
    """

    kpi: Kpi
    period: tuple[date, date]
    figure: Figure
    records: list[dict[str, Any]]
    warnings: list[str]
    beside: list[str] = field(default_factory=list)
    frozen_on: date | None = None
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What records are shown with: what each connection says of itself, and the language."""

    facts: Mapping[str, Mapping[str, Any]]
    language: str


def kpi_shown(kpis: Sequence[Kpi], profile: str, kpi: str) -> Kpi:
    """The KPI, as far as there is one and the profile shows it; WrongUsage says why not."""
    known = next((one for one in kpis if one.id == kpi), None)
    if known is None:
        raise _unknown(f"There is no KPI {kpi!r}.", "See them all: crm-loop kpi list.")
    if not shows_kpi(profile, kpi):
        raise _unknown(
            f"The KPI {kpi!r} is not shown in this profile.",
            f"Choose the profile {first_showing(kpi)} to switch it on.",
        )
    return known


def of_closed(
    frames: Frames | None, closed: FrozenValue, kpi: Kpi, reading: Reading, *, window: Period
) -> Explained:
    """What was frozen of a closed period, with the records that it was made of then.

    `frames` tell what records of an own KPI belong to, `window` the days that were looked at.
    """
    keys = [key.split(":", 2) for key in closed.amounts]
    refs = [{"connection": c, "object": o, "id": i} for c, o, i in keys]
    named = belonging(frames, refs) if frames else [{**one, "belongs": None} for one in refs]
    records = [
        record_line(kpi, one, amount, reading, counted=kpi.value != "share" or bool(amount))
        for one, amount in zip(named, closed.amounts.values(), strict=True)
    ]
    figure = Figure(
        value=closed.value,
        numerator=closed.numerator,
        denominator=closed.denominator,
        n=closed.n,
        status=ValueStatus(closed.value_status),
    )
    return Explained(
        kpi=kpi,
        period=(window.start, window.end),
        figure=figure,
        records=records,
        warnings=[],
        frozen_on=closed.frozen_on,
        rebuilt=closed.rebuilt,
    )


def figure_in(value: KpiValue) -> Figure:
    return Figure(
        value=value.value,
        numerator=value.numerator,
        denominator=value.denominator,
        n=value.n,
        status=value.value_status,
    )


def record_line(
    kpi: Kpi, one: Mapping[str, Any], amount: float | None, reading: Reading, *, counted: bool
) -> dict[str, Any]:
    facts = reading.facts.get(one["connection"], {})
    why = _WHY[reading.language]["counted" if counted else "denominator"]
    return {
        "connection": one["connection"],
        "object": one["object"],
        "id": one["id"],
        "url": page_of(facts, one["object"], str(one["id"]), one["belongs"]),
        "counted": counted,
        "amount": amount,
        "why": why.format(kpi=kpi.names[reading.language]),
    }


_WHY = {
    "ja": {
        "counted": "「{kpi}」の定義に当てはまるため、数えました。",
        "denominator": "母数に入りますが、当てはまりませんでした。",
    },
    "en": {
        "counted": "It counts: it meets the definition of {kpi}.",
        "denominator": "It is one of all that were looked at, and does not meet the definition.",
    },
}


def parts_told(parts: Mapping[str, float], language: str) -> list[str]:
    """What a score is made of: how much of its target each figure of the role has come to."""
    said = templates()[language]["process_part"]
    return [
        said.format(kpi=catalogue()[kpi].names[language], score=half_up(100 * share))
        for kpi, share in parts.items()
    ]


def with_middle(found: Explained, currency: str, language: str) -> Explained:
    """Beside the average of sizes stands the middle one: one large deal does not move it."""
    sizes = [one["amount"] for one in found.records if one["counted"]]
    middle = median([one for one in sizes if one is not None])
    if found.kpi.id != "avg_deal_size" or middle is None:
        return found
    money = amount(Money(middle, currency), language)
    said = templates()[language]["middle_size"].format(median=money)
    return replace(found, beside=[*found.beside, said])


def nobody(person: str) -> WrongUsage:
    return _unknown(f"{person} is nobody whose KPIs are measured.", "See crm-loop people export.")


def _unknown(happened: str, do: str) -> WrongUsage:
    return WrongUsage(happened, code="usage.explain", kept="Nothing was changed.", do=do)
