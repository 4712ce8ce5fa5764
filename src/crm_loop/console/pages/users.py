"""Who may sign in, as what; links for new people and new passwords."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from starlette.responses import Response

from crm_loop.access.roles import ConsoleRole
from crm_loop.console.paging import Paging, wanted
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Member
from crm_loop.store.users import User

#: So many people who have no account yet are offered at a time.
SHOWN = 20


def show(visit: Visit) -> Response:
    return _page(visit)


def invite(visit: Visit) -> Response:
    """A link for a new account, shown once: there may be no mail server."""
    email = visit.form.get("email").lower()
    roles = _roles(visit)
    if "@" not in email or not roles:
        return _page(visit, wrong=visit.sentence(_incomplete()), status=422)
    return _page(visit, link=_link(visit, email, roles), for_whom=email)


def new_link(visit: Visit) -> Response:
    """A link for a new password of somebody who is here already."""
    user = _user(visit)
    return _page(visit, link=_link(visit, user.email, ()), for_whom=user.email)


def set_roles(visit: Visit) -> Response:
    """What somebody may do from the next request on."""
    user, roles = _user(visit), _roles(visit)
    if not roles:
        return _page(visit, wrong=visit.sentence(_incomplete()), status=422)
    if user.id == visit.user.id and ConsoleRole.ADMIN not in roles:
        return _page(visit, wrong=visit.sentence(_last_admin()), status=422)
    with visit.change() as state:
        state.users.put(replace(user, roles=roles))
        visit.note(state, "user.roles", user.id, ",".join(roles))
    return visit.go("users", said="saved")


def disable(visit: Visit) -> Response:
    """Sign somebody out everywhere at once, and let nobody in with that account."""
    user = _user(visit)
    if user.id == visit.user.id:
        return _page(visit, wrong=visit.sentence(_last_admin()), status=422)
    with visit.change() as state:
        state.users.put(replace(user, disabled=True))
        state.users.end_sessions(user.id)
        state.users.revoke_tokens(user.id)
        visit.note(state, "user.disabled", user.id)
    return visit.go("users", said="saved")


def enable(visit: Visit) -> Response:
    user = _user(visit)
    with visit.change() as state:
        state.users.put(replace(user, disabled=False))
        visit.note(state, "user.enabled", user.id)
    return visit.go("users", said="saved")


def factor_off(visit: Visit) -> Response:
    """For somebody whose telephone is gone: signs that one out and asks for no code any more."""
    user = _user(visit)
    with visit.change() as state:
        state.users.set_totp(user.id, None)
        state.users.end_sessions(user.id, but=visit.visitor.session.digest if visit.visitor else "")
        visit.note(state, "user.second_factor_off", user.id)
    return visit.go("users", said="saved")


def _link(visit: Visit, email: str, roles: tuple[str, ...]) -> str:
    secret = visit.app.doorkeeper.link(
        visit.organisation, email=email, roles=roles, made_by=visit.user.id
    )
    path = visit.pages.path("welcome", secret=secret)
    return f"{visit.app.settings.console_url}{path}"


def _roles(visit: Visit) -> tuple[str, ...]:
    known = tuple(ConsoleRole)
    return tuple(sorted({role for role in visit.form.all("role") if role in known}))


def _user(visit: Visit) -> User:
    with visit.look() as state:
        user = state.users.get(visit.params["user"])
    if user is None:
        raise Missing
    return user


def _incomplete() -> WrongUsage:
    return WrongUsage(
        "An address and at least one role are needed.",
        code="user.incomplete",
        kept="Nothing was changed.",
        do="Fill in both.",
    )


def _last_admin() -> WrongUsage:
    return WrongUsage(
        "You cannot take your own access away.",
        code="user.oneself",
        kept="Nothing was changed.",
        do="Have another admin do it.",
    )


def without_account(
    members: Sequence[Member], known: Collection[str]
) -> list[tuple[Member, ConsoleRole]]:
    """Who takes part and cannot sign in yet, and as what: who leads others first, then by name."""
    leading = {one.manager for one in members if one.takes_part}
    found = [
        (one, ConsoleRole.MANAGER if one.person in leading else ConsoleRole.REP)
        for one in members
        if one.active and one.person not in known
        if one.person in leading or (one.manager and one.takes_part)
    ]
    return sorted(found, key=lambda one: (one[1] is not ConsoleRole.MANAGER, one[0].name))


def _page(visit: Visit, *, status: int = 200, **facts: object) -> Response:
    paging = wanted(visit)
    with visit.look() as state:
        waiting = without_account(state.people.members(), state.users.addresses())
        window = paging.window
        users = state.users.page(offset=window.offset, limit=window.limit)
        total = state.users.count()
    shown = {"wrong": None, "link": "", "for_whom": "", **facts}
    return visit.page(
        "users.html",
        status=status,
        users=users,
        paging=Paging(paging.page, total),
        waiting=waiting[:SHOWN],
        more=max(0, len(waiting) - SHOWN),
        **shown,
    )
