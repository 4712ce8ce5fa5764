"""One person's figures, and one figure down to its records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from crm_loop.console import charts, figure_store, talk_store
from crm_loop.console.figure_view import (
    Writing,
    all_others,
    closed_view,
    shown_kpis,
    view,
)
from crm_loop.console.visit import Missing, Visit
from crm_loop.kpi import telling
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.choice import with_own
from crm_loop.kpi.profiles import shows, shows_rule
from crm_loop.kpi.sentences import warned
from crm_loop.loop_records import FigureFlag, FlagState, Insight, RecordRef
from crm_loop.store import State
from crm_loop.store.actions import FINAL
from crm_loop.wording.names import called

#: No 1on1 is of so late a week: of what is over nothing is wanted.
NEVER = "9999-W01"
#: Records on one page.
PAGE = 50
#: Deals worth a look; more of them are no help.
MOST_DEALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DealLine:
    """A deal with what should be checked about it."""

    record: figure_store.RecordLine
    why: Sequence[str]


def show(visit: Visit) -> Response:
    """Count, target, pace, landing and own past of the KPIs that the role is shown."""
    member = visit.person
    with visit.look() as state:
        newest = figure_store.newest(visit.desk(state), [member.person], visit.today)
        known = figure_store.kpis(state)
        talk = talk_store.ahead(visit, state, [member.person])
        actions = state.actions.of_people([member.person], since=NEVER)
        steps = [one for one in actions if one.status not in FINAL]
        deals = deals_of(visit, state, member.person)
        said = findings_of(visit, state, member.person, known)
    values = newest.values.get(member.person, {})
    writing = Writing(visit.words, visit.own.currency)
    have = values.__contains__
    chosen = shown_kpis(with_own(visit.own, member.role, figure_store.own_ids(known)), known, have)
    others = all_others(visit.own.profile, known, have, chosen)
    return visit.page(
        "figures.html",
        member=member,
        whose=visit.name_of(member.person),
        as_of=newest.as_of,
        figures=[view(kpi, values[kpi.id], writing) for kpi in chosen],
        others=[view(kpi, values[kpi.id], writing) for kpi in others],
        findings=said,
        talk=talk.get(member.person),
        steps=sorted(steps, key=lambda one: (one.due, one.text)),
        deals=deals,
        moves=shows(visit.own.profile, "waterfall"),
        readers=_readers(visit),
    )


def one(visit: Visit) -> Response:
    """The rule, the course, the own past, and every record with its place in the CRM."""
    member, id_ = visit.person, visit.params["kpi"]
    with visit.look() as state:
        kpi = figure_store.kpis(state).get(id_)
        newest = figure_store.newest(visit.desk(state), [member.person], visit.today)
        value = newest.values.get(member.person, {}).get(id_)
        if kpi is None or value is None or newest.as_of is None:
            raise Missing
        refs = visit.desk(state).records(member.person, id_, newest.as_of)
        page = _page_of(visit, len(refs))
        lines = figure_store.record_lines(state, refs)
        seen = visit.desk(state).opened(member.person, id_, newest.as_of)
        values = visit.desk(state).history(member.person, id_)
        changed = visit.desk(state).restatements(member.person, id_)
        moved = figure_store.changed_lines(state, changed)
        flags = state.flags.by_rep([member.person]).get(member.person, [])
        said = findings_of(visit, state, member.person, {id_: kpi})
    writing = Writing(visit.words, visit.own.currency)
    found = (charts.course(kpi, values, writing), charts.weeks(kpi, values, writing))
    return visit.page(
        "figure.html",
        member=member,
        whose=visit.name_of(member.person),
        figure=view(kpi, value, writing),
        definition=kpi.definitions[visit.words.language],
        beside=[one.text for one in said if one.about],
        warned=warned(value.warnings, visit.words.language),
        as_of=newest.as_of,
        charts=[chart for chart in found if chart is not None],
        lines=_latest(lines)[page * PAGE : (page + 1) * PAGE],
        counting=figure_store.counting(seen) if kpi.value == "share" else {},
        with_money=any(line.amount is not None for line in lines),
        total=len(refs),
        page=page,
        pages=-(-len(refs) // PAGE),
        closed=[closed_view(kpi, one, moved, writing) for one in changed],
        flag=next((f for f in reversed(flags) if f.kpi == id_ and _is_open(f)), None),
        currency=visit.own.currency,
        mine=member.person == visit.sight.me,
    )


def flag(visit: Visit) -> Response:
    """The person's own word that a figure is wrong; it is counted again with the next run."""
    person, id_ = visit.person.person, visit.params["kpi"]
    if person != visit.sight.me:
        raise Missing
    with visit.look() as state:
        found = figure_store.newest(visit.desk(state), [person], visit.today)
    value = found.values.get(person, {}).get(id_)
    if value is None:
        raise Missing
    flag = FigureFlag(
        rep=person,
        kpi=id_,
        flagged_on=visit.today,
        week=visit.turn_week,
        as_of=value.as_of,
        value=value.value,
        numerator=value.numerator,
        denominator=value.denominator,
    )
    with visit.change() as state:
        if state.flags.add([flag]):
            visit.note(state, "figure.flagged", visit.name_of(person), id_)
    return visit.go("figure", said="flagged", person=visit.name_of(person), kpi=id_)


