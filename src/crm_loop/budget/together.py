"""Threads of one process that want the same thing at once get it in one transaction.

A transaction costs as much for one turn as for twenty: most of it is waiting for the disk, or for
the one before. So whoever comes while one is under way waits for its end, and the first of those
that wait takes the turns of all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Wish(Generic[T]):
    of: T
    is_done: bool = False


class Together(Generic[T]):
    """Wishes of one kind, taken by one thread for all that wait."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: list[_Wish[T]] = []
        self._is_taking = False

    @property
    def waiting(self) -> int:
        """How many wishes the next one who takes will find."""
        with self._changed:
            return len(self._waiting)

    def take(self, one: T, take_all: Callable[[Sequence[T]], None]) -> None:
        """Come back when a `take_all`, ours or that of another thread, has been given our wish.

        One that fails speaks for its own thread alone: the others try by themselves.
        """
        wish = _Wish(one)
        with self._changed:
            self._waiting.append(wish)
            self._changed.wait_for(lambda: wish.is_done or not self._is_taking)
            if wish.is_done:
                return
            self._is_taking = True
            taken, self._waiting = self._waiting, []
        try:
            take_all([each.of for each in taken])
            for each in taken:
                each.is_done = True
        finally:
            with self._changed:
                again = [each for each in taken if not (each.is_done or each is wish)]
                self._waiting[:0] = again
                self._is_taking = False
                self._changed.notify_all()
