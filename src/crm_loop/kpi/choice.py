"""Which KPIs a role is shown: what an admin chose, else what the profile shows; pure.

All KPIs are measured whatever is chosen. What is chosen for a role is at once what its targets are
shown for and what its 1on1s may be about.
"""

from collections.abc import Iterable, Mapping, Sequence

from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import SHOWN, Kpi
from crm_loop.kpi.profiles import MOST_ACTIVE, shows_kpi
from crm_loop.kpi.tree import DEFAULT, Edge, orphans
from crm_loop.loop_records import Role
from crm_loop.store.connections import Organisation

#: Roles whose figures are shown; managers are not measured.
ROLES = (Role.AE, Role.SDR, Role.AM)
OUTCOME = "outcome"
#: What says how good records are is no figure of a person's.
_NEVER = "data"


def shown_to(own: Organisation, role: str) -> Sequence[str]:
    """KPIs of a role, without being asked for, in the order in which they are shown."""
    chosen = own.chosen_kpis(role)
    return SHOWN[own.profile] if chosen is None else chosen


def shown_together(own: Organisation, roles: Iterable[str]) -> list[str]:
    """What any of these roles is shown; what the profile shows where there is no role."""
    found = [kpi for role in dict.fromkeys(roles) for kpi in shown_to(own, role)]
    return list(dict.fromkeys(found or SHOWN[own.profile]))


def with_own(own: Organisation, role: str, ids: Iterable[str]) -> list[str]:
    """The same with the organisation's own KPIs `ids`, which are all shown until somebody chose."""
    shown = shown_to(own, role)
    more = () if own.chosen_kpis(role) is not None else sorted(ids)
    return list(dict.fromkeys([*shown, *more]))


def choosable(known: Mapping[str, Kpi], profile: str) -> list[Kpi]:
    """What may be chosen: what the profile shows to whoever asks for it, results first."""
    found = [one for one in known.values() if one.kind != _NEVER and shows_kpi(profile, one.id)]
    return sorted(found, key=lambda one: one.kind != OUTCOME)


def checked(
    role: str,
    wanted: Sequence[str],
    known: Mapping[str, Kpi],
    *,
    profile: str,
    edges: Sequence[Edge] = (),
) -> tuple[str, ...]:
    """The KPIs of a role, results first; WrongUsage says why they cannot be chosen.

    At most seven, one result and one process KPI at the least, each of them known, shown in the
    profile and on a way to the purpose: by the tree that holds and `edges` of own KPIs.
    """
    known_role(role)
    able = {one.id: one for one in choosable(known, profile)}
    ids = list(dict.fromkeys(wanted))
    unknown = [one for one in ids if one not in able]
    if unknown:
        raise _refused(f"The KPI {unknown[0]!r} cannot be chosen in the profile {profile}.")
    if len(ids) > MOST_ACTIVE:
        raise _refused(f"{len(ids)} KPIs are more than anybody can follow: 7 at the most.")
    kinds = {able[one].kind == OUTCOME for one in ids}
    if kinds != {True, False}:
        raise _refused("At least one result and one process KPI are needed.")
    lost = orphans(ids, [*DEFAULT, *edges], ["purpose"])
    if lost:
        raise WrongUsage(
            f"The KPI {lost[0]!r} leads to no purpose.",
            code="kpi.choice",
            kept="Nothing was changed.",
            do="Write parent in its file: the KPI that it serves, or purpose.",
        )
    return tuple(sorted(ids, key=lambda one: (able[one].kind != OUTCOME, ids.index(one))))


def known_role(role: str) -> None:
    """WrongUsage where nobody of this role is shown figures."""
    if role not in ROLES:
        raise _refused(f"There is no role {role!r} whose figures are shown.")


def with_choice(own: Organisation, role: str, ids: Sequence[str] | None) -> Organisation:
    """The organisation with this choice for a role; None: what the profile shows."""
    known_role(role)
    kept = {name: kpis for name, kpis in own.kpis if name != role}
    chosen = kept if ids is None else {**kept, role: tuple(ids)}
    return own.with_kpis(chosen)


def _refused(happened: str) -> WrongUsage:
    return WrongUsage(
        happened,
        code="kpi.choice",
        kept="Nothing was changed.",
        do="Choose up to seven, results and process KPIs among them; crm-loop kpi list names all.",
    )
