"""What a step leads to is worked out once, from the night's rates, and stays with the step."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.actions.service import agree
from crm_loop.calendars import BusinessCalendar
from crm_loop.kpi.rates import become
from crm_loop.kpi.service import measure
from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    EffectPath,
    Form,
    Insight,
    Suggestion,
    SuggestionState,
    Verify,
    VerifyRule,
)
from crm_loop.records import Deal, DealChange, DealField, Person, Subject
from crm_loop.store import State

Begin = Callable[[str], AbstractContextManager[State]]

ORGANISATION, CRM = "acme", "crm"
REP, BOSS, WEEK = "rep@example.com", "boss@example.com", "2026-W25"
NOW, SUNDAY = datetime(2026, 6, 17, 2, tzinfo=UTC), date(2026, 6, 14)
RATES = {"meeting_opp": 0.45, "opp_proposal": 0.6, "proposal_win": 0.35, "meeting_first": 0.5}


@pytest.fixture
def pair(begin: Begin) -> Begin:
    """A rep with a manager, and one 1on1 that was held."""
    people = [Person(id="u1", email=REP, name="田中", manager_id="u9"),
              Person(id="u9", email=BOSS, name="佐藤")]  # fmt: skip
    with begin(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.PEOPLE, people)
        stages = {("p", one): one for one in ("S1", "S2", "S3", "S4", "won", "lost")}
        state.mapping.set(CRM, stages)
    return begin


def held(*steps: str) -> Agenda:
    starts = NOW - timedelta(days=1)
    return Agenda(rep=REP, manager=BOSS, week=WEEK, starts_at=starts, publish_at=starts,
                  minutes=15, language="ja", connection=CRM, key="k", subject="s", text="t",
                  manager_text="m", state=AgendaState.HELD, next_steps=steps)  # fmt: skip


def night(begin: Begin, day: date, size: float) -> None:
    facts = {"rates": RATES, "size": size, "shares": {"S1": 0.2}}
    one = Insight(person=REP, as_of=day, rule="rates", driver="bookings", form=Form.STATED,
                  facts=facts)  # fmt: skip
    with begin(ORGANISATION) as state:
        state.insights.keep(day, [one])


def agreed(begin: Begin, now: datetime = NOW) -> dict[str, Action]:
    agree(begin, ORGANISATION, week=WEEK, now=now, calendar_of=BusinessCalendar)
    with begin(ORGANISATION) as state:
        return {one.text: one for one in state.actions.of_week(WEEK)}


STEP = "6/19（金）までにお客様との面談を4件行う"


def test_a_typed_step_is_kept_with_what_it_leads_to_and_is_not_worked_out_again(
    pair: Begin,
) -> None:
    night(pair, SUNDAY, 1_000_000.0)
    with pair(ORGANISATION) as state:
        state.agendas.put([held(STEP, "資料を見直す")])
    first = agreed(pair)
    path = first[STEP].path
    assert path is not None
    assert (path.level, path.n) == ("meetings", 4)
    assert path.money == pytest.approx(4 * 0.5 * 0.45 * 0.6 * 0.35 * 1_000_000)
    # Where nothing is counted nothing is said.
    assert first["資料を見直す"].path is None
    night(pair, SUNDAY + timedelta(days=7), 9_000_000.0)
    assert agreed(pair, NOW + timedelta(days=7))[STEP].path == path


def test_an_idea_that_is_taken_keeps_the_path_that_was_shown_with_it(pair: Begin) -> None:
    shown = EffectPath(level="meetings", n=4, at_stake=1.0, money=1.0, units={"wins": 0.1})
    idea = Suggestion(rep=REP, week=WEEK, slot="x", text="idea", due=date(2026, 6, 19),
                      verify=VerifyRule(kind=Verify.ACTIVITIES, target=4, activity="meeting"),
                      connection=CRM, state=SuggestionState.TAKEN, path=shown)  # fmt: skip
    night(pair, SUNDAY, 1_000_000.0)
    with pair(ORGANISATION) as state:
        state.agendas.put([held()])
        state.agendas.put_suggestions([idea])
    assert agreed(pair)["idea"].path == shown


def test_without_rates_a_step_claims_nothing(pair: Begin) -> None:
    with pair(ORGANISATION) as state:
        state.agendas.put([held(STEP)])
    assert agreed(pair)[STEP].path is None


def a_deal(id_: str, stage: str) -> Deal:
    known: dict[str, Any] = {"close_date": date(2026, 6, 3), "amount": Decimal(100)}
    return Deal(id=id_, name=id_, owner_id="u1", account_id=None, pipeline="p", stage=stage,
                is_closed=True, is_won=stage == "won", currency="JPY",
                created_at=datetime(2026, 5, 1, tzinfo=UTC),
                modified_at=datetime(2026, 6, 3, tzinfo=UTC), **known)  # fmt: skip


def test_a_night_keeps_everybody_s_rates_without_any_target(pair: Begin) -> None:
    with pair(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.DEALS, [a_deal("d1", "won")])
        moved = DealChange(id="c", deal_id="d1", at=datetime(2026, 6, 3, 3, tzinfo=UTC),
                           field=DealField.STAGE, value="won")  # fmt: skip
        state.crm.remember(CRM, Subject.CHANGES, [moved])
    measure(pair, ORGANISATION, as_of=SUNDAY)
    with pair(ORGANISATION) as state:
        facts = state.insights.facts_of("rates", [REP, BOSS], until=SUNDAY)
    assert facts.keys() == {REP}
    own = facts[REP]
    assert own["size"] == 100.0
    # One won deal of one rep: the configured rates, and nothing of calls that nobody made.
    assert own["rates"].keys() == {"meeting_opp", "opp_proposal", "proposal_win"}
    assert all(0 < one < 1 for one in own["rates"].values())
    assert all(0 <= one <= 1 for one in own["shares"].values())


def test_calls_become_meetings_as_far_as_the_team_s_do_and_never_more_than_all() -> None:
    met, called = {"a": 6.0, "b": 2.0}, {"a": 40.0, "b": 40.0}
    found = become(met, called, ["a", "b", "new"])
    assert 0.05 < found["b"] < found["new"] < found["a"] < 0.15
    assert found["new"] == pytest.approx(0.1)
    # Meetings of a team that hardly calls come from elsewhere.
    assert become(met, {"a": 7.0}, ["a", "b"]) == {}
    assert become({}, {"a": 9.0}, ["a"]) == {}
