"""Companies, deals and the past of a deal."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.records import Account, Deal, DealChange, DealField
from crm_loop_hubspot import values
from crm_loop_hubspot.translate.kinds import MODIFIED, OWNER, Linked, Reading

_HISTORY = {
    "dealstage": DealField.STAGE,
    "amount": DealField.AMOUNT,
    "closedate": DealField.CLOSE_DATE,
    OWNER: DealField.OWNER,
}


def account(linked: Linked, _reading: Reading) -> Account:
    props = linked.props
    return Account(
        id=linked.id,
        name=values.text(props.get("name")) or linked.id,
        owner_id=values.text(props.get(OWNER)),
    )


def deal(linked: Linked, reading: Reading) -> Deal:
    props = linked.props
    pipeline = values.text(props.get("pipeline")) or "default"
    stage = values.text(props.get("dealstage")) or ""
    known = reading.stages.get((pipeline, stage))
    return Deal(
        id=linked.id,
        name=values.text(props.get("dealname")) or linked.id,
        owner_id=values.text(props.get(OWNER)),
        account_id=linked.to.get("companies"),
        pipeline=pipeline,
        stage=stage,
        # HubSpot calculates its own flags late, so the stage decides where it is known.
        is_closed=known.is_closed if known else values.flag(props.get("hs_is_closed")),
        is_won=known.is_won if known else values.flag(props.get("hs_is_closed_won")),
        amount=values.decimal(props.get("amount")),
        currency=values.text(props.get("deal_currency_code")) or reading.currency,
        close_date=values.day(props.get("closedate"), reading.zone),
        created_at=values.first_moment(linked.props.get("createdate"), linked.row.get("createdAt")),
        modified_at=values.first_moment(linked.props.get(MODIFIED), linked.row.get("updatedAt")),
        lost_reason=values.text(props.get("closed_lost_reason")),
    )


def changes(linked: Linked, reading: Reading) -> Iterator[DealChange]:
    """Each kept version of each watched property; of two in one millisecond, the newer."""
    seen = set()
    for name, versions in (linked.row.get("propertiesWithHistory") or {}).items():
        for version in versions:
            at = values.moment(version.get("timestamp"))
            if name not in _HISTORY or at is None:
                continue
            change_id = f"{linked.id}:{name}:{values.milliseconds(at)}"
            if change_id not in seen:
                seen.add(change_id)
                yield DealChange(
                    id=change_id,
                    deal_id=linked.id,
                    at=at,
                    field=_HISTORY[name],
                    value=_past_value(name, version.get("value"), reading.zone),
                )


def _past_value(name: str, value: Any, zone: ZoneInfo) -> str | None:
    if name == "closedate":
        day = values.day(value, zone)
        return day.isoformat() if day else None
    return values.text(value)
