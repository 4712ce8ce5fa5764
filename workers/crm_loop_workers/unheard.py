"""Rings that nobody follows: a broker may take them and hand them to nobody."""

from collections.abc import Callable, Sequence

#: So long a job may be due and rung for; as long as until a process is unready.
PATIENCE_SECONDS = 60.0

Ring = tuple[str, str]


class Unheard:
    """Which jobs have been due for too long without anybody taking them. `clock` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._since: dict[Ring, float] = {}

    def of(self, due: Sequence[Ring]) -> list[Ring]:
        """Those that were due at each look of the last minute, in their order."""
        now = self.clock()
        self._since = {one: self._since.get(one, now) for one in due}
        return [one for one in due if now - self._since[one] > PATIENCE_SECONDS]
