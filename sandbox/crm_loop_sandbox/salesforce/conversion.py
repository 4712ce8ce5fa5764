"""A lead becomes an account, a contact and an opportunity; its activities follow."""

from typing import Any

from crm_loop_sandbox.salesforce.errors import RowError
from crm_loop_sandbox.salesforce.org import Row
from crm_loop_sandbox.salesforce.schema import ACTIVITIES
from crm_loop_sandbox.salesforce.writing import Hand, Writer

CONVERTED = "Closed - Converted"


def convert(writer: Writer, lead: Row, hand: Hand) -> Row:
    """The new opportunity. A lead is converted once, and stays as a record that nobody edits."""
    org = writer.org
    if lead["IsConverted"]:
        raise RowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    owner = {"OwnerId": lead["OwnerId"]}
    account = writer.create("Account", {"Name": lead["Company"], **owner}, hand)
    person = {name: lead[name] for name in ("FirstName", "LastName", "Email")}
    contact = writer.create("Contact", {**person, "AccountId": account["Id"], **owner}, hand)
    first = next(iter(org.tables["OpportunityStage"].values()))
    deal = writer.create(
        "Opportunity",
        {"Name": f"{lead['Company']}-", "AccountId": account["Id"], "StageName": first["ApiName"],
         "CloseDate": org.now[:10], "LeadSource": lead["LeadSource"], **owner},
        hand,
    )  # fmt: skip
    marks: dict[str, Any] = {
        "Status": CONVERTED,
        "IsConverted": True,
        "ConvertedDate": org.now[:10],
        "ConvertedAccountId": account["Id"],
        "ConvertedContactId": contact["Id"],
        "ConvertedOpportunityId": deal["Id"],
    }
    writer.platform_update("Lead", lead, marks, hand)
    for table in ACTIVITIES:
        for row in list(org.referring(table, "WhoId", [lead["Id"]])):
            if row["WhoId"] == lead["Id"]:
                moved = {"WhoId": contact["Id"], "WhatId": deal["Id"]}
                writer.platform_update(table, row, moved, hand)
    return deal
