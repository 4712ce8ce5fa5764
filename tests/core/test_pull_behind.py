"""A batch that says so is stored while the next one is made; the others are stored in between."""

from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from crm_loop.connector.contract import Batch
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.pull.behind import one_behind
from crm_loop.records import Account

#: Nobody waits so long but in a test that fails.
PATIENCE = 20


def batch(number: int, *, ahead: bool) -> Batch:
    return Batch(rows=[Account(id=f"{number}", name="Acme")], cursor={"at": number}, ahead=ahead)


def number_of(one: Batch) -> int:
    return int((one.cursor or {})["at"])


class Told:
    """When each batch was made and stored; each `a` of `batches` is one that is ahead."""

    def __init__(self, batches: str) -> None:
        self.batches = batches
        self.events: list[str] = []

    def made(self) -> Iterator[Batch]:
        for number, kind in enumerate(self.batches):
            self.events.append(f"made {number}")
            yield batch(number, ahead=kind == "a")

    def store(self, one: Batch) -> int:
        self.events.append(f"stored {number_of(one)}")
        return number_of(one)


def test_a_batch_ahead_is_stored_while_the_next_one_is_made() -> None:
    made_next = Event()

    def batches() -> Iterator[Batch]:
        yield batch(0, ahead=True)
        made_next.set()
        yield batch(1, ahead=True)

    def store(_one: Batch) -> bool:
        return made_next.wait(PATIENCE)

    assert list(one_behind(batches(), store)) == [True, True]


def test_the_others_are_stored_one_after_another_by_the_thread_that_reads() -> None:
    told, threads = Told("---"), set()

    def store(one: Batch) -> int:
        threads.add(get_ident())
        return told.store(one)

    assert list(one_behind(told.made(), store)) == [0, 1, 2]
    assert told.events == ["made 0", "stored 0", "made 1", "stored 1", "made 2", "stored 2"]
    assert threads == {get_ident()}


def test_batches_are_stored_in_order() -> None:
    told = Told("a--aa-")
    assert list(one_behind(told.made(), told.store)) == list(range(6))
    stored = [one for one in told.events if one.startswith("stored")]
    assert stored == [f"stored {number}" for number in range(6)]


def test_who_is_asked_after_another_batch_knows_that_the_one_ahead_is_stored() -> None:
    told = Told("a-a")
    list(one_behind(told.made(), told.store))
    assert told.events.index("stored 0") < told.events.index("made 2")


def test_what_was_read_before_an_error_is_stored_before_it_is_raised() -> None:
    told = Told("a")

    def batches() -> Iterator[Batch]:
        yield from told.made()
        raise Transient("The line is dead.", code="crm.unreachable")

    with pytest.raises(Transient):
        list(one_behind(batches(), told.store))
    assert told.events == ["made 0", "stored 0"]


def test_nothing_is_stored_behind_a_batch_that_could_not_be() -> None:
    told = Told("aaa")

    def store(one: Batch) -> int:
        if number_of(one) == 0:
            raise NeedsAttention("Too much is gone.", code="pull.mass_removal", do="Look.")
        return told.store(one)

    with pytest.raises(NeedsAttention):
        list(one_behind(told.made(), store))
    assert "stored 1" not in told.events
    assert "made 2" not in told.events
