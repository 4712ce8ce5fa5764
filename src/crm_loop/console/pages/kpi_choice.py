"""Which KPIs each role is shown: ticked beside the house's own past, looked at, then kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from crm_loop.console import figure_store
from crm_loop.console.figure_view import Writing
from crm_loop.console.pages import setup_past
from crm_loop.console.pages.role_of import looked_at, sent
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.choice import ROLES, choosable, shown_to, with_choice, with_own
from crm_loop.kpi.own_kpis import choose
from crm_loop.kpi.profiles import MOST_ACTIVE
from crm_loop.kpi.setting import measured_people
from crm_loop.store.audit import record

#: Closed months that are shown beside a KPI.
MONTHS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One KPI that may be chosen, what it is for, and what it was in the house's own past."""

    id: str
    name: str
    purpose: str
    past: Sequence[str]
    outcome: bool
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a choice would change: names that come and go, and for how many people."""

    comes: Sequence[str]
    goes: Sequence[str]
    people: int


def show(visit: Visit) -> Response:
    """One role's KPIs; the first role where none is named."""
    return _page(visit, looked_at(visit, ROLES))


def change(visit: Visit) -> Response:
    """Look at a choice, keep it, or let the profile decide again."""
    role, wish, wanted = sent(visit, ROLES), visit.form.get("do"), visit.form.all("kpi")
    if wish not in ("look", "keep", "profile"):
        raise Missing
    try:
        with visit.change() as state:
            own = state.connections.organisation()
            ids = None if wish == "profile" else choose(state, role, wanted, own.profile)
            if wish != "look":
                state.connections.put_organisation(with_choice(own, role, ids))
                detail = ", ".join(ids or ())
                record(state, actor=visit.user.id, what="kpi.chosen", subject=role, at=visit.now,
                       detail=detail)  # fmt: skip
    except CrmLoopError as error:
        return _page(visit, role, chosen=wanted, status=422, wrong=visit.sentence(error))
    if wish == "look":
        return _page(visit, role, chosen=ids)
    return visit.go("kpi_choice", said="saved", role=role)


def _page(
    visit: Visit,
    role: str,
    *,
    chosen: Sequence[str] | None = None,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    with visit.look() as state:
        known = figure_store.kpis(state)
        people = [one for one in measured_people(state.people.members()) if one.role == role]
    past = setup_past.past(visit, known, MONTHS)
    now = with_own(visit.own, role, figure_store.own_ids(known))
    on = now if chosen is None else chosen
    looked = None if chosen is None or wrong else _looked(visit, known, now, chosen, len(people))
    lines = [
        _line(visit, kpi, past, on=kpi.id in on) for kpi in choosable(known, visit.own.profile)
    ]
    return visit.page(
        "kpi_choice.html",
        status=status,
        wrong=wrong,
        role=role,
        kpi_roles=[one.value for one in ROLES],
        people=len(people),
        by_admin=visit.own.chosen_kpis(role) is not None,
        usual=[known[one].names[visit.words.language] for one in shown_to(visit.own, "")],
        lines=lines,
        waits=past.waits,
        looked=looked,
        most=MOST_ACTIVE,
    )


def _looked(
    visit: Visit, known: Mapping[str, Kpi], now: Sequence[str], then: Sequence[str], people: int
) -> Looked:
    language = visit.words.language
    return Looked(
        comes=[known[one].names[language] for one in then if one not in now],
        goes=[known[one].names[language] for one in now if one not in then and one in known],
        people=people,
    )


def _line(visit: Visit, kpi: Kpi, past: setup_past.Past, *, on: bool) -> Line:
    language, writing = visit.words.language, Writing(visit.words, visit.own.currency)
    months = [_month(writing, kpi, month, value) for month, value in past.months.get(kpi.id, ())]
    if not months and kpi.id in past.now and past.as_of is not None:
        value = writing.number(kpi, past.now[kpi.id])
        months = [visit.words.say("kpi_choice.now", day=past.as_of, value=value)]
    return Line(
        id=kpi.id,
        name=kpi.names[language],
        purpose=kpi.purposes[language],
        past=months,
        outcome=kpi.kind == "outcome",
        on=on,
    )


def _month(writing: Writing, kpi: Kpi, month: date, value: float) -> str:
    name = writing.words.say(f"months.m{month.month}")
    key = "setup_kpis.month" if kpi.is_volume else "kpi_choice.month"
    return writing.words.say(key, month=name, total=writing.number(kpi, value))
