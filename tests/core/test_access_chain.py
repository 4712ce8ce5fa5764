"""The audit trail's chain: sealed in order, and nothing in it can be changed unseen."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, update

from crm_loop.access.chain import follow, seal, verdict_of, verify
from crm_loop.store import Begin
from crm_loop.store.audit import record
from crm_loop.store.tables.work import audit

NOW = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.fixture
def sealed(begin: Begin) -> Begin:
    entries(begin, 5)
    assert seal(begin, "acme") == 5
    return begin


def entries(begin: Begin, count: int) -> None:
    with begin("acme") as state:
        for number in range(count):
            record(state, actor="worker", what="write.confirm", subject=f"k{number}", at=NOW)


def tamper(begin: Begin, statement: Any) -> None:
    with begin("acme") as state:
        state.connection.execute(statement)


def test_a_sealed_trail_is_whole_and_keeps_its_order(sealed: Begin) -> None:
    with sealed("acme") as state:
        assert [entry.subject for entry in state.trail.entries()] == ["k0", "k1", "k2", "k3", "k4"]
    assert verify(sealed, "acme").whole


def test_sealing_again_goes_on_where_it_ended(sealed: Begin) -> None:
    entries(sealed, 2)
    assert verify(sealed, "acme").unsealed == 2
    assert seal(sealed, "acme") == 2
    assert (verify(sealed, "acme").sealed, verify(sealed, "acme").whole) == (7, True)


@pytest.mark.parametrize("column", ["actor", "what", "subject", "detail"])
def test_a_changed_entry_breaks_the_chain_at_its_number(sealed: Begin, column: str) -> None:
    tamper(sealed, update(audit).where(audit.c.n == 3).values({column: "forged"}))
    assert verify(sealed, "acme").broken_at == 3


def test_a_removed_entry_breaks_the_chain(sealed: Begin) -> None:
    tamper(sealed, delete(audit).where(audit.c.n == 2))
    assert verify(sealed, "acme").broken_at == 2


def test_an_end_that_was_cut_off_shows_in_the_head(sealed: Begin) -> None:
    head = verify(sealed, "acme").head
    tamper(sealed, delete(audit).where(audit.c.n == 5))
    assert verify(sealed, "acme").head != head


def test_each_organisation_has_a_chain_of_its_own(sealed: Begin) -> None:
    assert verify(sealed, "other").sealed == 0


@pytest.mark.parametrize("most", [1, 2, 3, 5, 100])
def test_a_chain_that_is_followed_in_parts_ends_where_the_whole_one_does(
    sealed: Begin, most: int
) -> None:
    entries(sealed, 1)
    followed = follow(sealed, "acme", most=most)
    while not followed.is_end:
        followed = follow(sealed, "acme", so_far=followed, most=most)
    assert verdict_of(sealed, "acme", followed) == verify(sealed, "acme")
    assert (followed.n, verify(sealed, "acme").oldest_unsealed) == (5, NOW)


def test_a_change_is_found_by_the_part_that_it_lies_in(sealed: Begin) -> None:
    tamper(sealed, update(audit).where(audit.c.n == 4).values(detail="forged"))
    first = follow(sealed, "acme", most=3)
    assert (first.n, first.broken_at, first.is_end) == (3, None, False)
    assert follow(sealed, "acme", so_far=first, most=3).broken_at == 4
