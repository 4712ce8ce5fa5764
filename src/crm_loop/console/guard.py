"""Stands before every route: who is it, may they, does the form come from our own page."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crm_loop.access.roles import SELLING, ConsoleRole
from crm_loop.access.sign_in import Visitor
from crm_loop.bootstrap import App
from crm_loop.console.answers import missing_data, refused_data, trouble, unread
from crm_loop.console.cookies import Cookies
from crm_loop.console.forms import csrf_of, is_ours
from crm_loop.console.rendering import Pages
from crm_loop.console.route import Route, Scope
from crm_loop.console.texts import crm_of
from crm_loop.console.visit import Form, Known, Missing, Visit
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient, WrongUsage
from crm_loop.settings import Environment
from crm_loop.setup.encodings import decoded
from crm_loop.tracing import ended, span
from crm_loop.wording import language_of

logger = logging.getLogger(__name__)

#: A form or a CSV file of ours is far smaller.
MOST_BYTES = 1_000_000
#: A calendar of years.
MOST_BYTES_OF_FILES = 10_000_000
MOST_FIELDS = 500

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Guard:
    """Makes endpoints of routes."""

    app: App
    pages: Pages
    cookies: Cookies

    def endpoint(self, route: Route) -> Endpoint:
        async def answer(request: Request) -> Response:
            form = (
                Form()
                if route.is_safe
                else await _form(request, MOST_BYTES_OF_FILES if route.upload else MOST_BYTES)
            )
            if _has_nul(request, form):
                # No database takes it, and no person types it.
                raise HTTPException(400)
            # What a browser says of a trace is not believed: it begins here.
            with span(f"{route.method} {route.path}", kind="server") as current:
                response = await run_in_threadpool(self.answer, route, request, form)
                ended(current, response.status_code)
            return response

        return answer

    def answer(self, route: Route, request: Request, form: Form) -> Response:
        """Run the route for its visitor, or say why not."""
        cookie = self.cookies.session_of(request)
        visitor = self._visitor(route, request, cookie)
        visit = self._visit(route, request, form, visitor, cookie)
        refusal = self._refusal(visit, request)
        if refusal is not None:
            return self._told(visit, refusal)
        try:
            response = self._let_in(visit)
        except Missing:
            missing = missing_data(visit) if route.data else visit.page("missing.html", status=404)
            return self._told(visit, missing)
        except CrmLoopError as error:
            if route.data:
                return trouble(visit, error, status=status_of(error))
            return visit.page("error.html", status=status_of(error), **visit.sentence(error))
        if visitor is not None:
            response.background = BackgroundTask(self._afterwards, visit, response.status_code)
        return response

    def _visitor(self, route: Route, request: Request, cookie: str) -> Visitor | None:
        """Whoever holds the cookie, or for scripts the token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if route.data and scheme.lower() == "bearer":
            return self.app.doorkeeper.bearer(token.strip())
        return self.app.doorkeeper.visitor(cookie) if cookie else None

    def _visit(
        self, route: Route, request: Request, form: Form, visitor: Visitor | None, cookie: str
    ) -> Visit:
        return Visit(
            app=self.app,
            pages=self.pages,
            route=route,
            url=request.url,
            address=request.client.host if request.client else "",
            language=_language(request, visitor),
            csrf=csrf_of(cookie if visitor else self.cookies.visit_of(request)),
            asked=self.cookies.asked_of(request),
            params=dict(request.path_params),
            query=dict(request.query_params),
            form=form,
            visitor=visitor,
            known=self._known(route, visitor) if visitor else None,
        )

    def _known(self, route: Route, visitor: Visitor) -> Known:
        """The organisation, and its members where the page is about people."""
        organisation = visitor.user.organisation
        with self.app.look(organisation) as state:
            own = state.connections.organisation()
            crm = crm_of(state.connections.kinds())
            if SELLING.isdisjoint(visitor.user.roles) or SELLING.isdisjoint(route.roles):
                return Known(own, crm)
            return Known(own, crm, {one.person: one for one in state.people.members()})

    def _refusal(self, visit: Visit, request: Request) -> Response | None:
        route, visitor = visit.route, visit.visitor
        if route.data:
            return self._refused_data(visit, request)
        if route.scope is not Scope.DOOR:
            if visitor is None:
                return self._to_the_door(visit, request)
            if route.roles.isdisjoint(visitor.user.roles):
                return visit.page("forbidden.html", status=403)
        if not route.is_safe and not is_ours(request, visit):
            return visit.page("stale.html", status=403)
        return None if visitor is None else self._first(visit, visitor, request)

    def _first(self, visit: Visit, visitor: Visitor, request: Request) -> Response | None:
        """What this visitor has to do before the page: set up a second factor, prove who it is."""
        if self._lacks_a_factor(visit.route, visitor):
            return visit.go("second_factor")
        if visit.route.proof and not visitor.proved(self.app.clock()):
            return self._prove(visit, request)
        return None

    def _lacks_a_factor(self, route: Route, visitor: Visitor) -> bool:
        """In production an admin with a password does nothing before there is a second factor.

        Neither a page of one's own nor a token of an earlier day gets round it.
        """
        user = visitor.user
        return (
            self.app.settings.env is Environment.PRODUCTION
            and not route.before_factor
            and ConsoleRole.ADMIN in user.roles
            and user.password is not None
            and user.totp is None
        )

    def _refused_data(self, visit: Visit, request: Request) -> Response | None:
        """Scripts are told in JSON; a token needs no form of ours."""
        visitor = visit.visitor
        if visitor is None:
            return refused_data(visit, "sign_in.needed", status=401)
        if visit.route.roles.isdisjoint(visitor.user.roles):
            return refused_data(visit, "access.role", status=403)
        # No other header makes a request one of a script: a browser may be made to send any.
        if not visit.route.is_safe and not visitor.by_token and not is_ours(request, visit):
            return refused_data(visit, "access.form", status=403)
        if self._lacks_a_factor(visit.route, visitor):
            return refused_data(visit, "access.factor", status=403)
        return None

    def _let_in(self, visit: Visit) -> Response:
        if visit.route.scope in (Scope.PERSON, Scope.PAIR):
            # Looked up here, so that no handler can forget to.
            _ = visit.person
        return visit.route.handler(visit)

    def _to_the_door(self, visit: Visit, request: Request) -> Response:
        if "hx-request" in request.headers:
            # A fragment cannot sign anybody in: the whole page has to.
            return Response(status_code=401, headers={"HX-Redirect": self.pages.path("sign_in")})
        if not visit.route.is_safe:
            return visit.page("stale.html", status=401)
        return RedirectResponse(self.pages.path("sign_in", next=_here(request)), status_code=303)

    def _prove(self, visit: Visit, request: Request) -> Response:
        back = _here(request) if visit.route.is_safe else _referrer(request)
        return RedirectResponse(self.pages.path("prove", next=back), status_code=303)

    def _told(self, visit: Visit, response: Response) -> Response:
        """Let the trail say what was refused to whom: another role's, a stranger's, a forged form.

        Somebody who is only asked to prove who it is was refused nothing.
        """
        if visit.visitor is not None and response.status_code in (403, 404):
            response.background = BackgroundTask(self._refused, visit)
        return response

    def _refused(self, visit: Visit) -> None:
        with visit.change() as state:
            visit.note(state, "access.refused", visit.route.name)

    def _afterwards(self, visit: Visit, status: int) -> None:
        """Write down the use, and what was shown to whom, when nobody waits for it any more."""
        if visit.visitor is None:
            return
        self.app.doorkeeper.touch(visit.visitor)
        if visit.route.shown and status < 300:  # noqa: PLR2004 - what was refused was not shown
            whose = visit.name_of(visit.person.person) if "person" in visit.params else "-"
            with visit.change() as state:
                visit.note(state, f"shown.{visit.route.shown}", whose)


