"""The audit trail: who let what happen, who was shown what, and whether it is whole."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from crm_loop.access import chain
from crm_loop.console.paging import Paging, wanted
from crm_loop.console.visit import Visit
from crm_loop.store.audit import Sealed

#: How the kinds of entries begin, for looking at some of them only.
KINDS = ("write", "shown", "user", "connection", "talk", "job", "setup")


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
    """Follow the whole chain."""
    verdict = chain.verify(visit.app.look, visit.organisation)
    return visit.page("audit_verdict.html", verdict=verdict)


def _detail(text: str) -> str:
    """An entry's facts as `name value`, without what is only for the machine."""
    if not text:
        return ""
    facts: dict[str, Any] = json.loads(text)
    hidden = ("before", "after", "request")
    return " · ".join(f"{name} {value}" for name, value in facts.items() if name not in hidden)
