"""Which of a rep's figures stand beside a memo, and in which numbers; pure."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_loop.kpi.catalogue import Kpi
from crm_loop.loop_records import KpiValue, ValueStatus
from crm_loop.wording import Words
from crm_loop.wording.numbers import ENOUGH_FOR_PERCENT, whole

#: A figure is kept with so many places.
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One figure: `name` is the KPI's, `label` the one that it is shown under here.

    `actual` and `target` are in `unit` (money, count, ratio, days or times).
    """

    kpi: str
    name: str
    label: str
    unit: str
    actual: Decimal
    target: Decimal


def chosen(
    wanted: Sequence[str], values: Mapping[str, KpiValue], resting: Collection[str]
) -> list[KpiValue]:
    """What is to be shown of a rep's figures, in this order; all of them are measured.

    One that the rep says is wrong rests here as it does in the memo.
    """
    return [values[kpi] for kpi in wanted if kpi in values and kpi not in resting]


def shown(value: KpiValue, kpi: Kpi, words: Words) -> Shown | None:
    """The figure where it has a target and is complete; a share of few cases as their number."""
    if value.value_status is not ValueStatus.OK or value.target is None or value.value is None:
        return None
    name = kpi.names[words.language]
    if kpi.unit == "ratio" and value.n < ENOUGH_FOR_PERCENT:
        return _of_few(value, kpi, words)
    return Shown(
        kpi=kpi.id,
        name=name,
        label=name,
        unit=kpi.unit,
        actual=_exact(value.value),
        target=_exact(value.target),
    )


def _of_few(value: KpiValue, kpi: Kpi, words: Words) -> Shown | None:
    """Of so few cases nobody is shown a percentage: how many of them, and how many are aimed at.

    It counts as a KPI of its own, since its unit is another one.
    """
    cases = whole(value.denominator or 0)
    if kpi.value != "share" or not cases or value.numerator is None or value.target is None:
        return None
    # Guarded, so that binary noise adds no case to the target.
    wanted = value.target * cases
    target = math.ceil(wanted - 1e-9) if kpi.higher_is_better else math.floor(wanted + 1e-9)
    name = kpi.names[words.language]
    return Shown(
        kpi=f"{kpi.id}_cases",
        name=words.say("progress.in_cases", name=name),
        label=words.say("progress.of_cases", name=name, n=str(cases)),
        unit="count",
        actual=Decimal(whole(value.numerator)),
        target=Decimal(target),
    )


def _exact(value: float) -> Decimal:
    return Decimal(str(value)).quantize(_PLACES)
