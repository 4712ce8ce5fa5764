"""What a manager is told between two lists: at most once a day, without figures; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from crm_loop.wording import Words
from crm_loop.wording.numbers import Kpi, Names

#: How far back a figure must have stood better, and how long a write must have been refused.
WEEK, DAY = timedelta(days=7), timedelta(days=1)
#: More people in one alert are no alert but a list.
MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One manager's: KPIs by the name of the rep, and refused writes by the name of the CRM.

    A KPI of the house's own stands there by its name.
    """

    changed: Mapping[str, Sequence[Kpi | str]] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)


def subject_of(words: Words) -> str:
    return words.say("alert.subject")


def text_of(alert: Alert, words: Words) -> str:
    """A line each. No figure and no verdict: where it stands is on the rep's own page."""
    lines = [
        words.say("alert.changed", rep=name, kpi=_named(kpis, words))
        for name, kpis in sorted(alert.changed.items())[:MOST]
    ]
    more = len(alert.changed) - MOST
    lines += [words.say("alert.more", n=more)] if more > 0 else []
    lines += [
        words.say("alert.refused", crm=crm, n=count) for crm, count in sorted(alert.refused.items())
    ]
    if alert.refused:
        lines.append(words.say("alert.again"))
    return "\n".join(lines)


def _named(kpis: Sequence[Kpi | str], words: Words) -> Names:
    names = [one if isinstance(one, str) else words.say(f"kpi.{one.id}") for one in kpis]
    return Names(names, len(names))