def status_of(error: CrmLoopError) -> int:
    if isinstance(error, WrongUsage):
        return 422
    if isinstance(error, NeedsAttention | Refused):
        return 409
    return 503 if isinstance(error, Transient) else 500


def _has_nul(request: Request, form: Form) -> bool:
    sent = (*request.path_params.values(), *request.query_params.values())
    texts = (*sent, *(one for several in form.values.values() for one in several))
    return any("\x00" in str(one) for one in texts)


async def _form(request: Request, most: int) -> Form:
    length = request.headers.get("content-length")
    if length is None or not length.isdigit():
        raise HTTPException(411)
    if int(length) > most:
        raise HTTPException(413)
    sent = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=most)
    values: dict[str, list[str]] = {}
    try:
        for name, value in sent.multi_items():
            values.setdefault(name, []).append(await _text(value))
    finally:
        await sent.close()
    return Form(values)


async def _text(value: str | UploadFile) -> str:
    if isinstance(value, str):
        return value
    try:
        return decoded(await value.read())
    except UnicodeDecodeError:
        raise HTTPException(422) from None


def _language(request: Request, visitor: Visitor | None) -> str:
    wanted = request.query_params.get("lang")
    if wanted in ("ja", "en"):
        return wanted
    if visitor is not None:
        return language_of(visitor.user.language)
    return language_of(request.headers.get("accept-language", "en"))


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _referrer(request: Request) -> str:
    """The page that a form stood on, if it is one of ours."""
    _, _, path = request.headers.get("referer", "").partition(f"//{request.url.netloc}")
    return path if path.startswith("/") else "/"


def refused(guard: Guard, route: Route) -> Callable[[Request, Exception], Response]:
    """The answer to what is no route of ours, or what nobody foresaw: no traceback gets out."""

    def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            logger.error("a page failed", exc_info=error)
        status = error.status_code if isinstance(error, HTTPException) else 500
        if request.url.path.startswith("/api/"):
            return unread(status)
        page = guard.answer(route, request, Form())
        page.status_code = status
        return page

    return answer
