"""One answer for many askers who read at the same time."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """An answer that several subjects need; nobody is given the same one twice."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._answers: list[T] = []
        self._given: set[str] = set()

    def take(self, name: str) -> T:
        """What was asked last, if `name` has not had it; else it is asked again."""
        with self._lock:
            if not self._answers or name in self._given:
                self._answers = [self._ask()]
                self._given.clear()
            self._given.add(name)
            return self._answers[0]
