"""Where splits are switched on, every deal belongs to its owner by one of a hundred percent."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.salesforce.org import Org, Row


def follow_owner(org: Org, deal: Row, was: Mapping[str, Any] | None) -> None:
    """A new deal gets the owner's split; a new owner takes over what the old one held."""
    if "OpportunitySplit" not in org.tables:
        return
    if was is None:
        _owners(org, deal)
        return
    for split in org.referring("OpportunitySplit", "OpportunityId", [deal["Id"]]):
        if split["OpportunityId"] == deal["Id"] and not split["IsDeleted"]:
            _follow(org, split, deal, was)


def _owners(org: Org, deal: Row) -> None:
    kind = next(iter(org.tables["OpportunitySplitType"].values()))
    made = org.blank(
        "OpportunitySplit",
        Id=org.new_id("OpportunitySplit", deal["Id"], "owner"),
        OpportunityId=deal["Id"],
        SplitOwnerId=deal["OwnerId"],
        SplitPercentage=100.0,
        SplitAmount=deal["Amount"],
        SplitTypeId=kind["Id"],
        IsDeleted=deal["IsDeleted"],
        CreatedById=deal["CreatedById"],
        LastModifiedById=deal["LastModifiedById"],
    )
    for name in ("CreatedDate", "SystemModstamp", "LastModifiedDate"):
        made[name] = deal[name]
    if "CurrencyIsoCode" in made:
        made["CurrencyIsoCode"] = deal["CurrencyIsoCode"]
    org.put("OpportunitySplit", made)
    if made["IsDeleted"]:
        org.bin[made["Id"]] = made["SystemModstamp"]


def _follow(org: Org, split: Row, deal: Row, was: Mapping[str, Any]) -> None:
    """A new amount is worked out without a new stamp; a new owner is a change."""
    moved = split["SplitOwnerId"] == was["OwnerId"] != deal["OwnerId"]
    amount = deal["Amount"]
    part = None if amount is None else amount * (split["SplitPercentage"] or 0) / 100
    if not moved and split["SplitAmount"] == part:
        return
    org.changing(split)
    split["SplitAmount"] = part
    if moved:
        split["SplitOwnerId"] = deal["OwnerId"]
        split["SystemModstamp"] = split["LastModifiedDate"] = org.now
    org.put("OpportunitySplit", split)
