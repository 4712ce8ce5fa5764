"""Pieces of the size that one call takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
P = TypeVar("P")


def pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def gathered(
    pages: Iterator[tuple[list[T], P | None]], at_least: int
) -> Iterator[tuple[list[T], P | None]]:
    """Join pages until they hold enough; each page says from where on its successor goes."""
    held: list[T] = []
    for rows, after in pages:
        held += rows
        if len(held) >= at_least or after is None:
            yield held, after
            held = []
