"""A manager's own part in the running month: 1on1s, memos, promises and causes talked over.

It is told to the manager alone. `share of reps in zone`, the profile's other result, is no KPI of
the catalogue; the team's bookings are the sum of its people's on the manager's page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.figures import NOTHING, Figure, figure_of, only
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures import MEASURES
from crm_loop.kpi.process import Component, process_score
from crm_loop.kpi.profiles import ROLES, weights
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight, Role

PART, SCORE = "manager_part", "manager_process"
#: All of them are shares, and all that can be had is all of it.
_WHOLE = 1.0


def manager_parts(setting: Setting) -> list[Insight]:
    """For each manager each KPI of the role with any case, and the score where enough is known.

    Facts: `x` of `n` cases; `score` is 0..100, the mean of the shares by the role's weights.
    """
    figures = _figures(setting)
    found = []
    for manager in sorted({rep.manager for rep in setting.reps if rep.manager}):
        own = {kpi: of[manager] for kpi, of in figures.items() if of[manager].value is not None}
        found += [_part(setting, manager, kpi, one) for kpi, one in own.items()]
        score = process_score(list(_components(own)))
        if score is not None:
            found.append(_insight(setting, manager, SCORE, "process_score", {"score": score}))
    return found


def _figures(setting: Setting) -> Mapping[str, Mapping[str, Figure]]:
    """The KPIs of the role, by KPI and manager."""
    frames, people = _led(setting.frames), [rep.manager for rep in setting.reps if rep.manager]
    found = {}
    for kpi in ROLES[Role.MANAGER].process:
        rows = only(MEASURES[kpi](frames, setting.month, setting.as_of), people)
        found[kpi] = {one: figure_of(kpi, rows.get(one, NOTHING)) for one in people}
    return found


def _led(frames: Frames) -> Frames:
    """The same 1on1s, each that of whoever leads it; a promise is of whoever made it anyway."""
    return replace(
        frames, sessions=frames.sessions.with_columns(pl.col("manager").alias("person")), chosen={}
    )


def _components(own: Mapping[str, Figure]) -> Iterable[Component]:
    for kpi, weight in weights(Role.MANAGER, list(catalogue())).items():
        actual = own[kpi].value if kpi in own else None
        yield Component(kpi=kpi, direction="up", actual=actual, target=_WHOLE, weight=weight)


def _part(setting: Setting, manager: str, kpi: str, figure: Figure) -> Insight:
    facts = {"x": figure.numerator, "n": figure.denominator}
    return _insight(setting, manager, PART, kpi, facts)


def _insight(
    setting: Setting, manager: str, rule: str, driver: str, facts: Mapping[str, float | None]
) -> Insight:
    return Insight(
        person=manager,
        as_of=setting.as_of,
        rule=rule,
        driver=driver,
        form=Form.TEAM,
        facts=dict(facts),
    )
