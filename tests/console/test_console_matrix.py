"""The privacy matrix, asked of every page and answer: what an item says comes out nowhere else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from console_house import NOW, ROLES, WEEK, House, agenda, values
from opened_console import opened

from crm_loop.access.privacy import Item, Reader, Shown, shown, stands
from crm_loop.access.reading import Desk
from crm_loop.calendars import week_of
from crm_loop.console.route import Route
from crm_loop.console.routes import ROUTES
from crm_loop.loop_records import Form, Insight, PairRhythm, SessionQuality, StageRecord
from crm_loop.store import State
from crm_loop.store.connections import Organisation

REP, LEAD = "rep@acme.example", "lead@acme.example"
YESTERDAY = (NOW - timedelta(days=1)).date()
WEEKS = [week_of((NOW - timedelta(weeks=n)).date()) for n in range(1, 5)]
BEFORE = WEEKS[0]

#: What each item says of the one rep whom everything is asked about.
SAID: dict[Item, tuple[str, ...]] = {
    Item.FIGURES: ("7654321", "7,654,321", "765万", "7.65"),
    Item.SHARED_AGENDA: ("共有のカナリア",),
    Item.MANAGER_COPY: ("上長用のカナリア",),
    Item.REP_NOTES: ("担当のひとりごと",),
    Item.MANAGER_NOTES: ("上長のひとりごと",),
    Item.RHYTHM: ("98642",),
    Item.OWN_QUALITY: ("87531",),
    Item.FLAGS: ("旗のカナリア", "giving_up", "hollow_kpi"),
}


@pytest.fixture(scope="module")
def house(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(seeded, tmp_path_factory.mktemp("matrix") / "house") as house:
        _fill(house)
        yield house


@pytest.fixture(scope="module")
def changed(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same once more, for forms that change it."""
    with opened(seeded, tmp_path_factory.mktemp("forms") / "house") as house:
        _fill(house)
        yield house


def _fill(house: House) -> None:
    seal = house.app.seal
    notes = {who: seal.lock(said, "acme", "note", who, REP, WEEK)
             for who, item in ((REP, Item.REP_NOTES), (LEAD, Item.MANAGER_NOTES))
             for said in SAID[item]}  # fmt: skip
    with house.app.begin("acme") as state:
        own = Organisation(name="acme", profile="full", writing=True)
        state.connections.put_organisation(own)
        (shared,), (copy,) = SAID[Item.SHARED_AGENDA], SAID[Item.MANAGER_COPY]
        text = f"1on1メモ\n{shared}"
        below = f"{text}\n――上長用（メモには載りません）\n{copy}"
        state.agendas.put([agenda(REP, LEAD, "acme", text=text, manager_text=below)])
        for who, sealed in notes.items():
            state.notes.put((who, REP, WEEK), sealed, at=NOW)
        figure, *others = values(REP, YESTERDAY)
        state.figures.keep(YESTERDAY, [*_with(figure), *others])
        _learned(state)
        state.insights.keep(YESTERDAY, [
            Insight(person=REP, as_of=YESTERDAY, rule=rule, driver="bookings", form=Form.STATED,
                    facts={"note": SAID[Item.FLAGS][0]})
            for rule in ("giving_up", "hollow_kpi")
        ])  # fmt: skip


def _learned(state: State) -> None:
    """How the pair met and how its 1on1s were; a stage says up to when anything was learned."""
    state.learnings.keep([StageRecord(
        week=BEFORE, stage="not_ready", symptoms=(), first_action=None, largest_shortfall=None,
        weeks_in_a_row=0, indices={}, components={},
    )])  # fmt: skip
    state.learnings.keep([PairRhythm(
        rep=REP, manager=LEAD, week=BEFORE, eligible=5, recorded=1.0, adherence=0.8, streak=2,
        max_gap_days=98_642,
    )])  # fmt: skip
    state.learnings.keep(
        [
            SessionQuality(
                rep=REP, manager=LEAD, week=week, quality=70.0, weight=90.0, own=87_531.0
            )
            for week in WEEKS
        ]
    )


