"""Reading runs ahead of who keeps what was read, and nothing is lost when he dies."""

import gc
import threading
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.connector.ahead import Ahead
from crm_loop.errors import Transient


@given(items=st.lists(st.integers()), ahead=st.integers(1, 3))
def test_everything_comes_in_its_order(items: list[int], ahead: int) -> None:
    assert list(Ahead(iter(items), ahead)) == items


def test_an_error_comes_behind_what_was_read_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise Transient("The CRM could not be reached.", code="crm.unreachable")

    reading = Ahead(source())
    assert [next(reading), next(reading)] == [1, 2]
    with pytest.raises(Transient):
        next(reading)
    assert list(reading) == []


class Source:
    """Counts what is read, and says when nobody wants any more."""

    def __init__(self) -> None:
        self.read = 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[int]:
        try:
            for number in count():
                self.read = number + 1
                yield number
        finally:
            self.closed.set()


def test_it_begins_at_once_and_stays_that_far_ahead(wait_for: Callable[..., None]) -> None:
    source = Source()
    reading = Ahead(iter(source), 2)
    wait_for(lambda: source.read == 2)
    assert next(reading) == 0
    wait_for(lambda: source.read == 3)
    reading.close()
    assert source.closed.wait(10)
    assert source.read == 3


def test_it_stops_when_nobody_holds_it_any_more() -> None:
    source = Source()
    reading = Ahead(iter(source))
    next(reading)
    del reading
    gc.collect()
    assert source.closed.wait(10)
