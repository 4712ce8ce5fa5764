"""Which topic the 1on1 is about: filtered so that no subject takes over, then ranked; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_loop.loop_records import Talk
from crm_loop.one_on_one.attention import SPOKEN_OF
from crm_loop.one_on_one.boxes import LONG
from crm_loop.one_on_one.score import REMEMBERED, Candidate, Scored, ordered, pick, scored
from crm_loop.one_on_one.situation import FAMILIES, Situation
from crm_loop.one_on_one.topics import candidates, growth

#: Tidying up the CRM is the theme of at most one in so many 1on1s, and something good or new
#: that of at least one.
ROUND = 4

#: Tidying up and filling in alike.
HYGIENE = ("T05", "T15")
UPLIFTING = ("T12", "T14")
#: Topics that name a figure which stays where it should not be.
_NAMED = ("T01", "T05")


@dataclass(frozen=True, slots=True)
class Past:
    """The theme of an earlier 1on1; `put_off`: the rep wanted it next time instead."""

    key: str
    code: str
    put_off: bool = False

    @property
    def family(self) -> str:
        return FAMILIES.get(self.code, self.code)


@dataclass(frozen=True, slots=True)
class Choice:
    """`aside` gets one line instead of the theme: a figure nobody speaks of, or a hygiene topic."""

    picked: Sequence[Scored]
    reserve: Scored | None
    aside: Candidate | None


def past_of(talks: Sequence[Talk]) -> list[Past]:
    """The themes of earlier 1on1s, in their order."""
    return [Past(one.topic, one.code, put_off=one.put_off) for one in talks if one.code]


def choose_theme(situation: Situation, past: Sequence[Past], *, minutes: int) -> Choice:
    """Pick the theme, a second one for a long talk, and a reserve; `past` is latest first.

    What the rep put off comes first, then what is mandatory, then what speaks for itself.
    """
    talked = [one for one in past if not one.put_off]
    wished = past[0].key if past and past[0].put_off else None
    found = [_remembering(one, talked) for one in candidates(situation)]
    round_before = talked[: ROUND - 1]
    free = [one for one in found if one.key == wished or _is_free(one, talked, round_before)]
    due = len(round_before) == ROUND - 1 and not _uplifting(round_before)
    if due or not _talked_of_growth(talked):
        free.append(_remembering(growth(situation, turn=due), talked))
    wanted = 2 if minutes >= LONG else 1
    if len(free) < wanted and all(one.code != "T14" for one in free):
        free.append(_remembering(growth(situation, floor=0.0), talked))
    best = ordered([scored(one, situation.target) for one in free])
    first = _first(best, wished)
    ranked = first + [one for one in best if one not in first]
    picked, reserve = pick(_apart(ranked, wanted), wanted)
    if due and not first and not any(one.candidate.code in UPLIFTING for one in picked):
        picked, reserve = _uplifted(best, picked, reserve)
    return Choice(picked, reserve, _unheard(situation, found, picked) or _aside(found, free))


def _first(best: Sequence[Scored], wished: str | None) -> list[Scored]:
    """What comes before everything else: the rep's wish, else a mandatory topic."""
    chosen = [one for one in best if one.candidate.key == wished]
    return (chosen or [one for one in best if one.candidate.mandatory])[:1]


def _apart(ranked: Sequence[Scored], wanted: int) -> list[Scored]:
    """Without others about the first one's figure, where enough is left for the talk.

    Two themes about one figure would praise in the one what they ask about in the other.
    """
    kpi = ranked[0].candidate.kpi if ranked and wanted > 1 else None
    apart = [one for n, one in enumerate(ranked) if n == 0 or one.candidate.kpi != kpi]
    return apart if kpi is not None and len(apart) >= wanted else list(ranked)


def _remembering(candidate: Candidate, past: Sequence[Past]) -> Candidate:
    recent = [one.key for one in past[:REMEMBERED]]
    ago = recent.index(candidate.key) + 1 if candidate.key in recent else None
    return replace(candidate, last_discussed_ago=ago)


def _is_free(candidate: Candidate, past: Sequence[Past], round_before: Sequence[Past]) -> bool:
    if past and past[0].family == candidate.family:
        return False
    return candidate.code not in HYGIENE or all(one.code not in HYGIENE for one in round_before)


def _uplifting(past: Sequence[Past]) -> bool:
    return any(one.code in UPLIFTING for one in past)


def _talked_of_growth(past: Sequence[Past]) -> bool:
    return any(one.code == "T14" for one in past[:ROUND])


def _uplifted(
    best: Sequence[Scored], picked: Sequence[Scored], reserve: Scored | None
) -> tuple[list[Scored], Scored | None]:
    """The best uplifting topic takes the place of the lowest one picked, which waits."""
    uplifting = next((one for one in best if one.candidate.code in UPLIFTING), None)
    if uplifting is None:
        return list(picked), reserve
    return [*picked[:-1], uplifting], picked[-1]


def _unheard(
    situation: Situation, found: Sequence[Candidate], picked: Sequence[Scored]
) -> Candidate | None:
    """A figure that would stay off track another week without anybody naming it."""
    named = {one.candidate.kpi for one in picked}
    silent = [one for one in found if one.code in _NAMED and one.kpi in situation.unheard]
    return next((one for one in silent if not SPOKEN_OF[one.kpi or ""] & named), None)


def _aside(found: Sequence[Candidate], free: Sequence[Candidate]) -> Candidate | None:
    """Undated deals that may not be the theme again so soon."""
    held_back = (one for one in found if one not in free)
    return next((one for one in held_back if one.text == "next_step"), None)
