"""A large batch is stored while the next one is made; small ones are stored in between."""

from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from crm_loop.connector.contract import Batch
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.pull.behind import one_behind
from crm_loop.records import Account

LARGE = 2
#: Nobody waits so long but in a test that fails.
PATIENCE = 20


def batch(number: int, rows: int) -> Batch:
    accounts = [Account(id=f"{number}-{row}", name="Acme") for row in range(rows)]
    return Batch(rows=accounts, cursor={"at": number})


class Told:
    """Whom the batches were asked of and when each was stored, in one list."""

    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes
        self.events: list[str] = []

    def made(self) -> Iterator[Batch]:
        for number, rows in enumerate(self.sizes):
            self.events.append(f"made {number}")
            yield batch(number, rows)

    def store(self, one: Batch) -> int:
        self.events.append(f"stored {(one.cursor or {})['at']}")
        return len(one.rows)


def test_a_large_batch_is_stored_while_the_next_one_is_made() -> None:
    made_next = Event()

    def batches() -> Iterator[Batch]:
        yield batch(0, LARGE)
        made_next.set()
        yield batch(1, LARGE)

    def store(_one: Batch) -> bool:
        return made_next.wait(PATIENCE)

    assert list(one_behind(batches(), store, large=LARGE)) == [True, True]


def test_small_batches_are_stored_one_after_another_by_the_thread_that_reads() -> None:
    told, threads = Told(1, 1, 1), set()

    def store(one: Batch) -> int:
        threads.add(get_ident())
        return told.store(one)

    assert list(one_behind(told.made(), store, large=LARGE)) == [1, 1, 1]
    assert told.events == ["made 0", "stored 0", "made 1", "stored 1", "made 2", "stored 2"]
    assert threads == {get_ident()}


def test_batches_are_stored_in_order_whatever_their_size() -> None:
    told = Told(3, 0, 1, 4, 5, 0)
    assert list(one_behind(told.made(), told.store, large=LARGE)) == [3, 0, 1, 4, 5, 0]
    stored = [one for one in told.events if one.startswith("stored")]
    assert stored == [f"stored {number}" for number in range(6)]


def test_an_empty_batch_comes_back_when_the_large_one_before_it_is_stored() -> None:
    told = Told(LARGE, 0, LARGE)
    list(one_behind(told.made(), told.store, large=LARGE))
    assert told.events.index("stored 0") < told.events.index("made 2")


def test_what_was_read_before_an_error_is_stored_before_it_is_raised() -> None:
    told = Told(LARGE)

    def batches() -> Iterator[Batch]:
        yield from told.made()
        raise Transient("The line is dead.", code="crm.unreachable")

    with pytest.raises(Transient):
        list(one_behind(batches(), told.store, large=LARGE))
    assert told.events == ["made 0", "stored 0"]


def test_nothing_is_stored_behind_a_batch_that_could_not_be() -> None:
    told = Told(LARGE, LARGE, LARGE)

    def store(one: Batch) -> int:
        if (one.cursor or {})["at"] == 0:
            raise NeedsAttention("Too much is gone.", code="pull.mass_removal", do="Look.")
        return told.store(one)

    with pytest.raises(NeedsAttention):
        list(one_behind(told.made(), store, large=LARGE))
    assert "stored 1" not in told.events
    assert "made 2" not in told.events
