"""Pieces of the size that one call takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
P = TypeVar("P")


def pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def gathered(
    pages: Iterator[tuple[list[T], P | None]], most: int
) -> Iterator[tuple[list[T], P | None]]:
    """Join pages while together they hold no more; each says from where on its successor goes."""
    held: list[T] = []
    place: P | None = None
    for rows, after in pages:
        if held and len(held) + len(rows) > most:
            yield held, place
            held = []
        held, place = [*held, *rows], after
    yield held, None
