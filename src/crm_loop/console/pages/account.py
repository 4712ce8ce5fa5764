"""A user's own account: language, password, where else one is signed in."""

from dataclasses import replace

from starlette.responses import Response

from crm_loop.access import passwords
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError

LONGEST_LABEL = 60


def show(visit: Visit) -> Response:
    return _page(visit)


def set_language(visit: Visit) -> Response:
    wanted = visit.form.get("language")
    if wanted in ("ja", "en"):
        with visit.change() as state:
            state.users.put(replace(visit.user, language=wanted))
    return visit.go("account", said="saved")


def set_password(visit: Visit) -> Response:
    """A new password ends all other sessions of this user."""
    wanted = next(iter(visit.form.all("password")), "")
    try:
        about = (visit.user.email.partition("@")[0], visit.user.name)
        passwords.check(wanted, about=about)
    except CrmLoopError as error:
        return _page(visit, wrong=visit.sentence(error), status=422)
    kept = passwords.hashed(wanted)
    session = visit.visitor.session.digest if visit.visitor else ""
    with visit.change() as state:
        state.users.put(replace(visit.user, password=kept))
        state.users.end_sessions(visit.user.id, but=session)
        visit.note(state, "user.password_set", visit.user.id)
    return visit.go("account", said="password")


def make_token(visit: Visit) -> Response:
    """A token for one's own scripts, shown once."""
    label = visit.form.get("label")[:LONGEST_LABEL]
    if not label:
        return _page(visit)
    return _page(visit, token=visit.app.doorkeeper.token(visit.user, label=label))


def revoke_token(visit: Visit) -> Response:
    with visit.change() as state:
        if state.users.revoke_tokens(visit.user.id, digest=visit.form.get("digest")):
            visit.note(state, "user.token_revoked", visit.user.id)
    return visit.go("account", said="saved")


def _page(visit: Visit, *, status: int = 200, **facts: object) -> Response:
    with visit.look() as state:
        tokens = state.users.tokens(visit.user.id)
    shown = {"wrong": None, "token": "", **facts}
    return visit.page("account.html", status=status, tokens=tokens, **shown)
