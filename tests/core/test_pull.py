"""Reading a CRM into the store, against a connector that plays a script."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from crm_loop.connector.contract import (
    Batch,
    Capabilities,
    Change,
    Cursor,
    Found,
    Outcome,
    Sought,
)
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.pull.service import Reading, check_vanished, pull
from crm_loop.records import Account, ContactRole, Deal, DealChange, DealField, Person, Subject
from crm_loop.store import Begin

NOW = datetime(2026, 6, 15, tzinfo=UTC)


class Scripted:
    """Yields the batches given for each subject; an exception among them is raised."""

    subjects = frozenset({Subject.PEOPLE, Subject.ACCOUNTS})

    def __init__(self, **batches: Sequence[Batch | Exception]) -> None:
        self.batches = batches
        self.cursors: list[Cursor | None] = []

    def capabilities(self) -> Capabilities:
        return Capabilities(
            account_id="00D",
            account_name="Acme",
            time_zone="Asia/Tokyo",
            currency="JPY",
            fiscal_start=4,
            subjects=self.subjects,
            missing={"quotas": "no_permission"},
            unique_key=True,
            key_field=True,
            managers=True,
            private_tasks=True,
            can_delete=True,
            deal_url="",
            task_url="",
        )

    def provision(self) -> Sequence[str]:
        return ()

    def clock(self) -> datetime:
        return NOW

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        self.cursors.append(cursor)
        for one in self.batches.get(subject.value, ()):
            if isinstance(one, Exception):
                raise one
            yield one

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        return {}

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        raise AssertionError


def a_person(number: int) -> Person:
    return Person(id=f"005{number}", email=f"p{number}@example.com", name=f"Person {number}")


def a_deal(number: int) -> Deal:
    return Deal(
        id=f"{number}", name="Acme", owner_id="005", account_id=None, pipeline="default",
        stage="x", is_closed=False, is_won=False, amount=None, currency="JPY", close_date=None,
        created_at=NOW, modified_at=NOW,
    )  # fmt: skip


def reading(begin: Begin, connector: Scripted) -> Reading:
    return Reading(connector=connector, begin=begin, organisation="acme", connection="salesforce")


def people(begin: Begin) -> set[str]:
    with begin("acme") as state:
        return state.crm.ids("salesforce", Subject.PEOPLE)


def test_what_a_complete_list_no_longer_holds_is_gone(begin: Begin) -> None:
    both = Scripted(people=[Batch(rows=[a_person(1), a_person(2)], complete=True)])
    one = Scripted(people=[Batch(rows=[a_person(2)], complete=True)])
    pull(reading(begin, both))
    assert pull(reading(begin, one)).removed["people"] == 1
    assert people(begin) == {"0052"}


def test_a_pull_that_dies_goes_on_from_the_last_stored_batch(begin: Begin) -> None:
    first = Batch(rows=[Account(id="001", name="Acme")], cursor={"page": 2})
    dying = Scripted(accounts=[first, Transient("Busy.")])
    with pytest.raises(Transient):
        pull(reading(begin, dying))
    again = Scripted()
    pull(reading(begin, again))
    assert again.cursors[-1] == {"page": 2}


def test_a_subject_that_the_account_lacks_is_named_with_its_reason(begin: Begin) -> None:
    assert pull(reading(begin, Scripted())).missing["quotas"] == "no_permission"


def test_a_record_that_comes_back_is_alive_again(begin: Begin) -> None:
    pull(reading(begin, Scripted(people=[Batch(rows=[a_person(1)], complete=True)])))
    pull(reading(begin, Scripted(people=[Batch(rows=[], complete=True)])))
    pull(reading(begin, Scripted(people=[Batch(rows=[a_person(1)], complete=True)])))
    assert people(begin) == {"0051"}


def test_losing_sight_of_a_third_of_the_people_is_not_believed() -> None:
    with pytest.raises(NeedsAttention, match="no longer visible"):
        check_vanished(Subject.PEOPLE, known=30, gone=10)
    check_vanished(Subject.PEOPLE, known=30, gone=5)


def test_a_batch_that_names_a_record_twice_keeps_the_later_one(begin: Begin) -> None:
    twice = [Account(id="001", name="old"), Account(id="001", name="new")]
    pull(reading(begin, Scripted(accounts=[Batch(rows=twice)])))
    with begin("acme") as state:
        assert [record.name for _, record in state.crm.read(Subject.ACCOUNTS)] == ["new"]


def some_accounts(begin: Begin, *ids: str) -> None:
    rows = [Account(id=one, name=one) for one in ids]
    pull(reading(begin, Scripted(accounts=[Batch(rows=rows, cursor={"at": 1})])))


def accounts(begin: Begin) -> set[str]:
    with begin("acme") as state:
        return state.crm.ids("salesforce", Subject.ACCOUNTS)


def test_what_a_finished_sweep_has_not_seen_is_gone(begin: Begin) -> None:
    some_accounts(begin, "1", "2", "3")
    sweep = [Batch(present=["1"]), Batch(present=["3"]), Batch(swept=True, cursor={"at": 2})]
    assert pull(reading(begin, Scripted(accounts=sweep))).removed["accounts"] == 1
    assert accounts(begin) == {"1", "3"}


def test_a_sweep_that_breaks_off_takes_nothing_away(begin: Begin) -> None:
    some_accounts(begin, "1", "2")
    dying = Scripted(accounts=[Batch(present=["1"], cursor={"at": 2}), Transient("Busy.")])
    with pytest.raises(Transient):
        pull(reading(begin, dying))
    assert accounts(begin) == {"1", "2"}


def test_a_sweep_that_sees_far_too_little_is_not_believed(begin: Begin) -> None:
    ids = [str(number) for number in range(30)]
    some_accounts(begin, *ids)
    sweep = [Batch(present=ids[:20]), Batch(swept=True)]
    with pytest.raises(NeedsAttention, match="10 of 30 accounts"):
        pull(reading(begin, Scripted(accounts=sweep)))
    assert accounts(begin) == set(ids)


def test_what_pointed_to_a_merged_account_points_to_its_survivor(begin: Begin) -> None:
    children = [Account(id="1", name="a"), Account(id="2", name="b", parent_id="3")]
    pull(reading(begin, Scripted(accounts=[Batch(rows=children, merged={"3": "1"})])))
    with begin("acme") as state:
        kept = {one.id: one.parent_id for _, one in state.crm.read(Subject.ACCOUNTS)}
    assert kept == {"1": None, "2": "1"}


def test_what_a_reading_from_end_to_end_names_nowhere_is_gone(begin: Begin) -> None:
    some_accounts(begin, "1", "2", "3")
    pages = [Batch(rows=[Account(id=one, name=one)], cursor={"page": one}) for one in "13"]
    pulled = pull(reading(begin, Scripted(accounts=pages)), full=True)
    assert pulled.removed["accounts"] == 1
    assert accounts(begin) == {"1", "3"}


def test_a_look_at_every_id_is_asked_for_in_the_cursor(begin: Begin) -> None:
    some_accounts(begin, "1")
    asked = Scripted()
    pull(reading(begin, asked), reconcile=True)
    assert asked.cursors[-1] == {"at": 1, "reconcile": True}


def roles(begin: Begin) -> set[str]:
    with begin("acme") as state:
        return state.crm.ids("salesforce", Subject.CONTACT_ROLES)


def test_what_no_longer_belongs_to_a_record_is_gone_and_the_rest_stays(begin: Begin) -> None:
    def role(deal: str, contact: str) -> ContactRole:
        return ContactRole(id=f"{deal}:{contact}", deal_id=deal, contact_id=contact)

    first = Batch(rows=[role("7", "a"), role("7", "b"), role("8", "a")], cursor={"at": 1})
    later = Batch(rows=[role("7", "b"), role("7", "c")], whole_of=["7"], cursor={"at": 2})
    connector = Scripted(contact_roles=[first, later])
    connector.subjects = frozenset({Subject.CONTACT_ROLES})
    found = pull(reading(begin, connector), subjects=[Subject.CONTACT_ROLES])
    assert roles(begin) == {"7:b", "7:c", "8:a"}
    assert found.removed == {"contact_roles": 1}


def test_what_is_known_of_a_deals_past_goes_and_comes_back_with_it(begin: Begin) -> None:
    def pulled(*batches: Batch, subject: Subject) -> None:
        connector = Scripted(**{subject.value: batches})
        connector.subjects = frozenset({subject})
        pull(reading(begin, connector), subjects=[subject])

    def past() -> set[str]:
        with begin("acme") as state:
            return state.crm.ids("salesforce", Subject.CHANGES)

    deals = [a_deal(1), a_deal(2)]
    changes = [
        DealChange(id=f"{deal.id}:stage", deal_id=deal.id, at=NOW, field=DealField.STAGE, value="x")
        for deal in deals
    ]
    pulled(Batch(rows=deals, cursor={}), subject=Subject.DEALS)
    pulled(Batch(rows=changes, cursor={}), subject=Subject.CHANGES)
    pulled(Batch(removed=["1"], cursor={}), subject=Subject.DEALS)
    pulled(Batch(outdated=True, cursor={}), subject=Subject.CHANGES)
    assert past() == {"2:stage"}
    pulled(Batch(rows=deals[:1], cursor={}), subject=Subject.DEALS)
    assert past() == {"1:stage", "2:stage"}
