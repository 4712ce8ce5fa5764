"""The settings of the house as the store has them, and taking other ones."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from crm_loop.records import Subject
from crm_loop.setup.house_file import Around, Change, House, Place
from crm_loop.setup.house_roles import Checks
from crm_loop.store import State
from crm_loop.store.audit import Entry, note


def kept(state: State) -> House:
    """What is in force."""
    return House(
        organisation=state.connections.organisation(),
        slots=state.people.slot_lines(),
        stages=state.mapping.all(),
        templates=state.templates.all(),
    )


def around(state: State, profiles: Collection[str], roles: Checks) -> Around:
    """What settings may name; `roles` checks what is decided for a role."""
    members = [one for one in state.people.members() if one.active]
    return Around(
        managers={one.manager for one in members if one.manager},
        stages=set(labels(state)),
        profiles=profiles,
        roles=roles,
    )


def labels(state: State) -> Mapping[Place, str]:
    """What people call the stages of the CRMs."""
    found = state.crm.read(Subject.STAGES)
    return {(at, one.pipeline, one.id): one.label for at, one in found if one.active}


def take(state: State, house: House, found: Sequence[Change], *, by: str, at: datetime) -> None:
    """Put these settings in force; each change has its line in the audit trail."""
    state.connections.put_organisation(house.organisation)
    state.people.set_slot_lines(house.slots)
    by_connection: dict[str, dict[tuple[str, str], str]] = {}
    for (connection, pipeline, stage), canonical in house.stages.items():
        by_connection.setdefault(connection, {})[pipeline, stage] = canonical
    changed = {one.what.split(".")[1] for one in found if one.what.startswith("stages.")}
    _take_templates(state, house, at)
    for connection in sorted(changed):
        state.mapping.set(connection, by_connection[connection])
    note(state, [_entry(one, by, at) for one in found])


def _take_templates(state: State, house: House, at: datetime) -> None:
    for role in state.templates.all().keys() - house.templates.keys():
        state.templates.remove(role)
    for role, plan in house.templates.items():
        state.templates.put(role, plan, at=at)


def _entry(change: Change, by: str, at: datetime) -> Entry:
    # The trail names no person: whose line of 1on1s it was does not stand in it.
    what = "talks" if change.what.startswith("talks.") else change.what
    detail = {"old": change.old, "new": change.new}
    return Entry(actor=by, what="settings.changed", subject=what, at=at, detail=detail)