def _is_open(flag: FigureFlag) -> bool:
    return flag.state is FlagState.OPEN


def _page_of(visit: Visit, total: int) -> int:
    """The page that was asked for, counted from 0, within what there is."""
    wanted = visit.query.get("page", "")
    number = int(wanted) - 1 if wanted.isdigit() and len(wanted) < 7 else 0  # noqa: PLR2004 - no list of ours has so many pages
    return max(0, min(number, (total - 1) // PAGE))


def _latest(lines: Sequence[figure_store.RecordLine]) -> list[figure_store.RecordLine]:
    """The latest first; those without a day come last."""
    return sorted(lines, key=lambda line: (line.day or date.min, line.name), reverse=True)


def _readers(visit: Visit) -> list[str]:
    """Who sees this page, as it says itself."""
    member = visit.person
    manager = visit.members.get(member.manager or "")
    language = visit.words.language
    names = [called(member, language, beside=manager)]
    return names + ([called(manager, language, beside=member)] if manager else [])


def findings_of(
    visit: Visit, state: State, person: str, known: Mapping[str, Kpi]
) -> list[telling.Told]:
    """What the person's figures say, in the same words for the person and the manager."""
    found = visit.desk(state).latest_insights(person, visit.today, opened=False)
    return telling.told(
        found,
        telling.OF_A_PERSON,
        profile=visit.own.profile,
        known=known,
        language=visit.words.language,
    )


def deals_of(visit: Visit, state: State, person: str) -> list[DealLine]:
    """The person's own deals that want a look, the largest first."""
    if not shows_rule(visit.own.profile, "deal_risk"):
        return []
    found = visit.desk(state).latest_insights(person, visit.today, opened=False)
    risky = [one for one in found if one.rule == "deal_risk"]
    risky.sort(key=lambda one: -float(one.facts.get("amount") or 0))
    refs = {id(one): _ref(one) for one in risky[:MOST_DEALS]}
    lines = {line.ref: line for line in figure_store.record_lines(state, list(refs.values()))}
    words = visit.words.texts["deal_flags"]
    return [
        DealLine(
            record=lines[refs[id(one)]],
            why=[words.get(flag, flag) for flag in one.facts.get("flags", ())],
        )
        for one in risky[:MOST_DEALS]
        if refs[id(one)] in lines
    ]


def _ref(insight: Insight) -> RecordRef:
    connection, _, id_ = insight.driver.partition(":")
    return RecordRef(connection=connection, object="deal", id=id_)
