"""A manager's team: where everybody stands, what comes next; by name, never by figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from crm_loop.access.roles import SMALLEST_GROUP, reports_of
from crm_loop.console import figure_store, talk_store
from crm_loop.console.figure_store import Newest
from crm_loop.console.figure_view import FigureView, Writing, shown_kpis, team_total, view
from crm_loop.console.pages.figures import NEVER
from crm_loop.console.visit import Visit
from crm_loop.kpi import telling
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.choice import shown_together
from crm_loop.kpi.profiles import shows
from crm_loop.loop_records import Action, Member, Role
from crm_loop.store import State
from crm_loop.store.actions import FINAL
from crm_loop.wording.names import called


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person of the team."""

    person: str
    name: str
    figures: Sequence[FigureView | None]
    talk: talk_store.Talk | None
    open_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A team further down: totals only, and only of enough people."""

    name: str
    people: int
    totals: Sequence[tuple[str, str, str]] | None


def show(visit: Visit) -> Response:
    """The team page of whoever leads somebody."""
    team = [visit.members[one] for one in visit.sight.reports]
    reps = [one for one in team if one.role is not Role.MANAGER]
    people = [one.person for one in reps]
    with visit.look() as state:
        newest = figure_store.newest(visit.desk(state), people, visit.today)
        known = figure_store.kpis(state)
        talks = talk_store.ahead(visit, state, people)
        actions = state.actions.of_people([visit.sight.me, *people], since=NEVER)
        unsettled = [one for one in actions if one.status not in FINAL]
        newest = figure_store.shown_only(newest, visit.own, visit.members)
        groups = _groups(visit, state, team, known)
        findings = _findings(visit, state, known)
    chosen = shown_kpis(
        shown_together(visit.own, (one.role for one in reps)),
        known,
        lambda kpi: any(kpi in v for v in newest.values.values()),
    )
    return visit.page(
        "team.html",
        as_of=newest.as_of,
        kpis=[(one.id, one.names[visit.words.language], one.kind) for one in chosen],
        rows=[_row(visit, one, newest, chosen, talks, unsettled) for one in reps],
        totals=_totals(visit, people, newest, chosen),
        promises=[one for one in unsettled if one.who == visit.sight.me],
        groups=groups,
        findings=findings,
        moves=shows(visit.own.profile, "waterfall"),
        name=lambda person: _called(visit, person),
    )


def _findings(visit: Visit, state: State, known: Mapping[str, Kpi]) -> list[telling.Told]:
    return telling.told(
        visit.desk(state).team_insights(visit.today),
        telling.OF_A_TEAM,
        profile=visit.own.profile,
        known=known,
        language=visit.words.language,
    )


def _called(visit: Visit, person: str) -> str:
    member = visit.members.get(person)
    return called(member, visit.words.language) if member else ""


def _row(
    visit: Visit,
    member: Member,
    newest: Newest,
    chosen: Sequence[Kpi],
    talks: Mapping[str, talk_store.Talk],
    unsettled: Sequence[Action],
) -> Row:
    values = newest.values.get(member.person, {})
    writing = Writing(visit.words, visit.own.currency)
    return Row(
        person=visit.name_of(member.person),
        name=member.name,
        figures=[
            view(kpi, values[kpi.id], writing) if kpi.id in values else None for kpi in chosen
        ],
        talk=talks.get(member.person),
        open_steps=sum(1 for one in unsettled if one.who == member.person),
    )


def _totals(
    visit: Visit, people: Sequence[str], newest: Newest, chosen: Sequence[Kpi]
) -> list[tuple[str, str, str]]:
    """Name, sum and target of what adds up."""
    writing = Writing(visit.words, visit.own.currency)
    found = []
    for kpi in chosen:
        values = [newest.values[p][kpi.id] for p in people if kpi.id in newest.values.get(p, {})]
        total = team_total(kpi, values, writing)
        if total is not None:
            found.append((kpi.names[visit.words.language], *total))
    return found


def _groups(
    visit: Visit, state: State, team: Sequence[Member], known: Mapping[str, Kpi]
) -> list[Group]:
    """The teams of those managers who report to this one."""
    found = []
    for manager in team:
        people = reports_of(manager.person, visit.members.values())
        if not people:
            continue
        totals = None
        if len(people) >= SMALLEST_GROUP:
            newest = figure_store.newest_together(visit.desk(state), people, visit.today)
            newest = figure_store.shown_only(newest, visit.own, visit.members)
            chosen = shown_kpis(
                shown_together(visit.own, (visit.members[one].role for one in people)),
                known,
                lambda kpi, n=newest: any(kpi in v for v in n.values.values()),  # type: ignore[misc]
            )
            totals = _totals(visit, people, newest, chosen)
        found.append(Group(name=manager.name, people=len(people), totals=totals))
    return found
