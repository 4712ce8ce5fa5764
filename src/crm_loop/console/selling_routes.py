"""Rows of the route table that are about people, their figures and their 1on1s."""

from crm_loop.access.roles import SELLING, ConsoleRole
from crm_loop.console.pages import (
    calendars,
    figures,
    pipeline,
    sheets,
    standing,
    steps,
    talks,
    team,
)
from crm_loop.console.route import Route, Scope

MANAGER = frozenset({ConsoleRole.MANAGER})
LEADING = frozenset({ConsoleRole.MANAGER, ConsoleRole.ADMIN})

SELLING_PAGES = (
    Route(
        name="team",
        method="GET",
        path="/team",
        handler=team.show,
        scope=Scope.ORGANISATION,
        roles=MANAGER,
        shown="team",
    ),
    Route(
        name="figures",
        method="GET",
        path="/people/{person}",
        handler=figures.show,
        scope=Scope.PERSON,
        roles=SELLING,
        shown="figures",
    ),
    Route(
        name="figure",
        method="GET",
        path="/people/{person}/kpis/{kpi}",
        handler=figures.one,
        scope=Scope.PERSON,
        roles=SELLING,
        shown="records",
        section="figures",
    ),
    Route(
        name="pipeline",
        method="GET",
        path="/people/{person}/pipeline",
        handler=pipeline.of_person,
        scope=Scope.PERSON,
        roles=SELLING,
        shown="pipeline",
        section="figures",
    ),
    *(
        Route(
            name=name,
            method="GET",
            path=path,
            handler=handler,
            scope=Scope.ORGANISATION,
            roles=roles,
            section=section,
            shown=name,
        )
        for name, path, handler, roles, section in (
            ("team_pipeline", "/team/pipeline", pipeline.of_team, MANAGER, "team"),
            ("meeting_sheet", "/team/meeting-sheet", sheets.meeting, MANAGER, "team"),
            ("trial_report", "/trial-report", sheets.trial, LEADING, "standing"),
            ("standing", "/standing", standing.show, LEADING, ""),
            ("my_calendar", "/one-on-ones.ics", calendars.mine, SELLING, "talks"),
        )
    ),
    Route(
        name="flag",
        method="POST",
        path="/people/{person}/kpis/{kpi}/flag",
        handler=figures.flag,
        scope=Scope.PERSON,
        roles=SELLING,
    ),
    Route(
        name="talks",
        method="GET",
        path="/one-on-ones",
        handler=talks.show,
        scope=Scope.ORGANISATION,
        roles=SELLING,
        shown="talks",
    ),
    Route(
        name="talk",
        method="GET",
        path="/people/{person}/one-on-ones/{week}",
        handler=talks.one,
        scope=Scope.PAIR,
        roles=SELLING,
        section="talks",
        shown="talk",
    ),
    *(
        Route(
            name=name,
            method="POST",
            path=f"/people/{{person}}/one-on-ones/{{week}}/{step}",
            handler=handler,
            scope=Scope.PAIR,
            roles=roles,
        )
        for name, step, handler, roles in (
            ("talk_enter", "enter", talks.enter, SELLING),
            ("talk_note", "note", talks.keep_note, SELLING),
            ("talk_take_back", "take-back", talks.take_back, SELLING),
            ("talk_let_through", "let-through", talks.let_through, MANAGER),
        )
    ),
    Route(
        name="resume_pair",
        method="POST",
        path="/people/{person}/resume",
        handler=talks.resume,
        scope=Scope.PAIR,
        roles=MANAGER,
    ),
    Route(
        name="actions",
        method="GET",
        path="/steps",
        handler=steps.show,
        scope=Scope.ORGANISATION,
        roles=SELLING,
        shown="steps",
    ),
)
