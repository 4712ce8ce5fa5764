"""The route table: every method of every path, and who may. What is not here is not served."""

from crm_loop.access.roles import EVERYBODY, SELLING, ConsoleRole
from crm_loop.console.pages import account, door, figures, steps, talks, team
from crm_loop.console.route import Handler, Route, Scope

ADMIN = frozenset({ConsoleRole.ADMIN})
OPERATING = frozenset({ConsoleRole.ADMIN, ConsoleRole.OPERATOR})
AUDITING = frozenset({ConsoleRole.ADMIN, ConsoleRole.AUDITOR})
MANAGER = frozenset({ConsoleRole.MANAGER})


def _door(name: str, method: str, path: str, handler: Handler) -> Route:
    return Route(name=name, method=method, path=path, handler=handler, scope=Scope.DOOR)


DOOR = (
    _door("sign_in", "GET", "/sign-in", door.show),
    _door("sign_in", "POST", "/sign-in", door.sign_in),
    _door("welcome", "GET", "/welcome/{secret}", door.welcome),
    _door("welcome", "POST", "/welcome/{secret}", door.enter),
    _door("alive", "GET", "/livez", door.alive),
)


def _own(name: str, method: str, path: str, handler: Handler, *, proof: bool = False) -> Route:
    return Route(
        name=name,
        method=method,
        path=path,
        handler=handler,
        scope=Scope.OWN,
        roles=EVERYBODY,
        proof=proof,
    )


ACCOUNT = (
    _own("home", "GET", "/", door.home),
    _own("sign_out", "POST", "/sign-out", door.sign_out),
    _own("prove", "GET", "/prove", door.prove),
    _own("prove", "POST", "/prove", door.proved),
    _own("account", "GET", "/account", account.show),
    _own("account_language", "POST", "/account/language", account.set_language),
    _own("account_password", "POST", "/account/password", account.set_password, proof=True),
)


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

ROUTES: tuple[Route, ...] = (*DOOR, *ACCOUNT, *SELLING_PAGES)

#: What is shown instead of a page that there is not, and after a mistake.
MISSING = _door("missing", "GET", "", door.missing)
ERROR = _door("error", "GET", "", door.mistake)
