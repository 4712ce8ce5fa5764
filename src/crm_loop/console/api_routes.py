"""The part of the route table that is for scripts."""

from crm_loop.access.roles import EVERYBODY, RUNNING, SELLING, ConsoleRole
from crm_loop.console import api, api_house
from crm_loop.console.asked import ENTRIES, MOST
from crm_loop.console.route import Handler, Parameter, Route, Scope

ADMIN = frozenset({ConsoleRole.ADMIN})
MANAGER = frozenset({ConsoleRole.MANAGER})
LEADING = ADMIN | MANAGER
AUDITING = frozenset({ConsoleRole.ADMIN, ConsoleRole.AUDITOR})

REP = Parameter("rep", "Only this person (e-mail).")
WEEK = Parameter("week", "ISO week, as 2026-W24; this one if left out.")
BY_WEEK = Parameter("week", "As of the end of this week, as 2026-W24.")
AS_OF = Parameter("as_of", "As of the end of this day, as 2026-06-14.")
PAGE = (
    Parameter("offset", "Leave out so many."),
    Parameter("limit", f"At most so many; {MOST} if left out, and never more."),
)


def _route(
    path: str,
    handler: Handler,
    roles: frozenset[ConsoleRole],
    *parameters: Parameter,
    method: str = "GET",
    shown: str = "",
) -> Route:
    return Route(
        name=f"api_{path.replace('/', '_')}",
        method=method,
        path=f"/api/v1/{path}",
        handler=handler,
        scope=Scope.ORGANISATION,
        roles=roles,
        data=True,
        parameters=parameters,
        shown=shown,
    )


API: tuple[Route, ...] = (
    _route(
        "measure", api.measured, SELLING, REP, Parameter("kpi", "Only this KPI."), AS_OF, BY_WEEK,
        Parameter("period", "This period, as 2026-Q1 or 2026-06."), shown="figures",
    ),
    _route(
        "explain", api.explained, SELLING, Parameter("rep", "Whose (e-mail).", required=True),
        Parameter("kpi", "Which KPI.", required=True), AS_OF, BY_WEEK,
        Parameter("period", "This period, as 2026-Q1 or 2026-06."), shown="records",
    ),
    _route(
        "agenda", api.agenda, SELLING, WEEK, REP, Parameter("copy", "rep or manager."),
        shown="talk",
    ),
    _route("cycle", api.cycles, SELLING, WEEK, REP, shown="cycles"),
    _route("doctor", api.doctor, RUNNING, Parameter("connection", "Only this account.")),
    _route("health", api.healthy, RUNNING),
    _route("jobs", api.job_list, RUNNING, Parameter("state", "Only these."), *PAGE),
    _route("writes", api.write_list, RUNNING, Parameter("run", "Only this run."), *PAGE),
    _route(
        "writes/approve", api.approve, RUNNING, Parameter("run", "Only this run."),
        Parameter("person", "Only this person (e-mail)."),
        Parameter("key", "Only the record with this key."), method="POST",
    ),
    *(
        _route(
            name, handler, RUNNING, Parameter("connection", "One account."),
            Parameter("all", "yes: every account."), method="POST",
        )
        for name, handler in (("pause", api.pause), ("resume", api.resume))
    ),
    _route(
        "audit", api.trail, AUDITING, Parameter("after", "Entries after this number."),
        Parameter("limit", f"At most so many; {ENTRIES} if left out, and never more than {MOST}."),
    ),
    _route("audit/verify", api.verified, AUDITING),
    _route("kpi/list", api_house.catalogue, EVERYBODY),
    _route("kpi/chosen", api_house.chosen, EVERYBODY),
    _route("templates/list", api_house.templates, EVERYBODY),
    _route("map", api_house.stages, RUNNING, Parameter("connection", "Only this account.")),
    _route("config/export", api_house.settings, ADMIN),
    _route("people/export", api_house.everybody, ADMIN),
    _route("targets/export", api_house.imported_targets, ADMIN, AS_OF),
    _route("targets/review", api_house.proposals, SELLING, AS_OF, shown="targets"),
    _route("targets/history", api_house.target_changes, SELLING, AS_OF, shown="targets"),
    _route("stage", api_house.standing, LEADING),
    _route("learn", api_house.learned, LEADING),
    _route("rhythm", api_house.going, SELLING),
    _route(
        "waterfall", api_house.moved, MANAGER,
        Parameter("from", "The first day, at its end.", required=True),
        Parameter("to", "The last day, at its end.", required=True),
        Parameter("due_by", "Only what is due by this day."), shown="pipeline",
    ),
    _route(
        "writes/preview", api_house.preview, RUNNING, Parameter("run", "Only this run."),
        Parameter("person", "Only this person (e-mail)."), *PAGE,
    ),
    _route(
        "writes/undo", api_house.undo, RUNNING, Parameter("run", "The run whose writes go."),
        Parameter("all", "yes: all that was ever written."),
        Parameter("dry_run", "yes: only say what would be done."), method="POST",
    ),
)  # fmt: skip
