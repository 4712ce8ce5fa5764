"""What a step may bring, in units and money, by a rep's own rates; kept from the day it is made."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop.actions.answering import answered
from crm_loop.actions.effect_path import Rates, carried, effect_line, effect_lines, path_of, worth
from crm_loop.actions.ranking import by_what_works
from crm_loop.calendars import BusinessCalendar
from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import (
    Action,
    EffectPath,
    Origin,
    RecordRef,
    Suggestion,
    Verify,
    VerifyRule,
)
from crm_loop.wording.linter import lint

#: The rates of the specification's example; a fifth of what is begun now closes in time.
OWN = Rates(
    rates={"meeting_opp": 0.45, "opp_proposal": 0.6, "proposal_win": 0.35,
           "call_meeting": 0.1, "meeting_first": 0.5},
    size=1_500_000.0, shares={"S1": 0.2, "S2": 0.3, "S3": None},
)  # fmt: skip
NOW = datetime(2026, 6, 16, 1, tzinfo=UTC)


def activities(n: int, what: str = "meeting", *, first: bool = False) -> VerifyRule:
    return VerifyRule(kind=Verify.ACTIVITIES, target=n, activity=what, new_account=first)


def dates(n: int) -> VerifyRule:
    deals = tuple(RecordRef(connection="crm", object="deal", id=f"d{i}") for i in range(n))
    return VerifyRule(kind=Verify.NEXT_STEP, target=n, deals=deals)


def path(rule: VerifyRule, own: Rates = OWN, gain: float = 0.0) -> EffectPath:
    found = path_of(rule, own, gain)
    assert found is not None
    return found


def a_step(rule: VerifyRule, *, on_time: int = 0) -> Action:
    return Action(id="a", key="a", who="rep", manager="boss", week="2026-W25", origin=Origin.REP,
                  text="x", due=date(2026, 6, 19), created_at=NOW, verify=rule, connection="crm",
                  path=path_of(rule, OWN), on_time=on_time)  # fmt: skip


def test_first_meetings_lead_down_to_orders_as_in_the_worked_example() -> None:
    found = path(activities(3, first=True))
    units = {"opportunities": 1.35, "proposals": 0.81, "wins": 0.2835}
    assert found.units == pytest.approx(units)
    assert (found.money, found.in_period) == pytest.approx((425_250.0, 85_050.0))


@pytest.mark.parametrize(
    ("rule", "money", "level"),
    [(activities(6), 425_250.0, "meetings"), (activities(30, "call"), 425_250.0, "calls")],
)  # fmt: skip
def test_calls_and_meetings_count_as_far_as_they_become_first_meetings(
    rule: VerifyRule, money: float, level: str
) -> None:
    found = path(rule)
    assert (found.money, found.level) == (pytest.approx(money), level)
    assert found.units["first_meetings"] == pytest.approx(3)


def test_of_deals_that_are_there_only_what_was_learned_counts() -> None:
    nothing, learned = path(dates(2)), path(dates(2), gain=0.05)
    assert (nothing.money, nothing.is_stated) == (0.0, False)
    assert nothing.at_stake == learned.at_stake == pytest.approx(2 * 0.6 * 0.35 * 1_500_000)
    assert learned.money == pytest.approx(0.05 * learned.at_stake)
    assert learned.in_period == pytest.approx(0.3 * learned.money)
    # What seems to do harm brings nothing; it takes nothing away either.
    assert path(dates(2), gain=-0.1).money == 0.0


@pytest.mark.parametrize(
    ("rule", "own"),
    [(VerifyRule(kind=Verify.CLOSED_TASK), OWN), (activities(3, "email"), OWN),
     (VerifyRule(kind=Verify.LEADS, target=2), OWN), (VerifyRule(kind=Verify.LOST), OWN),
     (activities(3, first=True), Rates()), (activities(3, first=True), replace(OWN, size=0.0)),
     (activities(3, "call"), replace(OWN, rates={**OWN.rates, "call_meeting": 0.0})),
     (activities(3), replace(OWN, rates={"meeting_opp": 0.4}))],
)  # fmt: skip
def test_where_no_rate_says_so_nothing_is_claimed(rule: VerifyRule, own: Rates) -> None:
    assert path_of(rule, own) is None


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["meeting", "call"]))
def test_a_step_made_smaller_leads_to_as_much_as_if_it_had_been_agreed_so(
    first: int, then: int, what: str
) -> None:
    before, after = activities(first, what), activities(then, what)
    resized, anew = carried(path(before), before, after), path(after)
    assert resized is not None
    assert resized.money == pytest.approx(anew.money)
    assert resized.units == pytest.approx(anew.units)


def test_a_step_on_two_deals_that_is_made_one_is_about_one_deal() -> None:
    both = dates(2)
    one, people = replace(both, target=1), replace(dates(1), target=3)
    smaller = carried(path(both), both, one)
    assert smaller is not None
    assert (smaller.n, smaller.at_stake) == (1, pytest.approx(path(both).at_stake / 2))
    # Three people of one customer are one deal.
    assert path(people).n == 1


def test_another_step_in_its_place_leads_nowhere_that_is_known() -> None:
    before = activities(3)
    assert carried(path(before), before, activities(3, "call")) is None
    assert carried(None, before, activities(2)) is None


def test_an_answer_that_halves_a_step_halves_what_it_leads_to() -> None:
    step = a_step(activities(4))
    smaller = answered(step, "半分にします", at=NOW, today=date(2026, 6, 16),
                       calendar=BusinessCalendar("JP"))  # fmt: skip
    assert smaller.verify.target == 2
    assert smaller.path is not None
    assert step.path is not None
    assert smaller.path.money == pytest.approx(step.path.money / 2)


@pytest.mark.parametrize(
    ("language", "rule", "said"),
    [("ja", activities(3, first=True),
      "初回面談3件は、これまでの実績だと売上で約43万円分の種まきです。"),
     ("ja", activities(6), "面談6件は、これまでの実績だと売上で約43万円分の種まきです。"),
     ("ja", dates(2), "この一歩で何が変わるかは、これから見ていきます。"),
     ("en", activities(3, first=True),
      "Three first meetings are, by results so far, seed for about 430,000 yen in orders."),
     ("en", dates(2), "What this step changes is still to be seen.")],
)  # fmt: skip
def test_it_is_said_in_money_and_without_fractions_of_deals(
    language: str, rule: VerifyRule, said: str
) -> None:
    line = effect_line(path_of(rule, OWN), spoken(language), "JPY")
    assert (line, lint(line, language)) == (said, [])


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("rule", [activities(1), activities(9, "call"), dates(1), dates(3)])
@pytest.mark.parametrize("done", [0, 1])
def test_every_effect_is_said_in_the_tone_of_the_house(
    language: str, rule: VerifyRule, done: int
) -> None:
    step = replace(a_step(rule, on_time=done), path=path(rule, gain=0.05))
    lines = effect_lines(step, spoken(language), "JPY")
    assert len(lines) == 2
    assert [lint(line, language) for line in lines] == [[], []]


def test_at_the_next_check_it_is_repeated_with_what_became_of_it() -> None:
    words = spoken("ja")
    first, again = effect_lines(a_step(activities(3, first=True), on_time=2), words, "JPY")
    assert first == effect_line(path(activities(3, first=True)), words, "JPY")
    assert again == "ここまでに3件のうち2件、売上で約28万円分です。"
    nothing = effect_lines(a_step(activities(3, first=True)), words, "JPY")
    assert nothing[1] == "3件のうち、記録に見えるものはまだありません。"


def an_idea(slot: str, rule: VerifyRule, *, stated: bool = True) -> Suggestion:
    return Suggestion(rep="rep", week="2026-W25", slot=slot, text=slot, due=date(2026, 6, 19),
                      verify=rule, connection="crm", kpi="k",
                      path=path_of(rule, OWN) if stated else None)  # fmt: skip


def test_ideas_stand_in_the_order_of_their_money_times_their_chance() -> None:
    few, many, dated = (
        an_idea("few", activities(1)), an_idea("many", activities(3)), an_idea("dated", dates(2))
    )  # fmt: skip
    assert [one.slot for one in by_what_works([few, many, dated], {})] == ["dated", "many", "few"]
    # Two deals hold 630,000, three meetings 212,625: a third of the chance turns them round.
    chances = {("V2", "k"): 0.2, ("V1:meeting", "k"): 0.9}
    ordered = by_what_works([few, many, dated], chances)
    assert [one.slot for one in ordered] == ["many", "dated", "few"]


def test_a_step_of_which_nothing_is_known_goes_before_no_other() -> None:
    unknown = an_idea("unknown", VerifyRule(kind=Verify.CLOSED_TASK))
    known = an_idea("known", activities(3))
    assert worth([unknown.path, known.path]) == [known.path and known.path.at_stake] * 2
    assert worth([None, None]) == [1.0, 1.0]
