"""Targets and measured values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import overload


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


class RecordLines(Sequence[RecordRef]):
    """References as lines of text (connection, object and id between tabs), read when asked for.

    Most figures are kept with their records and never opened: millions of objects would be made
    for nothing. `given` is what each of them gave to the figure (`Given`), None where that is not
    known; two lists of the same records are equal whatever is known of that.
    """

    __slots__ = ("given", "text")

    def __init__(self, text: str, given: str | None = None) -> None:
        self.text = text
        self.given = given

    def __len__(self) -> int:
        return self.text.count("\n") + 1 if self.text else 0

    @overload
    def __getitem__(self, index: int) -> RecordRef: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RecordRef]: ...
    def __getitem__(self, index: int | slice) -> RecordRef | Sequence[RecordRef]:
        return self._read()[index]

    def __iter__(self) -> Iterator[RecordRef]:
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RecordLines):
            return self.text == other.text
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.text)

    def _read(self) -> list[RecordRef]:
        parts = (line.split("\t") for line in self.text.split("\n") if line)
        return [RecordRef(connection=c, object=o, id=i) for c, o, i in parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a person aims at in a period.

    `set_by` is company (locked) or team; `source` is crm, file, agreed or rule; `reason` is why
    it is what it is, in the words of whoever set it.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    value: float
    set_by: str
    source: str
    currency: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiValue:
    """One KPI of one person as of the end of a day. Money is a float in corporate currency.

    `projection` is (low, middle, high) of an 80 % interval at period end. `usual` is the
    person's own typical week (count KPIs), `last_week` the last full week's count. `reference`:
    the records are too incomplete to say how anybody stands.
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
    reference: bool = False
