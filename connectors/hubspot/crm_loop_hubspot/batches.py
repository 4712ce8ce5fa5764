"""Pieces of the size that one call takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
P = TypeVar("P")


def pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def packed(words: Sequence[str], characters: int) -> Iterator[list[str]]:
    """Pieces whose words, in quotes and with a comma each, take no more characters than this."""
    piece: list[str] = []
    taken = 0
    for word in words:
        size = len(word) + len('"",')
        if piece and taken + size > characters:
            yield piece
            piece, taken = [], 0
        piece.append(word)
        taken += size
    if piece:
        yield piece


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
