"""Reading ahead of whoever keeps what was read."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

#: What was read, or how the reading ended.
_Read = tuple[T | None, BaseException | None]


class Ahead(Generic[T]):
    """What an iterator yields; reading begins at once and stays few items ahead.

    It stops when nobody holds this object any more, or at `close`. An error of the reading comes
    up in its place, behind everything that was read before it.
    """

    def __init__(self, source: Iterator[T], items: int = 1) -> None:
        self._room = Semaphore(items)
        self._ready: SimpleQueue[_Read[T]] = SimpleQueue()
        self._over = Event()
        # The thread must not know this object, which could never be let go otherwise.
        parts = (source, self._room, self._ready, self._over)
        Thread(target=_fill, args=parts, name="ahead", daemon=True).start()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if self._over.is_set():
            raise StopIteration
        item, error = self._ready.get()
        if error is not None:
            self.close()
            raise error
        self._room.release()
        return item  # type: ignore[return-value] # an item where there is no error

    def close(self) -> None:
        """Read no further; what is under way comes to its end unheard."""
        self._over.set()
        self._room.release()

    def __del__(self) -> None:
        self.close()


def _fill(
    source: Iterator[T], room: Semaphore, ready: "SimpleQueue[_Read[T]]", over: Event
) -> None:
    try:
        while room.acquire() and not over.is_set():
            ready.put((next(source), None))
    except BaseException as error:  # noqa: BLE001 - whoever reads is told, the end included
        ready.put((None, error))
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
