"""The KPIs there are: definitions as data, and which ones a profile shows."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.loop_records.counting import CountingRules, values

PROCESS_SCORE = "process_score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One definition. `names`, `definitions` and `purposes` are by language.

    `target_of` is the KPI whose target this one is held against: itself, save for coverage.
    """

    id: str
    unit: str
    direction: str
    form: str
    kind: str
    names: Mapping[str, str]
    definitions: Mapping[str, str]
    purposes: Mapping[str, str]
    target_of: str
    value: str = "sum"

    @property
    def is_volume(self) -> bool:
        """Whether it adds up over a period, so that it has a pace."""
        return self.form == "period" and self.value == "sum"

    @property
    def is_cohort(self) -> bool:
        """Whether it follows the deals of an earlier window, not those of the period."""
        return self.form == "cohort"

    @property
    def state_only(self) -> bool:
        """Whether it tells how things stand on a day, whatever the period."""
        return self.form == "snapshot" and self.target_of == self.id

    @property
    def of_values(self) -> bool:
        """Whether it is made of other KPIs' values and targets, not of records."""
        return self.id == PROCESS_SCORE

    @property
    def takes_target(self) -> bool:
        """Whether anybody may aim at it: not at a gauge of data, nor at what is made of others."""
        return self.kind != "data" and self.target_of == self.id and not self.of_values

    @property
    def higher_is_better(self) -> bool:
        return self.direction == "up"


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Kpi]:
    """All KPIs by id, in the order of the file; definitions name the usual rules."""
    return {id_: as_counted(one, CountingRules()) for id_, one in _written().items()}


@lru_cache(maxsize=1)
def _written() -> Mapping[str, Kpi]:
    """The KPIs as they stand in the file, rules of counting as {names}."""
    read = tomllib.loads(files("crm_loop.kpi").joinpath("catalogue.toml").read_text("utf-8"))
    return {id_: _kpi(id_, one) for id_, one in read.items()}


def as_counted(kpi: Kpi, rules: CountingRules) -> Kpi:
    """The same KPI, its definition with the numbers that a house counts by; own KPIs have none."""
    written = _written().get(kpi.id)
    if written is None:
        return kpi
    opens, closes = rules.lead_hours
    known = values(rules) | {"opens": opens, "closes": closes}
    told = {language: text.format(**known) for language, text in written.definitions.items()}
    return replace(kpi, definitions=told)


def _kpi(id_: str, one: Mapping[str, Any]) -> Kpi:
    return Kpi(
        id=id_,
        unit=one["unit"],
        direction=one["direction"],
        form=one["form"],
        kind=one["kind"],
        names=_texts(one, "name"),
        definitions=_texts(one, "definition"),
        purposes=_texts(one, "purpose"),
        target_of=one.get("target_of", id_),
        value=one.get("value", "share" if one["unit"] == "ratio" else "sum"),
    )


def _texts(one: Mapping[str, Any], what: str) -> dict[str, str]:
    return {language: one[language][what] for language in ("ja", "en")}


#: One result, two process KPIs to begin with; all of them are measured whatever is shown.
SHOWN: Mapping[str, tuple[str, ...]] = {
    "starter": ("bookings", "meetings_held", "next_step_hygiene"),
    "standard": (
        "bookings",
        "meetings_held",
        "next_step_hygiene",
        "pipeline_created",
        "stale_rate",
    ),
    "full": (
        "bookings",
        "win_rate",
        "meetings_held",
        "next_step_hygiene",
        "pipeline_created",
        "pipeline_coverage",
        "stale_rate",
    ),
}
