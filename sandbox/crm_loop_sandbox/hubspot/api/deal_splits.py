"""Deal splits: how the credit for a deal is shared between owners (Sales Enterprise)."""

from decimal import Decimal, InvalidOperation
from typing import Any

from crm_loop_sandbox.hubspot.api.batch import envelope, missing_error
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.object_types import DEAL, DEAL_SPLIT
from crm_loop_sandbox.hubspot.routing import DATED, Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.shapes import seen, view
from crm_loop_sandbox.hubspot.writing import Join

_SCOPE = "crm.dealsplits.read_write"
_SHOWN = (
    "hs_createdate",
    "hs_deal_split_amount",
    "hs_deal_split_percentage",
    "hs_lastmodifieddate",
    "hs_object_id",
    "hubspot_owner_id",
)


def _deal(call: Call, item: dict[str, Any]) -> Row | None:
    name = str(item.get("id", ""))
    return call.portal.table(DEAL).get(int(name)) if name.isdecimal() else None


def _shape(call: Call, deal: Row) -> dict[str, Any]:
    table = call.portal.table(DEAL_SPLIT)
    shown_by = view(table, _SHOWN)
    ids = call.portal.linked(DEAL, deal.id, DEAL_SPLIT)
    return {"id": str(deal.id), "splits": [seen(table.rows[one], shown_by) for one in ids]}


def _read(call: Call) -> Reply:
    call.require(_SCOPE)
    inputs = call.inputs()
    found = [_deal(call, one) for one in inputs]
    missing = [
        str(one.get("id", "")) for one, deal in zip(inputs, found, strict=True) if deal is None
    ]
    errors = [missing_error(DEAL.label, missing)] if missing else []
    return envelope(call, [_shape(call, deal) for deal in found if deal is not None], errors)


def _upsert(call: Call) -> Reply:
    """Splits replace those that were there; all inputs are checked before any is applied."""
    call.require(_SCOPE)
    checked = [(_known_deal(call, one), _shares(call, one)) for one in call.inputs()]
    for deal, shares in checked:
        _replace(call, deal, shares)
    return envelope(call, [_shape(call, deal) for deal, _ in checked])


def _known_deal(call: Call, item: dict[str, Any]) -> Row:
    deal = _deal(call, item)
    if deal is None:
        raise bad_request(f"DEAL={item.get('id')} is not valid")
    return deal


def _shares(call: Call, item: dict[str, Any]) -> dict[str, Decimal]:
    """Percentages, as parts of 1, by owner id."""
    try:
        shares = {
            str(one["ownerId"]): Decimal(str(one["percentage"])) for one in item.get("splits") or []
        }
    except (KeyError, TypeError, InvalidOperation) as error:
        raise bad_request("Invalid input JSON: a split needs ownerId and percentage") from error
    if sum(shares.values()) != 1:
        raise bad_request("The percentages of all splits of a deal must add up to 1.0")
    unknown = [one for one in shares if call.portal.owners.get(one) is None]
    if unknown:
        raise bad_request(f"Owner with ID {unknown[0]} does not exist.")
    return shares


def _replace(call: Call, deal: Row, shares: dict[str, Decimal]) -> None:
    table = call.portal.table(DEAL_SPLIT)
    for row_id in call.portal.linked(DEAL, deal.id, DEAL_SPLIT):
        call.writer.archive(DEAL_SPLIT, table.rows[row_id], call.hand)
    for owner_id, share in shares.items():
        sent = {"hubspot_owner_id": owner_id, "hs_deal_split_percentage": str(share)}
        joins = [Join(DEAL, deal.id, frozenset())]
        call.writer.create(DEAL_SPLIT, sent, call.hand, joins=joins)


RULES = (
    Rule("POST", "crm/objects/deals/splits/batch/read", _read),
    Rule("POST", "crm/objects/deals/splits/batch/upsert", _upsert),
    Rule("POST", "deal-splits/batch/read", _read, DATED),
    Rule("POST", "deal-splits/batch/upsert", _upsert, DATED),
)
