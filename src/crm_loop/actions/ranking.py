"""Which suggestion comes first: what it could bring times how sure that is; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.actions.effect_path import worth
from crm_loop.loop_records import Suggestion, step_of

#: How sure it is that a kind of step helps, of which nothing is known yet.
UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """`tree_effect` is money down the tree, `p` the probability that its kind of step helps."""

    id: str
    tree_effect: float
    p: float | None = None

    @property
    def value(self) -> float:
        return self.tree_effect * (UNKNOWN if self.p is None else self.p)


def ranked(options: Sequence[Option]) -> list[Option]:
    """Best first; equal ones by id."""
    return sorted(options, key=lambda one: (-round(one.value, 6), one.id))


def by_what_works(
    suggestions: Sequence[Suggestion], chances: Mapping[tuple[str, str], float]
) -> list[Suggestion]:
    """Best first: the money that hangs on a step times how sure it is that its kind helps here.

    `chances` by kind of step and KPI are those of the organisation's own weeks. The money is that
    of the step's own path; among equals the order given holds.
    """
    options = [
        Option(
            id=f"{place:04}", tree_effect=money, p=chances.get((step_of(one.verify), one.kpi or ""))
        )
        for place, (one, money) in enumerate(
            zip(suggestions, worth([one.path for one in suggestions]), strict=True)
        )
    ]
    return [suggestions[int(one.id)] for one in ranked(options)]
