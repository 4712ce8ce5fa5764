"""What a week may cost somebody and bring, counted; and what of it is too much."""

from dataclasses import dataclass

#: For each 1on1: of the rep, and of the manager for each of the reps.
TAPS, LINES = 3, 1
#: What a rep's list of tasks gets of ours in a week without the rep's doing.
NOTICES = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One person's week. `lines`: fields that were typed into, and line breaks within them.

    `mandatory`: what the screens would not do without. `notices`: what came into the list of
    tasks, or by mail, beside what the two of a 1on1 agreed on themselves.
    """

    taps: int = 0
    lines: int = 0
    characters: int = 0
    screens: int = 0
    mandatory: int = 0
    notices: int = 0

    def row(self, who: str) -> str:
        counts = (self.taps, self.lines, self.characters, self.screens, self.notices)
        return f"{who:<36}" + "".join(f"{count:>12}" for count in counts)


def typed(before: str, after: str) -> tuple[int, int]:
    """How many lines of a text somebody has changed or added, and by how many characters."""
    old, new = before.splitlines(), after.splitlines()
    changed = [one for one in new if one not in old]
    return len(changed), sum(map(len, new)) - sum(map(len, old))


HEADING = f"{'person':<36}" + "".join(
    f"{name:>12}" for name in ("taps", "lines", "characters", "screens", "notices")
)


def excess(spent: Spent, *, talks: int = 1) -> list[str]:
    """What of a week is too much; `talks` is 0 for an admin, after the set-up.

    Nobody who has 1on1s may be left without a notice either: then nothing was counted.
    """
    wanted = NOTICES if talks else 0
    found = {
        "taps": spent.taps > TAPS * talks,
        "lines": spent.lines > LINES * talks,
        "mandatory": spent.mandatory > 0,
        "notices": spent.notices != wanted,
    }
    return [name for name, too_much in found.items() if too_much]
