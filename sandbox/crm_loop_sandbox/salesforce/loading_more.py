"""Records that hang on deals and activities, and leads that have not become customers yet."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_loop_sandbox.salesforce import splits
from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.rows import Row
from crm_loop_sandbox.world.leads import leads_of
from crm_loop_sandbox.world.story import ActivityStory, DealStory

if TYPE_CHECKING:
    from crm_loop_sandbox.salesforce.loading import Loader

LEAD_STATUSES = {
    "open": "Open - Not Contacted",
    "working": "Working - Contacted",
    "lost": "Closed - Not Converted",
}
#: A deal that got at least this likely has been quoted.
QUOTED_FROM = 0.6
ROLES = ("Decision Maker", "Evaluator")


def of_deal(loader: "Loader", deal: DealStory, row: Row) -> None:
    """Contact roles, a quote where it was made, and the owner's split."""
    contacts: list[str] = []
    for step in deal.steps:
        contacts = list(step.fields.get("contacts", contacts))
    for place, contact in enumerate(contacts):
        record_id = loader.refs.get(contact)
        if record_id is not None:
            _dated(loader, "OpportunityContactRole", f"role:{deal.ref}:{place}", row,
                   OpportunityId=row["Id"], ContactId=record_id, IsPrimary=place == 0,
                   Role=ROLES[min(place, 1)])  # fmt: skip
    if "Quote" in loader.org.tables:
        _quote(loader, deal, row)
    splits.follow_owner(loader.org, row, None)


def _quote(loader: "Loader", deal: DealStory, row: Row) -> None:
    stages = loader.world.stages
    likely = [number for number, stage in enumerate(stages)
              if QUOTED_FROM <= stage.probability < 1]  # fmt: skip
    quoted = next((step for step in deal.steps if step.fields.get("stage") in likely), None)
    if quoted is None:
        return
    status = "Presented"
    if row["IsClosed"]:
        status = "Accepted" if row["IsWon"] else "Denied"
    number = len(loader.org.tables["Quote"]) + 1
    made = _dated(
        loader, "Quote", f"quote:{deal.ref}", row,
        Name=f"{row['Name']} 1", QuoteNumber=f"{number:08d}", OpportunityId=row["Id"],
        AccountId=row["AccountId"], OwnerId=row["OwnerId"], Status=status,
        Subtotal=row["Amount"], TotalPrice=row["Amount"], GrandTotal=row["Amount"],
        ExpirationDate=written(quoted.at + timedelta(days=30))[:10],
    )  # fmt: skip
    made["CreatedDate"] = written(quoted.at)


def of_activity(loader: "Loader", one: ActivityStory, task: Row) -> None:
    """A logged e-mail is a task and a message."""
    if one.kind != "email" or "EmailMessage" not in loader.org.tables:
        return
    _dated(loader, "EmailMessage", f"mail:{one.ref}", task, ActivityId=task["Id"],
           RelatedToId=task["WhatId"], Subject=task["Subject"], Incoming=not one.outbound,
           MessageDate=written(one.start),
           Status="Sent" if one.outbound else "New")  # fmt: skip


def leads(loader: "Loader") -> None:
    """Some leads for everybody who sells."""
    for story in leads_of(loader.world, "salesforce"):
        row = loader.plain(
            "Lead", story.ref, loader.native.owned(story.owner_ref),
            FirstName=story.given_name, LastName=story.family_name,
            Name=f"{story.given_name} {story.family_name}", Company=story.company,
            Email=story.email, Status=LEAD_STATUSES[story.status], LeadSource=story.source,
        )  # fmt: skip
        row["CreatedDate"] = row["LastModifiedDate"] = row["SystemModstamp"] = written(story.at)
        loader.org.put("Lead", row)


def _dated(loader: "Loader", table: str, ref: str, parent: Row, /, **values: Any) -> Row:
    """A record that came with its parent and has its stamps."""
    made = loader.imported_row(table, ref, loader.org.integration_user)
    made |= values
    for name in ("CreatedDate", "SystemModstamp", "LastModifiedDate"):
        made[name] = parent[name]
    made["IsDeleted"] = parent["IsDeleted"]
    loader.org.put(table, made)
    if made["IsDeleted"]:
        loader.org.bin[made["Id"]] = parent["SystemModstamp"]
    return made
