"""Which records belong together, read apart since search does not tell."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.listing import next_after, results
from crm_loop_hubspot.translate.kinds import Kind, Linked, Row, Target
from crm_loop_hubspot.transport import Api

#: HubSpot's types for the main one of several: the company of a contact or deal, the contact
#: of a lead.
PRIMARY = frozenset({1, 5, 578})
#: Records that one call takes.
INPUTS = 1000

_COMPANIES = "companies"

Ties = Mapping[str, Sequence[Target]]


def linked(api: Api, kind: Kind, rows: Sequence[Row]) -> list[Linked]:
    """Join to each row the records of every type that it needs, the most fitting first."""
    ids = [str(row["id"]) for row in rows]
    ties = ties_of(api, kind, ids)
    return [Linked(row, ties[row_id]) for row, row_id in zip(rows, ids, strict=True)]


def ties_of(api: Api, kind: Kind, ids: Sequence[str]) -> dict[str, Ties]:
    """The associations of each id, by the other type; a type that we may not see is left out."""
    asked = [(other, piece) for other in kind.links for piece in pieces(ids, INPUTS)]
    found = api.together([partial(_targets, api, kind.name, *one) for one in asked])
    ties: dict[str, dict[str, Sequence[Target]]] = {one: {} for one in ids}
    for (other, piece), targets in zip(asked, found, strict=True):
        if targets is not None:
            for one in piece:
                ties[one][other] = targets.get(one, ())
    if kind.through is not None:
        _add_companies(api, kind.through, ties)
    return dict(ties)


def _add_companies(api: Api, through: str, ties: Mapping[str, dict[str, Sequence[Target]]]) -> None:
    """The company of the first contact stands for that of a record that names none itself."""
    without = {
        one: tied[through][0].id
        for one, tied in ties.items()
        if tied.get(through) and not tied.get(_COMPANIES, (None,))
    }
    for piece in pieces(sorted(set(without.values())), INPUTS):
        companies = _targets(api, through, _COMPANIES, piece) or {}
        for one, contact in without.items():
            if contact in companies:
                ties[one][_COMPANIES] = companies[contact][:1]


def _targets(
    api: Api, name: str, other: str, ids: Sequence[str]
) -> dict[str, Sequence[Target]] | None:
    """An answer 207 is normal: some records have none. None: we may not see this type."""
    found: dict[str, list[Any]] = {}
    waiting: list[dict[str, str]] = [{"id": one} for one in ids]
    while waiting:
        asked, waiting = waiting[:INPUTS], waiting[INPUTS:]
        try:
            answer = api.ask(api.paths.associations(name, other), {"inputs": asked})
        except (MissingScope, NotFound):
            return None
        for result in results(answer):
            record = str(result["from"]["id"])
            found.setdefault(record, []).extend(result.get("to") or ())
            if after := next_after(result):
                waiting.append({"id": record, "after": after})
    return {record: _ordered(targets) for record, targets in found.items()}


def _ordered(targets: Sequence[Any]) -> Sequence[Target]:
    """The primary one first, then the newest, since ids grow; each once."""
    read = {target.id: target for target in map(_target, targets)}
    return sorted(read.values(), key=lambda one: (one.primary, int(one.id)), reverse=True)


def _target(target: Mapping[str, Any]) -> Target:
    kinds = target["associationTypes"]
    labels = [kind["label"] for kind in kinds if kind.get("label") and not _is_hubspots(kind)]
    primary = any(kind.get("typeId") in PRIMARY for kind in kinds)
    return Target(str(target["toObjectId"]), primary, str(labels[0]) if labels else None)


def _is_hubspots(kind: Mapping[str, Any]) -> bool:
    return kind.get("category") == "HUBSPOT_DEFINED"
