"""Rows of the route table that are about people, their figures and their 1on1s."""

from crm_loop.access.roles import SELLING, ConsoleRole
from crm_loop.console.pages import (
    calendars,
    figures,
    held,
    pipeline,
    rating,
    rhythm,
    sheets,
    standing,
    steps,
    talks,
    team,
)
from crm_loop.console.route import Handler, Route, Scope

MANAGER = frozenset({ConsoleRole.MANAGER})
LEADING = frozenset({ConsoleRole.MANAGER, ConsoleRole.ADMIN})
OURS, PERSON, PAIR = Scope.ORGANISATION, Scope.PERSON, Scope.PAIR

_PERSON = "/people/{person}"
_KPI = f"{_PERSON}/kpis/{{kpi}}"
_TALK = f"{_PERSON}/one-on-ones/{{week}}"


def _page(
    name: str,
    path: str,
    handler: Handler,
    scope: Scope,
    roles: frozenset[ConsoleRole],
    *,
    shown: str = "",
    section: str = "",
) -> Route:
    """A page, which the trail calls by its name unless it is `shown` as another one."""
    return Route(
        name=name,
        method="GET",
        path=path,
        handler=handler,
        scope=scope,
        roles=roles,
        shown=shown or name,
        section=section,
    )


def _form(
    name: str, path: str, handler: Handler, scope: Scope, roles: frozenset[ConsoleRole]
) -> Route:
    return Route(name=name, method="POST", path=path, handler=handler, scope=scope, roles=roles)


SELLING_PAGES = (
    _page("team", "/team", team.show, OURS, MANAGER),
    _page("team_pipeline", "/team/pipeline", pipeline.of_team, OURS, MANAGER, section="team"),
    _page("meeting_sheet", "/team/meeting-sheet", sheets.meeting, OURS, MANAGER, section="team"),
    _page("trial_report", "/trial-report", sheets.trial, OURS, LEADING, section="standing"),
    _page("held", "/held", held.show, OURS, LEADING, section="standing"),
    _page("standing", "/standing", standing.show, OURS, LEADING),
    _page("figures", _PERSON, figures.show, PERSON, SELLING),
    _page("figure", _KPI, figures.one, PERSON, SELLING, shown="records", section="figures"),
    _page("pipeline", f"{_PERSON}/pipeline", pipeline.of_person, PERSON, SELLING,
          section="figures"),
    _form("flag", f"{_KPI}/flag", figures.flag, PERSON, SELLING),
    _page("talks", "/one-on-ones", talks.show, OURS, SELLING),
    _page("my_calendar", "/one-on-ones.ics", calendars.mine, OURS, SELLING, section="talks"),
    _page("rhythm", "/one-on-ones/rhythm", rhythm.show, OURS, SELLING, section="talks"),
    _page("talk", _TALK, talks.one, PAIR, SELLING, section="talks"),
    _form("talk_enter", f"{_TALK}/enter", talks.enter, PAIR, SELLING),
    _form("talk_note", f"{_TALK}/note", talks.keep_note, PAIR, SELLING),
    _form("talk_rate", f"{_TALK}/rate", rating.rate, PAIR, SELLING),
    _form("talk_take_back", f"{_TALK}/take-back", talks.take_back, PAIR, SELLING),
    _form("talk_let_through", f"{_TALK}/let-through", talks.let_through, PAIR, MANAGER),
    _form("resume_pair", f"{_PERSON}/resume", talks.resume, PAIR, MANAGER),
    _page("actions", "/steps", steps.show, OURS, SELLING, shown="steps"),
)  # fmt: skip
