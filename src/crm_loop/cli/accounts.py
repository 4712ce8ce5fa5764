"""One CRM account after the other: the trouble of one is not the trouble of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from crm_loop.cycle.turn import Turn
from crm_loop.errors import CrmLoopError, NeedsAttention
from crm_loop.wording.said import complaint

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """What came of each account by name; `failed` has those where it did not work."""

    found: dict[str, T]
    failed: dict[str, CrmLoopError]

    def warnings(self, language: str = "en") -> list[str]:
        between = "：" if language == "ja" else ": "
        return [f"{at}{between}{complaint(error, language)}" for at, error in self.failed.items()]


def names_of(turn: Turn, only: str | None = None) -> list[str]:
    """The connections to work on; NeedsAttention when there is none."""
    names = [row.name for row in turn.connections()] if only is None else [only]
    if not names:
        raise NeedsAttention(
            "No CRM is connected yet.",
            code="connection.none",
            do="Connect a CRM first: crm-loop connect NAME --kind … --url … --credentials …",
        )
    return names


def each(names: Iterable[str], work: Callable[[str], T]) -> Tried[T]:
    """Do the work for each account; raises the first error where it worked for none."""
    tried: Tried[T] = Tried({}, {})
    for name in names:
        try:
            tried.found[name] = work(name)
        except CrmLoopError as error:
            tried.failed[name] = error
    if tried.failed and not tried.found:
        raise next(iter(tried.failed.values()))
    return tried
