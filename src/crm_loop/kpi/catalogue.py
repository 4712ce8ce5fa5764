"""The KPIs there are: definitions as data, and which ones a profile shows."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One definition. `names` and `definitions` are by language."""

    id: str
    unit: str
    direction: str
    form: str
    kind: str
    names: Mapping[str, str]
    definitions: Mapping[str, str]

    @property
    def is_volume(self) -> bool:
        """Whether it adds up over a period, so that it has a pace."""
        return self.form == "period" and self.unit in ("money", "count")

    @property
    def higher_is_better(self) -> bool:
        return self.direction == "up"


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Kpi]:
    """All KPIs by id, in the order of the file."""
    read = tomllib.loads(files("crm_loop.kpi").joinpath("catalogue.toml").read_text("utf-8"))
    return {
        id_: Kpi(
            id=id_,
            unit=one["unit"],
            direction=one["direction"],
            form=one["form"],
            kind=one["kind"],
            names={language: one[language]["name"] for language in ("ja", "en")},
            definitions={language: one[language]["definition"] for language in ("ja", "en")},
        )
        for id_, one in read.items()
    }


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
