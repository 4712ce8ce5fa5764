"""Two sheets of paper: for the weekly sales meeting, and after four weeks of trying."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.calendars import monday_of, period_of, week_of
from crm_loop.console import figure_store
from crm_loop.console.figure_view import Writing, shown_kpis, team_total
from crm_loop.console.pages.figures import MOST_DEALS, DealLine, deals_of
from crm_loop.console.visit import Visit
from crm_loop.kpi.choice import shown_together
from crm_loop.kpi.profiles import shows
from crm_loop.kpi.two_days import moved_of
from crm_loop.loop_records import GoOn
from crm_loop.one_on_one.looking_back import closed_periods, last_final
from crm_loop.one_on_one.team_look_back import Team, team_draft_of
from crm_loop.store import State
from crm_loop.store.views import WeekCounts
from crm_loop.wording import words

#: With fewer, a colleague could tell another one's figures by taking the own ones away.
FEWEST = 3
#: The question comes every six 1on1s: everybody was asked within this time.
ASKED_SINCE = timedelta(weeks=8)
#: How long people try before they are asked whether to go on.
TRIAL_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLine:
    """One week in counts."""

    monday: date
    counts: WeekCounts


def meeting(visit: Visit) -> Response:
    """What a team talks about together: totals and deals, nobody's own figures or 1on1s."""
    people = visit.sight.reports
    with visit.look() as state:
        newest = figure_store.newest(visit.desk(state), people, visit.today)
        newest = figure_store.shown_only(newest, visit.own, visit.members)
        known = figure_store.kpis(state)
        deals = _worth_a_look(visit, state, people)
        moved = _moved(visit, state, people)
        line = _line(state, visit.turn_week, people)
        look_back = _look_back(visit, state, people)
    writing = Writing(visit.words, visit.own.currency)
    chosen = shown_kpis(
        shown_together(visit.own, (visit.members[one].role for one in people)),
        known,
        lambda kpi: any(kpi in v for v in newest.values.values()),
    )
    totals = []
    if len(people) >= FEWEST:
        for kpi in chosen:
            values = [v[kpi.id] for v in newest.values.values() if kpi.id in v]
            total = team_total(kpi, values, writing)
            if total is not None:
                totals.append((kpi.names[visit.words.language], *total))
    return visit.page(
        "meeting_sheet.html",
        as_of=newest.as_of,
        totals=totals,
        enough=len(people) >= FEWEST,
        deals=deals,
        moved=moved,
        line=line,
        currency=visit.own.currency,
        look_back=look_back,
    )


def _look_back(visit: Visit, state: State, people: Sequence[str]) -> list[str]:
    """The draft of the team's look back at the last month that is final."""
    if len(people) < FEWEST:
        return []
    own = visit.own
    calendar = own.calendar(own.country)
    period = last_final(visit.today, calendar, fiscal_start=own.fiscal_start)
    closed = closed_periods(state, period, reps=people)
    if len(closed) < FEWEST:
        return []
    team = Team(period=period, people=list(closed.values()))
    return team_draft_of(team, words(visit.words.language))


def _moved(visit: Visit, state: State, people: Collection[str]) -> Sequence[tuple[str, str]]:
    """What moved the month's pipeline, part by part; nothing where the profile does not show it."""
    if not shows(visit.own.profile, "waterfall") or len(people) < FEWEST:
        return []
    month = period_of(visit.yesterday, "month", fiscal_start=visit.own.fiscal_start)
    before = month.start - timedelta(days=1)
    found = moved_of(state, people, before, visit.yesterday, horizon=month.end)
    if found is None:
        return []
    money = Writing(visit.words, visit.own.currency).money
    return [
        (visit.words.say(f"moves.{part}"), f"{'+' if amount > 0 else '−'}{money(abs(amount))}")
        for part, amount in found.parts.items()
        if amount
    ]


def _worth_a_look(visit: Visit, state: State, people: Sequence[str]) -> list[DealLine]:
    """The team's deals with something to check, the largest first; by deal, not by person."""
    found = [line for person in people for line in deals_of(visit, state, person)]
    found.sort(key=lambda line: (-(line.record.amount or 0), line.record.name))
    return found[:MOST_DEALS]


def trial(visit: Visit) -> Response:
    """Four weeks in counts: of one's own team, or for an admin of everybody together."""
    weeks = [week_of(visit.today - timedelta(weeks=back)) for back in range(TRIAL_WEEKS, 0, -1)]
    manages = bool(visit.sight.reports)
    with visit.look() as state:
        people = visit.sight.reports if manages else _everybody(state)
        lines = _weeks(state, weeks, people)
        said = state.views.going_on(week_of(visit.today - ASKED_SINCE), people)
    enough = manages or len(people) >= SMALLEST_GROUP
    return visit.page(
        "trial_report.html",
        people=len(people),
        lines=lines if enough else [],
        answers=Counter(said) if len(said) >= SMALLEST_GROUP else None,
        choices=list(GoOn),
        enough=enough,
        own_team=manages,
        first=monday_of(weeks[0]),
        last=monday_of(weeks[-1]) + timedelta(days=6),
    )


def _everybody(state: State) -> list[str]:
    return [one.person for one in state.people.members() if one.active and one.manager]


def _line(state: State, week: str, people: Collection[str]) -> WeekLine:
    return _weeks(state, [week], people)[0]


def _weeks(state: State, weeks: Sequence[str], people: Collection[str]) -> list[WeekLine]:
    counted = state.views.weeks(weeks[0], people)
    return [WeekLine(monday=monday_of(w), counts=counted.get(w, WeekCounts())) for w in weeks]
