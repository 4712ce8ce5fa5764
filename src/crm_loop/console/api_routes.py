"""The part of the route table that is for scripts."""

from crm_loop.access.roles import RUNNING, SELLING, ConsoleRole
from crm_loop.console import api
from crm_loop.console.route import Handler, Parameter, Route, Scope

AUDITING = frozenset({ConsoleRole.ADMIN, ConsoleRole.AUDITOR})

REP = Parameter("rep", "Only this person (e-mail).")
WEEK = Parameter("week", "ISO week, as 2026-W24; this one if left out.")
AS_OF = Parameter("as_of", "As of the end of this day, as 2026-06-14.")
PAGE = (Parameter("offset", "Leave out so many."), Parameter("limit", "At most so many."))


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
        "measure", api.measured, SELLING, REP, Parameter("kpi", "Only this KPI."), AS_OF,
        shown="figures",
    ),
    _route(
        "explain", api.explained, SELLING, Parameter("rep", "Whose (e-mail).", required=True),
        Parameter("kpi", "Which KPI.", required=True), AS_OF,
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
    _route("audit", api.trail, AUDITING, Parameter("after", "Entries after this number."), PAGE[1]),
    _route("audit/verify", api.verified, AUDITING),
)  # fmt: skip
