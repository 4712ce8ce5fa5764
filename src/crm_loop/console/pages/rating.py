"""One tap: how useful this 1on1 was."""

from starlette.responses import Response

from crm_loop.console import ratings
from crm_loop.console.pages.talks import agenda_here
from crm_loop.console.visit import Missing, Visit


def rate(visit: Visit) -> Response:
    """Keep a number from 1 to 5; the other one is never shown it."""
    chosen = {str(score): score for score in ratings.SCORES}.get(visit.form.get("rating"))
    if chosen is None or not ratings.asked(visit):
        raise Missing
    with visit.change() as state:
        agenda = agenda_here(visit, state)
        ratings.keep(visit, state, agenda, chosen)
    return visit.go("talk", said="entered", person=visit.name_of(agenda.rep), week=agenda.week)
