"""Which variant of a question comes next: varied, and the same for the same 1on1; pure."""

import hashlib
from collections.abc import Sequence

#: Deeper rung by rung: what there is, what is of concern, what could be done, first step, help.
LADDER = ("ladder_state", "ladder_concern", "ladder_options", "ladder_step", "ladder_help")

#: A variant rests for so many 1on1s.
RESTING = 6


def choose_variant(
    bank: Sequence[str],
    *,
    rep: str,
    slot: str,
    session: int,
    used: Sequence[str],
    exclude_last: int = RESTING,
) -> str:
    """Pick from the bank, sorted by id, without the last ones used; `used` is oldest first."""
    resting = set(_last(used, min(exclude_last, len(bank) - 1)))
    free = [variant for variant in sorted(bank) if variant not in resting]
    digest = hashlib.sha256(f"{rep}|{slot}|{session}".encode()).hexdigest()
    return free[int(digest, 16) % len(free)]


def _last(used: Sequence[str], count: int) -> Sequence[str]:
    return used[-count:] if count > 0 else ()
