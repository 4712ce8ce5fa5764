"""What the file of the house says of single roles: KPIs that are shown, plans of 1on1s; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import tomlkit

from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.loop_records import Template
from crm_loop.store.connections import Organisation

T = TypeVar("T")
Boxes = Mapping[str, int]
Questions = Mapping[str, Mapping[str, str]]
Plans = Mapping[str, Template]


def _kpis_as_given(_role: str, kpis: Sequence[str], _profile: str) -> tuple[str, ...]:
    return tuple(kpis)


def _plan_as_given(_role: str, minutes: int, boxes: Boxes, questions: Questions) -> Template:
    return Template(minutes=minutes, boxes=boxes, questions=questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Who knows what may be chosen; WrongUsage says why something may not."""

    kpis: Callable[[str, Sequence[str], str], tuple[str, ...]] = _kpis_as_given
    plan: Callable[[str, int, Boxes, Questions], Template] = _plan_as_given


#: Where nobody knows: what stands there is taken.
AS_GIVEN = Checks()


def tables(own: Organisation, plans: Plans) -> dict[str, Any]:
    """Only roles for which an admin decided: the others have what is usual."""
    kpis, templates = tomlkit.table(), tomlkit.table()
    for role, ids in own.kpis:
        kpis.add(role, list(ids))
    for role, plan in plans.items():
        asked = {code: dict(said) for code, said in plan.questions.items()}
        blocks = dict(plan.boxes)
        templates.add(role, {"minutes": plan.minutes, "blocks": blocks, "questions": asked})
    return {"kpis": kpis, "templates": templates}


def flat(own: Organisation, plans: Plans) -> dict[str, str]:
    """The same for comparing, one line a role and thing."""
    found = {f"kpis.{role}": ", ".join(ids) for role, ids in own.kpis}
    for role, plan in plans.items():
        found[f"templates.{role}"] = ", ".join(f"{code} {one}" for code, one in plan.boxes.items())
        for code, said in plan.questions.items():
            found[f"templates.{role}.{code}"] = " / ".join(said.values())
    return found


def with_kpis(
    given: Mapping[str, Any], own: Organisation, checks: Checks, file: str
) -> Organisation:
    """The organisation with what the file chooses; a file without the table leaves it as it was.

    A role that the table does not name follows the profile again.
    """
    if "kpis" not in given:
        return own
    found = _table(given, "kpis", list, file)
    chosen = {
        role: _tried(partial(checks.kpis, role, ids, own.profile), f"kpis.{role}", file)
        for role, ids in found.items()
    }
    return own.with_kpis(chosen)


def plans(given: Mapping[str, Any], before: Plans, checks: Checks, file: str) -> Plans:
    """Plans by role, likewise."""
    if "templates" not in given:
        return before
    found = _table(given, "templates", dict, file)
    return {
        role: _tried(partial(_plan, checks, role, plan), f"templates.{role}", file)
        for role, plan in found.items()
    }


def _plan(checks: Checks, role: str, plan: Mapping[str, Any]) -> Template:
    boxes, questions = plan.get("blocks", {}), plan.get("questions", {})
    whole = isinstance(boxes, dict) and all(type(one) is int for one in boxes.values())
    said = isinstance(questions, dict) and all(
        isinstance(one, dict) and all(isinstance(text, str) for text in one.values())
        for one in questions.values()
    )
    if not whole or not said or not set(plan) <= {"minutes", "blocks", "questions"}:
        raise WrongUsage(
            "A template has minutes, blocks and questions.",
            code="setup.house_file",
            do="Correct it; crm-loop config export FILE shows how it is written.",
        )
    return checks.plan(role, plan.get("minutes", 0), boxes, questions)


def _table(given: Mapping[str, Any], name: str, kind: type, file: str) -> Mapping[str, Any]:
    found = given[name]
    if isinstance(found, dict) and all(isinstance(one, kind) for one in found.values()):
        return found
    raise WrongUsage(
        f"{file}: {name} is a table with an entry for each role.",
        code="setup.house_file",
        kept="Nothing was changed.",
        do="Correct it; crm-loop config export FILE shows how it is written.",
    )


def _tried(make: Callable[[], T], what: str, file: str) -> T:
    try:
        return make()
    except CrmLoopError as error:
        raise WrongUsage(
            f"{file}, {what}: {error.happened}",
            code=error.code,
            kept="Nothing was changed.",
            do=error.do,
        ) from None
