"""What a step may lead to, for whoever opens it; only where effects are switched on."""

from crm_loop.actions.effect_path import effect_lines
from crm_loop.console.visit import Visit
from crm_loop.kpi.profiles import shows
from crm_loop.loop_records import Action, Suggestion
from crm_loop.wording import words


def leads_to(visit: Visit, step: Action | Suggestion) -> list[str]:
    """Sentences in the reader's language; none while nobody has asked for effects."""
    promised = isinstance(step, Action) and step.asked_by is not None
    if promised or not shows(visit.own.profile, "effect_chain"):
        return []
    return effect_lines(step, words(visit.words.language), visit.own.currency)
