"""What was concluded from figures: data in no language, with the records that say so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from crm_loop.loop_records.figures import RecordRef


class Form(StrEnum):
    """How it may be said: as a fact, as a question, or to the team as a whole."""

    STATED = "stated"
    ASKED = "asked"
    TEAM = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """One conclusion of a rule about one person's figures.

    `driver` is the factor, KPI or deal that it is about; `p` how sure, 0..1; `contribution` money
    against the baseline; `facts` the numbers that a sentence needs.
    """

    person: str
    as_of: date
    rule: str
    driver: str
    form: Form
    label: str | None = None
    p: float | None = None
    contribution: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    records: Sequence[RecordRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProposal:
    """A team target that should be looked at again, never a company's; lapses unanswered."""

    person: str
    kpi: str
    period_start: date
    period_end: date
    as_of: date
    decision: str
    old: float
    proposed: float
    reasons: Sequence[str]
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: str = "open"
    rep_answer: str | None = None
    manager_answer: str | None = None
    second_answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """One change of a target: what it was (None: nothing) and became, why, and who agreed.

    `at` is None where it was kept before anybody asked; `facts` are the model's numbers.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    at: datetime | None
    old: float | None
    new: float
    set_by: str
    source: str
    reason: str = ""
    rep_answer: str | None = None
    manager_answer: str | None = None
    second_answer: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class AmountLines(Mapping[str, float]):
    """Amounts by record as lines of text (connection:object:id and amount, a tab between).

    Read when asked for: most closed periods never change, which their text tells by itself.
    """

    __slots__ = ("_known", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[str, float] | None = None

    def __getitem__(self, key: str) -> float:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> dict[str, float]:
        if self._known is None:
            # A record may give more than once: a deal that was put off twice.
            found: dict[str, float] = {}
            for line in filter(None, self.text.split("\n")):
                name, _, amount = line.rpartition("\t")
                found[name] = found.get(name, 0.0) + float(amount)
            self._known = found
        return self._known


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenValue:
    """A closed period's value as it was on its freeze day, with amounts by record.

    `rebuilt`: from the CRM's history, because nobody measured at the time.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    frozen_on: date
    rebuilt: bool
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    value_status: str
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """A closed period's value then and now, as of a day, with what changed by record.

    `live` is in the KPI's unit, as `frozen` is (None: there was no data).
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    frozen_on: date
    as_of: date
    frozen: float | None
    live: float
    changes: Mapping[str, float]

    @property
    def net(self) -> float:
        return self.live - (self.frozen or 0.0)
