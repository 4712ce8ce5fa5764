"""How the chance of a target has moved within its period: against a week and four weeks ago."""

from collections.abc import Sequence
from datetime import date, timedelta

from crm_loop.kpi.target_reviews import Series, Values
from crm_loop.loop_records import Form, Insight
from crm_loop.statistics.guarded import at_least

RULE = "chance_moved"
#: By less than this in a week nothing has moved.
MOVED = 0.10
WEEK, MONTH = timedelta(days=7), timedelta(days=28)

Line = Sequence[tuple[date, float | None]]


def chances_moved(values: Values, series: Series) -> list[Insight]:
    """One insight for each figure whose chance is clearly another one than a week ago.

    `series` are the weeks of the running period, of what teams have targets for.

    Facts: `p` now, `week` and `month` (None: the period is younger) what it has moved by since.
    """
    found = []
    for (person, kpi), value in sorted(values.items()):
        p, line = value.p_attain, series.get((person, kpi), ())
        then = _chance_on(line, value.as_of - WEEK)
        if p is None or then is None or not at_least(abs(p - then), MOVED):
            continue
        earlier = _chance_on(line, value.as_of - MONTH)
        facts = {
            "p": p,
            "week": p - then,
            "month": None if earlier is None else p - earlier,
            "direction": "up" if p > then else "down",
            "points": 100 * abs(p - then),
        }
        found.append(
            Insight(
                person=person,
                as_of=value.as_of,
                rule=RULE,
                driver=kpi,
                form=Form.STATED,
                facts=facts,
            )
        )
    return found


def _chance_on(line: Line, day: date) -> float | None:
    """The last one that was measured by that day."""
    known = [(at, p) for at, p in line if at <= day and p is not None]
    return max(known)[1] if known else None
