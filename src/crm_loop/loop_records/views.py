"""What the two of a 1on1 say of it afterwards, each for themselves."""

from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """Who said it."""

    REP = "rep"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """One person's word on one 1on1; every answer is 1 to 5 or not given.

    `rating`: how useful it was. The pulse: `safe` to speak, own `thoughts` said in full, next
    step in `own_words`. `talk` is the share of the time in which the rep spoke, as felt.
    """

    rep: str
    week: str
    by: By
    rating: int | None = None
    safe: int | None = None
    thoughts: int | None = None
    own_words: int | None = None
    talk: float | None = None
