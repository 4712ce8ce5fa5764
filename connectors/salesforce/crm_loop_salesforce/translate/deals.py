"""Accounts, opportunities and what belongs to them."""

from collections.abc import Iterator, Mapping

from crm_loop.records import Account, ContactRole, Deal, DealChange, DealField, Quote, Split
from crm_loop_salesforce.translate.people import FORECASTS, ONE_PIPELINE
from crm_loop_salesforce.translate.values import (
    USER,
    Row,
    as_text,
    day,
    moment,
    moment_or_none,
    money,
    of,
    share,
)

_MOVED = {DealField.AMOUNT: "Amount", DealField.CLOSE_DATE: "CloseDate"}
#: Seconds since 1970 that no change will ever reach (in the year 2286).
_FAR = 9_999_999_999
#: States of a quote that a customer has seen, where the settings name no others.
SENT = ("Presented", "Accepted", "Rejected", "Denied")


def account(row: Row) -> Account:
    return Account(
        id=row["Id"],
        name=str(row["Name"]),
        owner_id=row.get("OwnerId"),
        parent_id=row.get("ParentId"),
    )


def deal(
    row: Row,
    custom: Mapping[str, str] | None = None,
    pipelines: Mapping[str, str] | None = None,
) -> Deal:
    """`custom`: fields of the org's own that an admin wants to see, by our name.

    `pipelines`: ours by the developer name of a record type; other deals are in the first one.
    """
    record_type = (row.get("RecordType") or {}).get("DeveloperName") or ""
    return Deal(
        id=row["Id"],
        name=str(row["Name"]),
        owner_id=row["OwnerId"],
        account_id=row.get("AccountId"),
        pipeline=(pipelines or {}).get(record_type, ONE_PIPELINE),
        stage=str(row["StageName"]),
        is_closed=bool(row["IsClosed"]),
        is_won=bool(row["IsWon"]),
        amount=money(row["Amount"]),
        currency=row.get("CurrencyIsoCode"),
        close_date=day(row["CloseDate"]),
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["SystemModstamp"]),
        probability=share(row.get("Probability")),
        forecast=FORECASTS.get(row.get("ForecastCategory") or ""),
        kind=row.get("Type"),
        source=row.get("LeadSource"),
        next_step=row.get("NextStep"),
        staged_at=moment_or_none(row.get("LastStageChangeDate")),
        custom={name: as_text(row.get(field)) for name, field in (custom or {}).items()},
    )


def changes(row: Row) -> Iterator[DealChange]:
    """A history row says how things stood after a save; amount and date only where they moved.

    A deal always has a close date, so a row without an earlier one is the first (or an old one).
    """
    first = row.get("PrevCloseDate") is None
    values = {DealField.STAGE: row["StageName"]}
    for field, name in _MOVED.items():
        # A hidden field is left out: it was not emptied.
        if name in row and (first or row[name] != row.get(f"Prev{name}")):
            values[field] = row[name]
    at = moment(row["CreatedDate"])
    for field, value in values.items():
        yield DealChange(
            id=_change_id(row, field),
            deal_id=row["OpportunityId"],
            at=at,
            field=field,
            value=None if value is None else str(value),
        )


def change_ids(row: Row) -> list[str]:
    """Every record that this history row may have made."""
    return [_change_id(row, field) for field in (DealField.STAGE, *_MOVED)]


def _change_id(row: Row, field: DealField) -> str:
    return f"{row['Id']}:{field.value}"


def owner_changes(row: Row) -> Iterator[DealChange]:
    """An owner's change leaves two rows, one with the name and one with the id.

    Each says who owned the deal before, too: that owner is dated back to the deal's making. Of
    several such ones the first change tells who really was the first, and has the last id.
    """
    owner = of(USER, row.get("NewValue"))
    if owner is not None:
        yield _owned(row, row["Id"], row["CreatedDate"], owner)
    before = of(USER, row.get("OldValue"))
    made_at = (row.get("Opportunity") or {}).get("CreatedDate")
    if before is not None and made_at is not None:
        yield _owned(row, _first_owner_id(row), made_at, before)


def owner_change_ids(row: Row) -> list[str]:
    """Every record that this row may have made."""
    return [row["Id"], *([_first_owner_id(row)] if "CreatedDate" in row else [])]


def _owned(row: Row, change_id: str, at: str, owner: str) -> DealChange:
    return DealChange(
        id=change_id,
        deal_id=row["OpportunityId"],
        at=moment(at),
        field=DealField.OWNER,
        value=owner,
    )


def _first_owner_id(row: Row) -> str:
    """Sorts behind the ids of later changes."""
    passed = int(moment(row["CreatedDate"]).timestamp())
    return f"{_FAR - passed}:{row['Id']}:before"


def contact_role(row: Row) -> ContactRole:
    return ContactRole(
        id=row["Id"],
        deal_id=row["OpportunityId"],
        contact_id=row["ContactId"],
        role=row.get("Role"),
        primary=bool(row.get("IsPrimary")),
    )


def split(row: Row) -> Split:
    """Splits whose total is checked are those of the deal's revenue.

    What a split comes to is worked out from its deal: Salesforce changes it with the deal's
    amount, and says of the split itself that nothing changed.
    """
    kind = row.get("SplitType") or {}
    return Split(
        id=row["Id"],
        deal_id=row["OpportunityId"],
        owner_id=row["SplitOwnerId"],
        share=share(row["SplitPercentage"]) or 0.0,
        revenue=bool(kind.get("IsTotalValidated", True)),
    )


def quote(row: Row, sent: tuple[str, ...] = SENT) -> Quote:
    """Salesforce keeps no moment of sending; its state says whether it was."""
    return Quote(
        id=row["Id"],
        deal_id=row["OpportunityId"],
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["SystemModstamp"]),
        sent=row.get("Status") in sent,
        amount=money(row.get("TotalPrice")),
        currency=row.get("CurrencyIsoCode"),
    )
