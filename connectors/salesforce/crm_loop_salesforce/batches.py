"""Long lists in pieces that one call may hold."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def pieces(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
