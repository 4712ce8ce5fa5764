"""What moved the open money of a person, or of a manager's team, since the month began."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from crm_loop.calendars import parse_day, period_of
from crm_loop.console import figure_store
from crm_loop.console.charts import steps_of_money
from crm_loop.console.figure_view import Writing
from crm_loop.console.visit import Missing, Visit
from crm_loop.kpi.profiles import shows
from crm_loop.kpi.two_days import Moved, moved_of
from crm_loop.store import State

#: Deals named on the page, those that moved most first; more are in the CRM.
MOST_DEALS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One deal that moved, with what happened to it."""

    record: figure_store.RecordLine
    part: str
    amount: float


def of_person(visit: Visit) -> Response:
    """One person's pipeline, deal by deal."""
    member = visit.person
    return _page(visit, [member.person], name=member.name, whose=visit.name_of(member.person))


def of_team(visit: Visit) -> Response:
    """The team's pipeline as a whole: by deal, never by person."""
    return _page(visit, visit.sight.reports, name="", whose="")


def _page(visit: Visit, people: Collection[str], *, name: str, whose: str) -> Response:
    if not shows(visit.own.profile, "waterfall"):
        raise Missing
    month = period_of(visit.yesterday, "month", fiscal_start=visit.own.fiscal_start)
    first = _day(visit, "from", month.start - timedelta(days=1))
    last = _day(visit, "to", visit.yesterday)
    due = visit.query.get("due") != "all"
    with visit.look() as state:
        found = moved_of(
            state, people, first, last, horizon=period_of(last, "month").end if due else None
        )
        lines = _lines(state, found) if found else []
    writing = Writing(visit.words, visit.own.currency)
    return visit.page(
        "pipeline.html",
        name=name,
        whose=whose,
        found=found,
        chart=steps_of_money(found, writing) if found else None,
        lines=lines,
        first=first,
        last=last,
        due=due,
        currency=visit.own.currency,
    )


def _day(visit: Visit, name: str, default: date) -> date:
    """A day that was asked for; the default where it is none."""
    try:
        return parse_day(visit.query.get(name, ""))
    except ValueError:
        return default


def _lines(state: State, found: Moved) -> Sequence[Line]:
    largest = sorted(found.deals, key=lambda one: (-abs(one[2]), one[1].id))[:MOST_DEALS]
    records = {
        one.ref: one for one in figure_store.record_lines(state, [ref for _, ref, _ in largest])
    }
    return [
        Line(record=records[ref], part=part, amount=amount)
        for part, ref, amount in largest
        if ref in records
    ]
