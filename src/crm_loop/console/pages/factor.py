"""A user's second factor: an authenticator app is shown a secret and answers with a code."""

from markupsafe import Markup
from starlette.responses import Response

from crm_loop.access import second_factor
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError, WrongUsage

#: What the secret is bound to before it counts: it travels through the page, sealed.
_OFFERED = "totp offered"


def show(visit: Visit) -> Response:
    """A new secret, or that there is one."""
    if visit.user.totp is not None:
        return visit.page("second_factor.html", wrong=None, secret="")
    return _offer(visit, second_factor.new_secret())


def switch_on(visit: Visit) -> Response:
    """The code shows that the app has the secret; from now on one is asked for."""
    user = visit.user
    try:
        place = (user.organisation, _OFFERED, user.id)
        secret = visit.app.seal.open(visit.form.get("offered"), *place)
    except CrmLoopError:
        return show(visit)
    step = second_factor.step_of(secret, visit.form.get("code"), now=visit.app.clock())
    if step is None or user.totp is not None:
        return _offer(visit, secret, wrong=visit.sentence(_wrong_code()), status=422)
    sealed = second_factor.sealed(visit.app.seal, user, secret)
    with visit.change() as state:
        state.users.set_totp(user.id, sealed, step=step)
        session = visit.visitor.session.digest if visit.visitor else ""
        state.users.end_sessions(user.id, but=session)
        # They were made with a password alone.
        state.users.revoke_tokens(user.id)
        visit.note(state, "user.second_factor_on", user.id)
    return visit.go("account", said="factor_on")


def switch_off(visit: Visit) -> Response:
    with visit.change() as state:
        state.users.set_totp(visit.user.id, None)
        visit.note(state, "user.second_factor_off", visit.user.id)
    return visit.go("account", said="saved")


def _offer(visit: Visit, secret: str, *, status: int = 200, **facts: object) -> Response:
    user = visit.user
    offered = visit.app.seal.lock(secret, user.organisation, _OFFERED, user.id)
    groups = " ".join(secret[first : first + 4] for first in range(0, len(secret), 4))
    address = second_factor.address_of(secret, user.email)
    shown = {
        "wrong": None,
        "secret": groups,
        "offered": offered,
        "address": address,
        # Made here of our own address: nothing in it was typed as markup.
        "picture": Markup(second_factor.picture_of(address)),  # noqa: S704
        **facts,
    }
    return visit.page("second_factor.html", status=status, **shown)


def _wrong_code() -> WrongUsage:
    return WrongUsage(
        "The code is not the one of this moment.",
        code="factor.code",
        kept="Nothing was changed.",
        do="Type the six digits that the app shows now.",
    )
