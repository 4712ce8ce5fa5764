"""The doorbell: tells workers that there is work; losing a ring loses only time."""

from collections.abc import Iterable
from typing import Protocol


class Bell(Protocol):
    """Rings for jobs that may be due; must never raise."""

    def ring(self, jobs: Iterable[tuple[str, str]]) -> bool:
        """Ring for (organisation, job id); whether somebody can have heard it."""
        ...


class NoBell:
    """For processes without a broker: the sweeper finds the work."""

    def ring(self, jobs: Iterable[tuple[str, str]]) -> bool:
        """Do nothing, and say so."""
        del jobs
        return False
