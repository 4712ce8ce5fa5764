"""Companies, deals, their past, and who and what belongs to them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from crm_loop.records import Account, ContactRole, Deal, DealChange, DealField, Forecast, Split
from crm_loop_hubspot import values
from crm_loop_hubspot.translate.kinds import MERGED, MODIFIED, OWNER, Linked, Reading, Row

_FORECAST = "hs_manual_forecast_category"
_HISTORY = {
    "dealstage": DealField.STAGE,
    "amount": DealField.AMOUNT,
    "closedate": DealField.CLOSE_DATE,
    OWNER: DealField.OWNER,
    _FORECAST: DealField.FORECAST,
}
#: HubSpot's own values; an admin may rename their labels only.
_FORECASTS = {
    "OMIT": Forecast.OMITTED,
    "PIPELINE": Forecast.PIPELINE,
    "BEST_CASE": Forecast.BEST_CASE,
    "MOST_LIKELY": Forecast.MOST_LIKELY,
    "COMMIT": Forecast.COMMIT,
    "CLOSED": Forecast.CLOSED,
}


def account(linked: Linked, _reading: Reading) -> Account:
    props = linked.props
    return Account(
        id=linked.id,
        name=values.text(props.get("name")) or linked.id,
        owner_id=values.text(props.get(OWNER)),
        parent_id=values.text(props.get("hs_parent_company_id")),
    )


def deal(linked: Linked, reading: Reading) -> Deal:
    props = linked.props
    known = reading.stages.get(_stage_of(linked))
    pipeline, stage = _stage_of(linked)
    probability = values.decimal(props.get("hs_deal_stage_probability"))
    return Deal(
        id=linked.id,
        name=values.text(props.get("dealname")) or linked.id,
        owner_id=values.text(props.get(OWNER)),
        account_id=linked.first("companies"),
        pipeline=pipeline,
        stage=stage,
        # HubSpot calculates its own flags late, so the stage decides where it is known.
        is_closed=known.is_closed if known else values.flag(props.get("hs_is_closed")),
        is_won=known.is_won if known else values.flag(props.get("hs_is_closed_won")),
        amount=values.decimal(props.get("amount")),
        currency=values.text(props.get("deal_currency_code")) or reading.currency,
        close_date=values.day(props.get("closedate"), reading.zone),
        created_at=values.first_moment(props.get("createdate"), linked.row.get("createdAt")),
        modified_at=values.first_moment(props.get(MODIFIED), linked.row.get("updatedAt")),
        lost_reason=values.text(props.get("closed_lost_reason")),
        probability=None if probability is None else float(probability),
        forecast=_FORECASTS.get(props.get(_FORECAST) or ""),
        kind=values.text(props.get("dealtype")),
        source=values.text(props.get("hs_analytics_source")),
        next_step=values.text(props.get("hs_next_step")),
        home_amount=values.decimal(props.get("amount_in_home_currency")),
        staged_at=_staged_at(linked, stage, reading.entered),
        contacts=values.whole(props.get("num_associated_contacts")),
        custom={name: values.text(props.get(of)) for name, of in reading.deal_fields.items()},
    )


def _stage_of(linked: Linked) -> tuple[str, str]:
    props = linked.props
    pipeline = values.text(props.get("pipeline")) or "default"
    return pipeline, values.text(props.get("dealstage")) or ""


def _staged_at(linked: Linked, stage: str, entered: Mapping[str, str]) -> datetime | None:
    """When it came into its stage, as HubSpot keeps it for the stage it is in or for each."""
    name = entered.get("") or entered.get(stage)
    return values.moment(linked.props.get(name)) if name else None


def is_open(linked: Linked, reading: Reading) -> bool:
    """Whether the deal can still be worked on."""
    known = reading.stages.get(_stage_of(linked))
    closed = known.is_closed if known else values.flag(linked.props.get("hs_is_closed"))
    return not closed


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
                    value=_past_value(name, version.get("value"), reading),
                )


def _past_value(name: str, value: Any, reading: Reading) -> str | None:
    if name == "closedate":
        day = values.day(value, reading.zone)
        return day.isoformat() if day else None
    if name == _FORECAST:
        return _FORECASTS.get(values.text(value) or "")
    return values.text(value)


def roles(linked: Linked, _reading: Reading) -> Iterator[ContactRole]:
    """The contacts of a deal; a label of the portal's own says what each has to do with it."""
    for contact in linked.to.get("contacts") or ():
        yield ContactRole(
            id=role_id(linked.id, contact.id),
            deal_id=linked.id,
            contact_id=contact.id,
            role=contact.label,
            primary=contact.primary,
        )


def role_id(deal_id: str, contact_id: str) -> str:
    return f"{deal_id}:{contact_id}"


def splits(row: Row) -> Iterator[Split]:
    """HubSpot's splits are of the deal's revenue and add up to it; a share is 0 to 1."""
    for one in row.get("splits") or ():
        props = one.get("properties") or {}
        owner = values.text(props.get(OWNER))
        if owner is not None:
            yield Split(
                id=str(one["id"]),
                deal_id=str(row["id"]),
                owner_id=owner,
                share=float(values.decimal(props.get("hs_deal_split_percentage")) or 0),
                amount=values.decimal(props.get("hs_deal_split_amount")),
            )


def merged_into(row: Row) -> dict[str, str]:
    """Ids of the records that became part of this one, each with this one's id."""
    listed = values.text((row.get("properties") or {}).get(MERGED)) or ""
    survivor = str(row["id"])
    return {one: survivor for one in listed.replace(",", ";").split(";") if one and one != survivor}
