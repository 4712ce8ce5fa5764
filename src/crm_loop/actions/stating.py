"""What new steps may lead to, by what is known of everybody on the day they are made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from crm_loop.actions.effect_path import Rates, path_of
from crm_loop.loop_records import Action, Suggestion, step_of
from crm_loop.store import State

Step = TypeVar("Step", Action, Suggestion)


@dataclass(frozen=True, slots=True)
class Teller:
    """Everybody's own rates, and what was learned of kinds of step by KPI."""

    rates: Mapping[str, Rates]
    gains: Mapping[tuple[str, str], float]

    @classmethod
    def of(cls, state: State, people: Iterable[str], day: date) -> "Teller":
        facts = state.insights.facts_of("rates", people, until=day)
        rates = {person: Rates.of(one) for person, one in facts.items()}
        return cls(rates, state.learnings.gains() if rates else {})

    def stated(self, step: Step) -> Step:
        """The step with its path; one that has a path keeps it, a manager's promise has none."""
        who = step.who if isinstance(step, Action) else step.rep
        promised = isinstance(step, Action) and step.asked_by is not None
        own = self.rates.get(who)
        if step.path is not None or promised or own is None:
            return step
        gain = self.gains.get((step_of(step.verify), step.kpi or ""), 0.0)
        return replace(step, path=path_of(step.verify, own, gain))


def stated(state: State, made: list[Step], day: date) -> list[Step]:
    """New steps, each with what it may lead to where the owner's rates say so."""
    if not made:
        return made
    people = {one.who if isinstance(one, Action) else one.rep for one in made}
    teller = Teller.of(state, people, day)
    return [teller.stated(one) for one in made]
