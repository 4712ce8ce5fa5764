"""1on1s of the last weeks by manager: planned, held, with a next step; in no order of merit."""

from datetime import timedelta

from starlette.responses import Response

from crm_loop.access.roles import ConsoleRole
from crm_loop.calendars import monday_of, week_of
from crm_loop.console.visit import Visit
from crm_loop.wording.names import called

#: As long as a month and a bit, so that a fortnight's rhythm shows twice.
WEEKS = 4


def show(visit: Visit) -> Response:
    """Every manager for an admin; for a manager the own line, and those further down."""
    first, last = (week_of(visit.today - timedelta(weeks=back)) for back in (WEEKS, 1))
    with visit.look() as state:
        found = state.views.held_by(first, last)
        members = {one.person: one for one in state.people.members()}
    sight = visit.sight
    below = {sight.me, *sight.reports, *sight.below}
    everybody = visit.has(ConsoleRole.ADMIN)
    lines = [
        (called(members[who], visit.words.language) if who in members else "–", *counts)
        for who, *counts in found
        if everybody or who in below
    ]
    return visit.page(
        "held.html",
        lines=lines,
        first=monday_of(first),
        last=monday_of(last) + timedelta(days=6),
    )
