"""Which KPIs each role is shown, as the file of the house says it; pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tomlkit

from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.store.connections import Organisation

#: The KPIs of a role in their order, once they are checked for a profile; WrongUsage says why not.
Check = Callable[[str, Sequence[str], str], tuple[str, ...]]


def as_given(_role: str, kpis: Sequence[str], _profile: str) -> tuple[str, ...]:
    """Take what stands there, where nobody knows the KPIs."""
    return tuple(kpis)


def table(own: Organisation) -> Any:
    """Only roles for which an admin chose: the others follow the profile."""
    found = tomlkit.table()
    for role, kpis in own.kpis:
        found.add(role, list(kpis))
    return found


def read(
    given: Mapping[str, Any],
    own: Organisation,
    check: Check,
    file: str,
) -> Organisation:
    """The organisation with what the file chooses; a file without the table leaves it as it was.

    A role that the table does not name follows the profile again.
    """
    if "kpis" not in given:
        return own
    found = given["kpis"]
    if not isinstance(found, dict) or not all(isinstance(ids, list) for ids in found.values()):
        raise WrongUsage(
            f"{file}: kpis is a table of roles with lists, as AE = [...].",
            code="setup.house_file",
            kept="Nothing was changed.",
            do="Correct it; crm-loop config export FILE shows how it is written.",
        )
    chosen = {role: _checked(role, ids, own.profile, check, file) for role, ids in found.items()}
    return own.with_kpis(chosen)


def _checked(
    role: str, ids: Sequence[str], profile: str, check: Check, file: str
) -> tuple[str, ...]:
    try:
        return check(role, ids, profile)
    except CrmLoopError as error:
        raise WrongUsage(
            f"{file}, kpis.{role}: {error.happened}",
            code=error.code,
            kept=error.kept,
            do=error.do,
        ) from None
