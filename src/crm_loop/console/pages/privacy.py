"""What is kept: about oneself, for how long in this house; and an admin's erasing of a person."""

from starlette.responses import Response, StreamingResponse

from crm_loop.access import rights
from crm_loop.bootstrap import real_now
from crm_loop.console.pages.setup_start import told_to_staff
from crm_loop.console.staff_notice import months_kept
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.store import State, oneself
from crm_loop.store.retention import WORK
from crm_loop.store.whose import Who, person


def show(visit: Visit) -> Response:
    """The notice, what is kept about whoever reads it, for how long, and who else may read it."""
    with visit.look() as state:
        counts = oneself.counts(state.connection, _myself(visit, state))
    notice, text = told_to_staff(visit)
    return visit.page(
        "privacy.html", counts=counts, notice=notice, text=text, months=months_kept(), wrong=None
    )


def export(visit: Visit) -> Response:
    """All of it as a file (JSON): what the pages show, and what is behind them."""
    with visit.look() as state:
        who = _myself(visit, state)
    found = rights.held_about_oneself(visit.look, who)
    with visit.change() as state:
        rights.tell(state, rights.EXPORTED, who, _by(visit))
    return StreamingResponse(
        found.json(),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="my-data.json"'},
    )


def house(visit: Visit) -> Response:
    """For admins: how long things are kept here, and the form that erases a person."""
    return _house(visit)


def erase(visit: Visit) -> Response:
    """Erase somebody; the address is typed twice, since nothing brings that one back."""
    email = visit.form.get("email").lower()
    try:
        who = _named(visit, email)
    except CrmLoopError as error:
        return _house(visit, wrong=visit.sentence(error), email=email, status=422)
    app = visit.app
    ledger = app.settings.erasures
    done = rights.erase_everywhere(app.begin, app.engine, who, _by(visit), listed_in=ledger)
    return _house(visit, done=done)


def _named(visit: Visit, email: str) -> Who:
    """Whoever is meant; WrongUsage where nobody is, or not surely."""
    if email != visit.form.get("again").lower():
        raise WrongUsage(
            "The two addresses are not the same.",
            code="privacy.unconfirmed",
            kept="Nothing was changed.",
            do="Type the address of the person who is to be erased twice.",
        )
    if email == visit.user.email.lower():
        raise WrongUsage(
            "You cannot erase yourself.",
            code="user.oneself",
            kept="Nothing was changed.",
            do="Have another admin do it.",
        )
    with visit.look() as state:
        who = person(state.connection, visit.organisation, email)
        if not rights.is_known(state, who):
            raise WrongUsage(
                "Nobody with this address is known here.",
                code="privacy.who",
                kept="Nothing was changed.",
                do="Check the address.",
            )
    return who


def _house(visit: Visit, *, status: int = 200, **facts: object) -> Response:
    shown = {"wrong": None, "email": "", "done": None, **facts}
    return visit.page(
        "privacy_house.html", status=status, months=months_kept(), days=WORK.days, **shown
    )


def _myself(visit: Visit, state: State) -> Who:
    return person(state.connection, visit.organisation, visit.user.email)


def _by(visit: Visit) -> rights.By:
    return rights.By(visit.user.id, real_now())
