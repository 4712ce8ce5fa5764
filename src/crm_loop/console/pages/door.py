"""Signing in and out, and the links that make an account."""

from sqlalchemy.exc import DBAPIError
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from crm_loop.access.roles import ConsoleRole
from crm_loop.console.cookies import Cookies
from crm_loop.console.forms import csrf_of
from crm_loop.console.serving_address import is_secure
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError, Transient

#: Where each role's own work begins; the first that a user has.
HOMES: tuple[tuple[ConsoleRole, str, dict[str, str]], ...] = (
    (ConsoleRole.MANAGER, "team", {}),
    (ConsoleRole.REP, "figures", {"person": "me"}),
    (ConsoleRole.ADMIN, "setup", {}),
    (ConsoleRole.OPERATOR, "connections", {}),
    (ConsoleRole.AUDITOR, "audit", {}),
)


def home(visit: Visit) -> Response:
    """Send everybody to the page that they come for."""
    for role, name, params in HOMES:
        if visit.has(role) and (role is not ConsoleRole.REP or visit.sight.own):
            return visit.go(name, **params)
    return visit.go("account")


def show(visit: Visit) -> Response:
    """The form; its answer is bound to this browser."""
    if visit.visitor is not None:
        return visit.go("home")
    return form_page(
        visit, "sign_in.html", next=safe(visit.query.get("next", "")), email="", wrong=None
    )


def sign_in(visit: Visit) -> Response:
    """A new session, whatever cookie came along."""
    email, back = visit.form.get("email"), safe(visit.form.get("next"))
    doorkeeper = visit.app.doorkeeper
    try:
        user, secret = doorkeeper.sign_in(
            email, _password(visit), address=visit.address, code=visit.form.get("code")
        )
    except CrmLoopError as error:
        status = 429 if isinstance(error, Transient) else 401
        wrong = visit.sentence(error)
        return form_page(visit, "sign_in.html", status=status, next=back, email=email, wrong=wrong)
    del user
    response = RedirectResponse(back or visit.pages.path("home"), status_code=303)
    _cookies(visit).sign_in(response, secret)
    return response


def sign_out(visit: Visit) -> Response:
    if visit.visitor is not None:
        visit.app.doorkeeper.sign_out(visit.visitor)
    response = visit.go("sign_in", said="signed_out")
    _cookies(visit).sign_out(response)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


def welcome(visit: Visit) -> Response:
    """What a link is for: the account's address, or the first admin's question for it."""
    try:
        link = visit.app.doorkeeper.open_link(visit.params["secret"])
    except CrmLoopError as error:
        return visit.page("error.html", status=410, **visit.sentence(error))
    return form_page(visit, "welcome.html", link=link, wrong=None, email=link.email, name="")


def enter(visit: Visit) -> Response:
    """Make the account and sign in with it at once."""
    doorkeeper, form = visit.app.doorkeeper, visit.form
    given = {"email": form.get("email"), "name": form.get("name")}
    try:
        user = doorkeeper.use_link(
            visit.params["secret"],
            **given,
            password=_password(visit),
            language=visit.language,
        )
    except CrmLoopError as error:
        return _again(visit, given, visit.sentence(error))
    response = visit.go("home")
    _cookies(visit).sign_in(response, doorkeeper.open(user))
    return response


def prove(visit: Visit) -> Response:
    """Ask for the password once more."""
    back = safe(visit.query.get("next", ""))
    return visit.page("prove.html", next=back, wrong=None, elsewhere=_elsewhere(visit))


def proved(visit: Visit) -> Response:
    back = safe(visit.form.get("next"))
    visitor = visit.visitor
    if visitor is None:
        return visit.go("sign_in")
    try:
        visit.app.doorkeeper.prove(visitor, _password(visit), address=visit.address)
    except CrmLoopError as error:
        shown = {"wrong": visit.sentence(error), "elsewhere": _elsewhere(visit)}
        return visit.page("prove.html", status=401, next=back, **shown)
    return RedirectResponse(back or visit.pages.path("home"), status_code=303)


def alive(visit: Visit) -> Response:
    """For whoever watches the process; says nothing about anything else."""
    del visit
    return PlainTextResponse("alive\n")


def ready(visit: Visit) -> Response:
    """Whether the database answers; for whoever balances load between consoles."""
    try:
        visit.app.organisations()
    except DBAPIError:
        return PlainTextResponse("the database does not answer\n", status_code=503)
    return PlainTextResponse("ready\n")


def missing(visit: Visit) -> Response:
    return visit.page("missing.html", status=404)


def mistake(visit: Visit) -> Response:
    """What was sent could not be read, or we made a mistake."""
    return visit.page("error.html", **visit.words.texts["mistake"])


def safe(path: str) -> str:
    """A path of ours to go back to; empty for anything that might lead elsewhere."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if plain and path.isprintable() and "\\" not in path else ""


def _password(visit: Visit) -> str:
    # Blanks around it are part of it.
    return next(iter(visit.form.all("password")), "")


def _again(visit: Visit, given: dict[str, str], wrong: dict[str, str]) -> Response:
    try:
        link = visit.app.doorkeeper.open_link(visit.params["secret"])
    except CrmLoopError:
        return visit.page("error.html", status=410, **wrong)
    shown = {**given, "email": link.email or given["email"]}
    return form_page(visit, "welcome.html", status=422, link=link, wrong=wrong, **shown)


def form_page(visit: Visit, template: str, *, status: int = 200, **facts: object) -> Response:
    """A page before the door: it brings the cookie that its form is bound to."""
    cookies = _cookies(visit)
    secret = cookies.new_visit()
    shown = {"csrf_here": csrf_of(secret), "elsewhere": _elsewhere(visit), **facts}
    page = visit.page(template, status=status, **shown)
    cookies.visit(page, secret)
    return page


def _cookies(visit: Visit) -> Cookies:
    return Cookies(is_secure(visit.app.settings))


def _elsewhere(visit: Visit) -> bool:
    """Whether people can sign in with an account of their company too."""
    return visit.app.settings.oidc_issuer is not None
