"""Targets and measured values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ValueStatus(StrEnum):
    OK = "ok"
    INSUFFICIENT = "insufficient"
    NO_DATA = "no_data"
    ACHIEVED = "achieved"
    SUPPRESSED = "suppressed"


class ProgressStatus(StrEnum):
    ACHIEVED = "achieved"
    TOO_EARLY = "too_early"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NO_DATA = "no_data"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRef:
    """One CRM record, across connections."""

    connection: str
    object: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a person aims at in a period.

    `set_by` is company (locked) or team; `source` is crm, file or rule.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    value: float
    set_by: str
    source: str
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiValue:
    """One KPI of one person as of the end of a day. Money is a float in corporate currency.

    `projection` is (low, middle, high) of an 80 % interval at period end. `usual` is the
    person's own typical week (count KPIs), `last_week` the last full week's count.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    as_of: date
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    value_status: ValueStatus
    progress: ProgressStatus | None = None
    target: float | None = None
    expected_to_date: float | None = None
    p_attain: float | None = None
    p_start: float | None = None
    projection: tuple[float, float, float] | None = None
    usual: float | None = None
    last_week: float | None = None
    warnings: Sequence[str] = ()
    records: Sequence[RecordRef] = ()
