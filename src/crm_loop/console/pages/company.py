"""Signing in with the company's own account: there and back."""

from functools import lru_cache

from starlette.responses import RedirectResponse, Response

from crm_loop.access import oidc
from crm_loop.access.arriving import user_of
from crm_loop.console.cookies import Cookies
from crm_loop.console.pages.door import form_page, safe
from crm_loop.console.serving_address import is_secure
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError, Transient
from crm_loop.settings import Settings

_ASKED = "oidc question"
#: The house itself: nobody knows yet whose organisation it will be.
_HOUSE = ""


@lru_cache(maxsize=4)
def provider_of(settings: Settings) -> oidc.Provider | None:
    """The provider of the settings; None where there is none."""
    if settings.oidc_issuer is None:
        return None
    file = settings.oidc_secret_file
    return oidc.provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        file.read_text("utf-8").strip() if file else "",
        f"{settings.console_url}/sign-in/company/return",
        loopback=settings.allow_loopback_crm,
    )


def leave(visit: Visit) -> Response:
    """Send the browser to the provider with a question that only it can come back with."""
    provider = _provider(visit)
    back, again = safe(visit.query.get("next", "")), visit.visitor is not None
    asked = oidc.question(back, now=visit.app.clock(), again=again)
    try:
        response = RedirectResponse(provider.address(asked), status_code=303)
    except CrmLoopError as error:
        return _not_in(visit, error)
    cookies = Cookies(is_secure(visit.app.settings))
    cookies.asked(response, visit.app.seal.lock(asked.text(), _HOUSE, _ASKED))
    return response


def come_back(visit: Visit) -> Response:
    """A new session for whoever the provider says it is, if all of the answer is right."""
    provider = _provider(visit)
    try:
        asked = oidc.question_of(visit.app.seal.open(visit.asked, _HOUSE, _ASKED))
    except CrmLoopError:
        asked = None
    try:
        if asked is None:
            raise oidc.refused()
        identity = provider.identity(asked, visit.query, now=visit.app.clock())
        user = user_of(visit.app.engine, identity, clock=visit.app.clock)
        if visit.visitor is not None and visit.visitor.user.id != user.id:
            raise oidc.refused()
    except CrmLoopError as error:
        return _not_in(visit, error)
    response = RedirectResponse(asked.back or visit.pages.path("home"), status_code=303)
    cookies = Cookies(is_secure(visit.app.settings))
    cookies.sign_in(response, visit.app.doorkeeper.open(user))
    cookies.asked(response, "")
    return response


def _provider(visit: Visit) -> oidc.Provider:
    found = provider_of(visit.app.settings)
    if found is None:
        raise Missing
    return found


def _not_in(visit: Visit, error: CrmLoopError) -> Response:
    status = 503 if isinstance(error, Transient) else 401
    wrong = visit.sentence(error)
    page = form_page(visit, "sign_in.html", status=status, next="", email="", wrong=wrong)
    Cookies(is_secure(visit.app.settings)).asked(page, "")
    return page
