"""Which tests run in one process, and which of them begin first."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """One test: the group that it belongs to, and about how many seconds it takes."""

    group: str
    seconds: float


def longest_first(pieces: Sequence[Piece]) -> list[int]:
    """Places of the tests, those of the longest groups before those of shorter ones.

    What takes a minute and begins last leaves the other processes without anything to do.
    """
    lasts: dict[str, float] = defaultdict(float)
    for piece in pieces:
        lasts[piece.group] += piece.seconds
    return sorted(range(len(pieces)), key=lambda place: -lasts[pieces[place].group])
