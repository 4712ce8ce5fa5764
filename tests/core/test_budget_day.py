"""How many calls we may make: a share of the day, and less when others need them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.budget.allowance import Allowance, Day, refusal
from crm_loop.errors import Transient

NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)
KINDS = ("load", "read", "track", "write", "sign_in")


def refused(kind: str, *, used: int = 0, own: int = 0, age: int = 0) -> str | None:
    heard = NOW - timedelta(minutes=age)
    day = Day(limit=100_000, used=used, heard_at=heard, own=own)
    return refusal(kind, day, Allowance(), NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_with_calls_to_spare_lets_everything_pass(kind: str) -> None:
    assert refused(kind, used=59_999, own=4_999) is None


def test_above_sixty_per_cent_only_writing_and_following_go_on() -> None:
    busy = {kind for kind in KINDS if refused(kind, used=60_000)}
    assert busy == {"load", "read"}


def test_above_eighty_per_cent_nothing_goes_on() -> None:
    assert {refused(kind, used=80_000) for kind in KINDS} == {"budget.account_full"}


def test_reading_stops_at_five_per_cent_and_a_first_reading_at_twenty() -> None:
    assert refused("read", own=5_000) == "budget.own_share"
    assert refused("load", own=19_999) is None
    assert refused("load", own=20_000) == "budget.own_share"


def test_what_was_heard_long_ago_is_asked_again() -> None:
    assert refused("write", used=99_999, age=9) is not None
    assert refused("write", used=99_999, age=10) is None


@given(st.sampled_from(KINDS), st.integers(0, 10**9), st.integers(0, 10**9))
def test_without_a_known_limit_nothing_is_refused(kind: str, used: int, own: int) -> None:
    day = Day(limit=None, used=used, heard_at=NOW, own=own)
    assert refusal(kind, day, Allowance(), NOW) is None


def test_an_admin_may_set_other_shares() -> None:
    day = Day(limit=1_000, used=0, heard_at=NOW, own=99)
    assert refusal("read", day, Allowance.of({"daily_share": "0.1"}), NOW) is None
    assert refusal("read", day, Allowance.of({}), NOW) == "budget.own_share"


@pytest.fixture
def gate(engine: Engine) -> DatabaseGate:
    gate = DatabaseGate(engine, "acme", "crm", Counter(), {"calls_per_second": 1_000})
    gate.sleep = lambda _: None
    return gate


def test_the_gate_heeds_what_the_crm_says_of_the_day(gate: DatabaseGate) -> None:
    gate.acquire("read")
    gate.observe({"limit-used": "61000", "limit-max": "100000"})
    gate.acquire("write")
    with pytest.raises(Transient) as refused:
        gate.acquire("load", 10)
    assert refused.value.code == "budget.account_busy"


def test_the_gate_counts_our_own_calls_of_all_kinds(gate: DatabaseGate) -> None:
    gate.observe({"limit-used": "0", "limit-max": "200"})
    gate.acquire("write", 10)
    with pytest.raises(Transient) as refused:
        gate.acquire("read")
    assert refused.value.code == "budget.own_share"
