"""Associations that come along in the body of a create."""

from typing import Any

from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.writing import Join


def read_joins(portal: Portal, kind: ObjectType, listed: Any) -> list[Join]:
    """Raises the 400 for a target that is not there or a type of another direction."""
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise bad_request('Invalid input JSON: "associations" is no list')
    return [_read_join(portal, kind, one) for one in listed]


def _read_join(portal: Portal, kind: ObjectType, listed: Any) -> Join:
    try:
        to_id = str(listed["to"]["id"])
        types = frozenset(int(one["associationTypeId"]) for one in listed["types"])
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("Invalid input JSON: an association was not readable") from error
    to_kind = _target(portal, kind, types)
    return checked_join(portal, (kind, to_kind), to_id, types)


def _target(portal: Portal, kind: ObjectType, types: frozenset[int]) -> ObjectType:
    for to_kind in OBJECT_TYPES:
        if types and types <= portal.link_types.fitting((kind.id, to_kind.id)):
            return to_kind
    wrong = ", ".join(str(one) for one in sorted(types))
    other = sorted(portal.link_types.backs(types))
    raise bad_request(
        f"Association type ids [{wrong}] are not valid from {kind.label}"
        + (f"; the other direction is {other}" if other else "")
    )


def checked_join(
    portal: Portal, kinds: tuple[ObjectType, ObjectType], to_id: str, types: frozenset[int]
) -> Join:
    """A join whose target exists and whose types fit."""
    kind, to_kind = kinds
    pair = (kind.id, to_kind.id)
    if not portal.link_types.known(pair) or not types <= portal.link_types.fitting(pair):
        raise bad_request(
            f"One or more association types are not valid from {kind.label} to {to_kind.label}"
        )
    if not to_id.isdecimal() or portal.table(to_kind).get(int(to_id)) is None:
        raise bad_request(f"{to_kind.label}={to_id} is not valid")
    return Join(to_kind, int(to_id), types)
