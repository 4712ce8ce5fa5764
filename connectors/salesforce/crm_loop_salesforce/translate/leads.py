"""Leads, and when they changed hands."""

from collections.abc import Iterator

from crm_loop.records import Lead, LeadChange
from crm_loop_salesforce.translate.values import Row, day, moment

#: A user or a queue; the other row of the same change holds a name.
_OWNERS = ("005", "00G")


def lead(row: Row) -> Lead:
    return Lead(
        id=row["Id"],
        owner_id=row.get("OwnerId"),
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["SystemModstamp"]),
        company=row.get("Company"),
        status=row.get("Status"),
        source=row.get("LeadSource"),
        converted_on=day(row.get("ConvertedDate")),
        deal_id=row.get("ConvertedOpportunityId"),
        account_id=row.get("ConvertedAccountId"),
        contact_id=row.get("ConvertedContactId"),
    )


def lead_changes(row: Row) -> Iterator[LeadChange]:
    owner = str(row.get("NewValue") or "")
    if owner.startswith(_OWNERS):
        at = moment(row["CreatedDate"])
        yield LeadChange(id=row["Id"], lead_id=row["LeadId"], at=at, owner_id=owner)
