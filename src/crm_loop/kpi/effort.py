"""How much somebody does with customers lately against before: ten business days and forty."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from crm_loop.kpi.history import Past
from crm_loop.kpi.process import activity_index
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Member

#: The last business days, and those before them.
NOW, BEFORE = 10, 40
_ACTIVITIES = ("meetings_held", "calls")


def done_lately(
    setting: Setting, history: Mapping[str, Past], reps: Sequence[Member]
) -> dict[str, tuple[float, float]]:
    """Meetings and calls of each rep in the last ten business days, and in the forty before."""
    found: dict[str, tuple[float, float]] = {}
    for country in sorted({rep.country for rep in reps}):
        calendar = setting.organisation.calendar(country)
        first = calendar.add(setting.as_of + timedelta(days=1), -NOW)
        earlier = calendar.add(first, -BEFORE)
        now = _together(history, first, setting.as_of)
        before = _together(history, earlier, first - timedelta(days=1))
        found |= {
            rep.person: (now.get(rep.person, 0.0), before.get(rep.person, 0.0))
            for rep in reps
            if rep.country == country
        }
    return found


def _together(history: Mapping[str, Past], first: date, last: date) -> dict[str, float]:
    totals: dict[str, float] = {}
    for kpi in _ACTIVITIES:
        for person, amount in history[kpi].total(first, last).items():
            totals[person] = totals.get(person, 0.0) + amount
    return totals


def efforts(setting: Setting, history: Mapping[str, Past]) -> dict[str, float | None]:
    """Activity a day against the own activity before; None where there was none."""
    done = done_lately(setting, history, setting.reps)
    return {
        person: activity_index(now / NOW, before / BEFORE) for person, (now, before) in done.items()
    }
