"""Connecting a CRM account a second time, with another token or by mistake another account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from rig.memory_crm import MemoryCrm

from crm_loop.connector.contract import Capabilities
from crm_loop.errors import NeedsAttention
from crm_loop.setup.connect import Door, Wanted, connect
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow

ANSWERS = {"tier": "free", "tasks_private": False, "api_version": "2026-09"}


class Account(MemoryCrm):
    """One account of a CRM, which notes what was made in it; something may happen meanwhile."""

    def __init__(self, account_id: str, meanwhile: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.account_id = account_id
        self.meanwhile = meanwhile
        self.made = 0

    def provision(self) -> Sequence[str]:
        self.made += 1
        if self.meanwhile is not None:
            self.meanwhile()
        return ()

    def capabilities(self) -> Capabilities:
        return Capabilities(
            account_id=self.account_id, account_name="", time_zone="UTC", currency="JPY",
            fiscal_start=None, subjects=frozenset(), missing={}, unique_key=True, key_field=True,
            managers=False, private_tasks=False, can_delete=True, deal_url="", task_url="",
        )  # fmt: skip


@dataclass
class Desk:
    begin: Begin
    accounts: dict[str, Account] = field(default_factory=dict)

    def connect(self, token: str, settings: Mapping[str, Any] | None = None) -> None:
        """Sign in with a token, which opens the account of its name."""
        account = self.accounts.setdefault(token, Account(token))
        door = Door(
            begin=self.begin, organisation="acme", seal=lambda *_: token,
            connect=lambda _: account, open=lambda _: account, skew=lambda _: None,
        )  # fmt: skip
        connect(door, Wanted(name="hs", kind="hubspot", url="", settings=settings or {}))

    @property
    def found(self) -> ConnectionRow | None:
        with self.begin("acme") as state:
            return state.connections.get("hs")

    @property
    def row(self) -> ConnectionRow:
        row = self.found
        assert row is not None
        return row


@pytest.fixture
def desk(begin: Begin) -> Desk:
    return Desk(begin)


def test_a_new_token_keeps_what_an_admin_has_set(desk: Desk) -> None:
    desk.connect("4711", ANSWERS)
    desk.connect("4711")
    assert desk.row.settings == ANSWERS


def test_what_is_named_anew_is_set_anew(desk: Desk) -> None:
    desk.connect("4711", ANSWERS)
    desk.connect("4711", {"tier": "pro"})
    assert desk.row.settings == {**ANSWERS, "tier": "pro"}


def test_nothing_is_made_in_an_account_that_is_not_the_connected_one(desk: Desk) -> None:
    desk.connect("4711", ANSWERS)
    with pytest.raises(NeedsAttention) as refused:
        desk.connect("4712")
    assert refused.value.code == "connection.other_account"
    assert desk.accounts["4712"].made == 0
    assert (desk.row.account_id, desk.row.settings) == ("4711", ANSWERS)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("before", [False, True])
def test_a_process_that_dies_while_connecting_leaves_nothing_half_connected(
    desk: Desk, *, before: bool
) -> None:
    if before:
        desk.connect("4711", ANSWERS)
    old = desk.found

    def die() -> None:
        raise Killed

    desk.accounts["again"] = Account("4711", die)
    with pytest.raises(Killed):
        desk.connect("again")
    assert desk.found == old


def test_of_two_who_connect_other_accounts_at_once_the_later_one_is_refused(desk: Desk) -> None:
    desk.accounts["4712"] = Account("4712", lambda: desk.connect("4711", ANSWERS))
    with pytest.raises(NeedsAttention) as refused:
        desk.connect("4712")
    assert refused.value.code == "connection.other_account"
    assert (desk.row.account_id, desk.row.settings) == ("4711", ANSWERS)


def test_of_two_who_connect_one_account_at_once_both_answers_are_kept(desk: Desk) -> None:
    desk.accounts["late"] = Account("4711", lambda: desk.connect("4711", ANSWERS))
    desk.connect("late", {"tier": "pro"})
    assert desk.row.settings == {**ANSWERS, "tier": "pro"}
    assert (desk.row.account_id, desk.row.credentials) == ("4711", "late")