def _with(figure: Any) -> Iterator[Any]:
    from dataclasses import replace

    yield replace(figure, value=7_654_321.0, numerator=7_654_321.0)


def requests(house: House, route: Route) -> Iterator[tuple[str, dict[str, str]]]:
    """Every way in which a route can be asked about the rep."""
    given = {"person": house.person(REP), "kpi": "bookings", "week": WEEK, "name": "salesforce",
             "user": "none", "secret": "none", "kind": "hubspot"}  # fmt: skip
    path = re.sub(r"{(\w+)}", lambda found: given[found[1]], route.path)
    if not route.data:
        yield path, {}
        return
    for copy in ("rep", "manager"):
        yield path, {"rep": REP, "kpi": "bookings", "week": WEEK, "copy": copy}
    yield path, {"week": WEEK, "copy": "manager"}


@cache
def answers(house: House, email: str) -> list[tuple[str, str]]:
    browser = house.browser(email)
    return [
        (route.name, browser.get(path, params=query).text)
        for route in ROUTES
        if route.is_safe
        for path, query in requests(house, route)
    ]


def reader_of(house: House, email: str) -> Reader:
    with house.app.look("acme") as state:
        members = {one.person: one for one in state.people.members()}
    return stands(email, REP, members)


@contextmanager
def told(email: str, item: Item, route: str) -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{item} is shown to {email} by {route}: {error}") from error


@pytest.mark.parametrize("email", ROLES)
def test_what_the_matrix_does_not_give_comes_out_of_no_page(house: House, email: str) -> None:
    reader, found = reader_of(house, email), set()
    for route, text in answers(house, email):
        for item, words in SAID.items():
            if shown(item, reader) is Shown.ALL:
                found |= {item for word in words if word in text}
                continue
            with told(email, item, route):
                assert [word for word in words if word in text] == []
    if reader in (Reader.REP, Reader.MANAGER):
        # What is given is really there, so that the test is not blind. A manager may be told of
        # flags, but no page of ours tells anybody.
        given = {item for item in SAID if shown(item, reader) is Shown.ALL}
        assert found == given - {Item.FLAGS}


def test_the_flags_that_no_page_tells_are_really_there(house: House) -> None:
    with house.app.look("acme") as state:
        kept = state.insights.latest_of(REP, YESTERDAY)
        members = {one.person: one for one in state.people.members()}
        told = Desk(state, LEAD, members).latest_insights(REP, YESTERDAY, opened=False)
    assert {one.rule for one in kept} == {"giving_up", "hollow_kpi"}
    assert {one.rule for one in told} == {one.rule for one in kept}


@pytest.mark.parametrize(
    "email", ["boss@acme.example", "peer@acme.example", "admin@acme.example", "lead@rival.example"]
)
def test_nor_does_it_come_out_of_the_answer_to_a_form(changed: House, email: str) -> None:
    reader, browser = reader_of(changed, email), changed.browser(email)
    answered = set()
    for route in ROUTES:
        if route.is_safe or route.name in ("sign_out", "sign_in", "welcome"):
            continue
        for path, sent in requests(changed, route):
            answer = browser.post(path, **sent)
            answered.add(answer.status_code)
            for item, words in SAID.items():
                if shown(item, reader) is not Shown.ALL:
                    with told(email, item, route.name):
                        assert [word for word in words if word in answer.text] == []
    assert answered & {200, 303, 422}, "no form was taken at all"


@pytest.mark.parametrize(
    "email", ["lead@rival.example", "rep@rival.example", "admin@rival.example"]
)
def test_another_company_learns_no_name(house: House, email: str) -> None:
    for route, text in answers(house, email):
        assert "acme.example" not in text.replace(f"rep={REP}", ""), route
        assert "池田" not in text, route
