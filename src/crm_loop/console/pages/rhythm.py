"""How 1on1s are going: for a manager the own pairs, for a rep the own ones."""

from starlette.responses import Response

from crm_loop.console import figure_store
from crm_loop.console.visit import Visit
from crm_loop.cycle.rhythms import told
from crm_loop.learn.phrases import Reader, texts


def show(visit: Visit) -> Response:
    """Off until somebody asked for it; then each reader's own part."""
    language = visit.words.language
    with visit.look() as state:
        names = {one.id: one.names[language] for one in figure_store.kpis(state).values()}
        words = Reader(language, visit.own.profile, names)
        found = told(state, visit.desk(state), words, visit.members, visit.today)
    return visit.page("rhythm.html", told=found, off=texts()[language]["off"])
