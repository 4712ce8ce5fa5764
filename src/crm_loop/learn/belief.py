"""What is believed of a kind of step, from few and uncertain observations; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import ndtr

from crm_loop.statistics.guarded import at_least

#: Sceptical: most steps move a figure by less than a tenth.
PRIOR = (0.0, 0.10)

WORKS_FROM, PROMISING_FROM, NOT_UP_TO = 0.90, 0.75, 0.25

#: Relative effect and its standard error.
Observation = tuple[float | None, float | None]


class Verdict(StrEnum):
    WORKS = "works"
    PROMISING = "promising"
    UNCLEAR = "unclear"
    NOT_WORKING = "not_working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """A normal belief about the relative effect of a kind of step."""

    mean: float
    sd: float

    @property
    def p_positive(self) -> float:
        return float(ndtr(self.mean / self.sd))

    @property
    def verdict(self) -> Verdict:
        p = self.p_positive
        if at_least(p, WORKS_FROM):
            return Verdict.WORKS
        if at_least(p, PROMISING_FROM):
            return Verdict.PROMISING
        return Verdict.UNCLEAR if p > NOT_UP_TO else Verdict.NOT_WORKING


def beliefs(
    observations: Iterable[Observation], prior: tuple[float, float] = PRIOR
) -> list[Belief]:
    """The belief after each observation (conjugate normal); one without an error says nothing."""
    mean, weight = prior[0], prior[1] ** -2
    found = []
    for effect, error in observations:
        if effect is None or not error:
            continue
        mean = (mean * weight + effect * error**-2) / (weight + error**-2)
        weight += error**-2
        found.append(Belief(mean=mean, sd=weight**-0.5))
    return found


def belief_of(observations: Iterable[Observation], prior: tuple[float, float] = PRIOR) -> Belief:
    """The belief after all of them; the prior where there is none."""
    return (beliefs(observations, prior) or [Belief(mean=prior[0], sd=prior[1])])[-1]
