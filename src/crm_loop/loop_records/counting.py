"""What an admin may decide of how figures are counted, and what holds where nothing is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRules:
    """Words of the CRM, days, and shares of a full load that figures go by."""

    #: How a call that reached somebody ends, in the CRM's words and small letters.
    connected_dispositions: tuple[str, ...] = ("connected",)
    #: A lost deal of such a reason was never a case; in small letters, a blank for each _.
    lost_reasons_excluded: tuple[str, ...] = ("duplicate", "test", "data error")
    #: A deal is lost on the day on which it was set to lost (stage), or on its close_date.
    lost_date_source: str = "stage"
    #: Whether a meeting that is over was held where the CRM keeps no outcome.
    assume_past_meetings_held: bool = True
    #: Share of a full load by completed months in the role; the last one holds from then on.
    ramp: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    #: Business day of the next period on which a period is frozen.
    freeze_day: int = 5
    #: Business day of a month on which its forecast is.
    forecast_lock_day: int = 5
    #: Business minutes within which a lead is to be answered.
    lead_sla_minutes: int = 60
    #: When the office opens and closes, as 09:00, in the time zone of the organisation.
    lead_hours: tuple[str, ...] = ("09:00", "18:00")
    #: Days that a deal may rest at S1, S2, S3 and S4; empty: by how long deals stay there.
    stale_days: tuple[int, ...] = ()
    #: Days ahead within which a next step counts.
    next_step_horizon: int = 30
    #: Days without a meeting after which one with the same customer is a first one again.
    new_window: int = 180
    #: Days back in which somebody who took part is a contact of the deal.
    contact_window: int = 60

    def decided(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON has it: what a later default may change stays."""
        return {name: value for name, value in values(self).items() if value != _USUAL[name]}

    @classmethod
    def of(cls, decided: Mapping[str, Any]) -> "CountingRules":
        """The rules that were decided; everything else is as usual."""
        lists: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in decided.items()
        }
        return cls(**lists)


def values(rules: CountingRules) -> dict[str, Any]:
    """Each rule with its value, in the order in which they are written."""
    return {one.name: getattr(rules, one.name) for one in fields(CountingRules)}


_USUAL = values(CountingRules())
