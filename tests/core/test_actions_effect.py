"""What a step may bring, in units and money, where a rep's own rates say so."""

import pytest

from crm_loop.actions.effect_path import effect_line, path_of
from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import Verify, VerifyRule
from crm_loop.wording.linter import lint

#: Three first meetings lead to these, as the specification works them out.
THREE = {"opportunities": 1.35, "proposals": 0.81, "wins": 0.2835,
         "bookings_total": 425_250.0, "bookings_this_period": 85_000.0}  # fmt: skip


def first_meetings(n: int) -> VerifyRule:
    return VerifyRule(kind=Verify.ACTIVITIES, target=n, activity="meeting", new_account=True)


def test_first_meetings_lead_down_to_orders_by_the_reps_own_rates() -> None:
    path = path_of(first_meetings(6), THREE)
    assert path is not None
    assert path.units == pytest.approx({"opportunities": 2.7, "proposals": 1.62, "wins": 0.567})
    assert (path.money, path.in_period) == pytest.approx((850_500.0, 170_000.0))


@pytest.mark.parametrize(
    ("rule", "three"),
    [(VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="meeting"), THREE),
     (VerifyRule(kind=Verify.CLOSED_TASK), THREE), (first_meetings(3), {}),
     (first_meetings(3), {"bookings_total": 0.0})],
)  # fmt: skip
def test_where_no_rate_says_so_nothing_is_claimed(
    rule: VerifyRule, three: dict[str, float]
) -> None:
    assert path_of(rule, three) is None


@pytest.mark.parametrize(
    ("language", "known", "unknown"),
    [("ja", "初回面談3件は、これまでの実績だと売上で約43万円分の種まきです。",
      "この一歩で何が変わるかは、これから見ていきます。"),
     ("en", "3 first meetings are, by results so far, seed for about 430,000 yen in orders.",
      "What this step changes is still to be seen.")],
)  # fmt: skip
def test_it_is_said_in_money_and_without_fractions_of_deals(
    language: str, known: str, unknown: str
) -> None:
    words = spoken(language)
    said = [effect_line(path_of(first_meetings(3), one), words, "JPY") for one in (THREE, {})]
    assert [one.replace("Three", "3") for one in said] == [known, unknown]
    assert [lint(one, language) for one in said] == [[], []]
