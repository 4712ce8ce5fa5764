"""How useful a 1on1 was, in the words of each of the two: asked for in the profile full alone."""

from dataclasses import replace

from crm_loop.console.visit import Visit
from crm_loop.loop_records import Agenda, By, TalkView
from crm_loop.store import State

#: Who has switched everything on is asked.
FULL = "full"
SCORES = (1, 2, 3, 4, 5)


def asked(visit: Visit) -> bool:
    return visit.own.profile == FULL


def by(visit: Visit, agenda: Agenda) -> By:
    """As which of the two the user speaks."""
    return By.REP if visit.sight.me == agenda.rep else By.MANAGER


def shown(visit: Visit, agenda: Agenda) -> dict[int, bool]:
    """The scores, and which of them the user has given; the other one's is shown to nobody.

    None at all where nobody is asked.
    """
    if not asked(visit):
        return {}
    with visit.look() as state:
        found = _said(visit, state, agenda)
    return {score: found is not None and found.rating == score for score in SCORES}


def keep(visit: Visit, state: State, agenda: Agenda, rating: int) -> None:
    """Keep the newest word and leave other answers of the same 1on1 as they are."""
    empty = TalkView(rep=agenda.rep, week=agenda.week, by=by(visit, agenda))
    state.views.put([replace(_said(visit, state, agenda) or empty, rating=rating)])


def _said(visit: Visit, state: State, agenda: Agenda) -> TalkView | None:
    mine = state.views.own(agenda.rep, by(visit, agenda))
    return next((one for one in mine if one.week == agenda.week), None)
