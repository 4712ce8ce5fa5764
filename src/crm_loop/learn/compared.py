"""What followed steps that were done beside what followed steps that were not; pure.

Who gets round to a step and who does not differ in other ways as well. Both sides are told
beside one another and never subtracted.
"""

from collections.abc import Sequence

from crm_loop.learn.observe import DONE, NOT_DONE, Field, observations
from crm_loop.loop_records import Compared, Observation, Use


def compared_of(week: str, field: Field) -> list[Compared]:
    """By kind of step on one KPI, where both kinds of end are known."""
    done, missed = (_by_step(observations(field, ends)) for ends in (DONE, NOT_DONE))
    return [
        Compared(
            week=week,
            step=step,
            kpi=field.figure.kpi,
            done=len(done[step]),
            done_reps=_people(done[step]),
            done_mean=_mean(done[step]),
            missed=len(missed[step]),
            missed_reps=_people(missed[step]),
            missed_mean=_mean(missed[step]),
        )
        for step in sorted(done.keys() & missed.keys())
    ]


def _by_step(found: Sequence[Observation]) -> dict[str, list[Observation]]:
    steps: dict[str, list[Observation]] = {}
    for one in found:
        if one.relative is not None and one.use is Use.LEARNED:
            steps.setdefault(one.step, []).append(one)
    return steps


def _people(seen: Sequence[Observation]) -> int:
    return len({one.person for one in seen})


def _mean(seen: Sequence[Observation]) -> float:
    return sum(one.relative or 0.0 for one in seen) / len(seen)
