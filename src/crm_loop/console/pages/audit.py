"""The audit trail: who let what happen, who was shown what, and whether it is whole."""

import json
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from crm_loop.access import chain
from crm_loop.console.paging import Paging, wanted
from crm_loop.console.visit import Visit
from crm_loop.store.audit import Sealed

#: How the kinds of entries begin, for looking at some of them only.
KINDS = ("write", "shown", "user", "connection", "talk", "job", "setup")

#: Of the chain, followed in one look: a fifth of a second.
ENTRIES_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry; an actor that is a user of ours is named."""

    entry: Sealed
    actor: str
    detail: str


def show(visit: Visit) -> Response:
    """The latest entries first."""
    kind = visit.query.get("kind", "")
    kind = kind if kind in KINDS else ""
    paging = wanted(visit)
    with visit.look() as state:
        entries, total = state.listing.trail(paging.window, what=f"{kind}." if kind else "")
        names = {one.actor: state.users.get(one.actor) for one in entries}
    known = {actor: user.name for actor, user in names.items() if user is not None}
    lines = [
        Line(entry=one, actor=known.get(one.actor, one.actor), detail=_detail(one.detail))
        for one in entries
    ]
    return visit.page(
        "audit.html",
        lines=lines,
        kind=kind,
        kinds=KINDS,
        paging=Paging(paging.page, total),
        verdict=None,
    )


def verify(visit: Visit) -> Response:
    """Follow the chain, a part with each look; the page itself asks for the next one."""
    look, own = visit.app.look, visit.organisation
    followed = chain.follow(look, own, so_far=_so_far(visit), most=ENTRIES_AT_ONCE)
    if followed.is_end:
        verdict = chain.verdict_of(look, own, followed)
        return visit.page("audit_verdict.html", verdict=verdict, following="", n=0, of=0)
    with visit.look() as state:
        last = state.trail.last()
    place = {"after": str(followed.n), "head": followed.head, "mark": _mark(visit, followed)}
    return visit.page(
        "audit_verdict.html",
        verdict=None,
        following=urlencode(place),
        n=followed.n,
        of=(last.n if last else 0) or followed.n,
    )


def _so_far(visit: Visit) -> chain.Followed | None:
    """Where an earlier look ended; an address that we have not made begins from the start."""
    after, head = visit.query.get("after", ""), visit.query.get("head", "")
    if not after.isdecimal():
        return None
    followed = chain.Followed(int(after), head)
    is_ours = compare_digest(visit.query.get("mark", ""), _mark(visit, followed))
    return followed if is_ours else None


def _mark(visit: Visit, followed: chain.Followed) -> str:
    # Without it, a link could make somebody believe that a part was followed which was not.
    said = f"followed|{visit.organisation}|{followed.n}|{followed.head}"
    return visit.app.seal.fingerprint(said)


def _detail(text: str) -> str:
    """An entry's facts as `name value`, without what is only for the machine."""
    if not text:
        return ""
    facts: dict[str, Any] = json.loads(text)
    hidden = ("before", "after", "request")
    return " · ".join(f"{name} {value}" for name, value in facts.items() if name not in hidden)
