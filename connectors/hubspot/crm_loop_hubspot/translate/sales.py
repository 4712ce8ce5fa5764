"""Quotes, leads with their owners, and exchange rates."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from crm_loop.records import Lead, LeadChange, Quote, Rate
from crm_loop_hubspot import values
from crm_loop_hubspot.translate.kinds import (
    ASSIGNED,
    CREATED,
    MODIFIED,
    OWNER,
    Linked,
    Reading,
    Row,
)

#: A quote is published, and so can be seen by the customer, in these states only.
SENT = ("APPROVED", "APPROVAL_NOT_NEEDED")
#: Stages of life in which somebody is yet to be won.
_TO_BE_WON = ("lead", "marketingqualifiedlead", "salesqualifiedlead")


def quote(linked: Linked, reading: Reading) -> Quote:
    props = linked.props
    return Quote(
        id=linked.id,
        deal_id=linked.first("deals"),
        created_at=values.first_moment(props.get("createdate"), linked.row.get("createdAt")),
        modified_at=values.first_moment(props.get(MODIFIED), linked.row.get("updatedAt")),
        sent=props.get("hs_status") in SENT,
        sent_at=_sent_at(linked),
        amount=values.decimal(props.get("hs_quote_amount")),
        currency=values.text(props.get("hs_currency")) or reading.currency,
    )


def _sent_at(linked: Linked) -> datetime | None:
    versions = (linked.row.get("propertiesWithHistory") or {}).get("hs_status") or ()
    sent = [values.moment(one.get("timestamp")) for one in versions if one.get("value") in SENT]
    return min((at for at in sent if at is not None), default=None)


def lead(linked: Linked, _reading: Reading) -> Lead:
    """A record of the leads object."""
    props = linked.props
    return Lead(
        id=linked.id,
        owner_id=values.text(props.get(OWNER)),
        created_at=values.first_moment(props.get(CREATED), linked.row.get("createdAt")),
        modified_at=values.first_moment(props.get(MODIFIED), linked.row.get("updatedAt")),
        company=values.text(props.get("hs_associated_company_name")),
        status=values.text(props.get("hs_pipeline_stage")),
        source=values.text(props.get("hs_lead_source")),
        assigned_at=values.moment(props.get(ASSIGNED)),
        account_id=linked.first("companies"),
        contact_id=linked.first("contacts"),
    )


def contact_as_lead(linked: Linked, _reading: Reading) -> Lead | None:
    """A contact that has an owner and is, or once was, a lead; nobody else's name is kept."""
    props = linked.props
    was_lead = values.text(props.get("hs_lifecyclestage_lead_date"))
    status = values.text(props.get("hs_lead_status"))
    stage = values.text(props.get("lifecyclestage"))
    owner = values.text(props.get(OWNER))
    if owner is None or not (stage in _TO_BE_WON or was_lead or status):
        return None
    deal = linked.first("deals")
    return Lead(
        id=linked.id,
        owner_id=owner,
        created_at=values.first_moment(props.get("createdate"), linked.row.get("createdAt")),
        modified_at=values.first_moment(props.get("lastmodifieddate"), linked.row.get("updatedAt")),
        company=values.text(props.get("company")),
        status=status or stage,
        source=values.text(props.get("hs_analytics_source")),
        assigned_at=values.moment(props.get(ASSIGNED)),
        deal_id=deal,
        account_id=linked.first("companies"),
        contact_id=linked.id,
    )


def owner_changes(linked: Linked, _reading: Reading) -> Iterator[LeadChange]:
    """Every owner that the history of a lead (or of a contact) names."""
    seen = set()
    for version in (linked.row.get("propertiesWithHistory") or {}).get(OWNER) or ():
        at, owner = values.moment(version.get("timestamp")), values.text(version.get("value"))
        if at is None or owner is None:
            continue
        change_id = f"{linked.id}:{values.milliseconds(at)}"
        if change_id not in seen:
            seen.add(change_id)
            yield LeadChange(id=change_id, lead_id=linked.id, at=at, owner_id=owner)


def rates(rows: Sequence[Row], reading: Reading) -> Iterator[Rate]:
    """Rates of every other currency, each until the next one comes into force.

    HubSpot multiplies an amount by `conversionRate` to get it in the company's currency.
    """
    dated = sorted(_dated(rows, reading), key=itemgetter(0, 1))
    for code, found in groupby(dated, key=itemgetter(0)):
        steps = list(found)
        ends = [start - timedelta(days=1) for _, start, _, _ in steps[1:]]
        for number, (_, start, rate_id, per_home) in enumerate(steps):
            yield Rate(
                id=rate_id,
                currency=code,
                per_home=per_home,
                # What came before the first one is not known better than by the first one.
                start=start if number else None,
                end=ends[number] if number < len(ends) else None,
            )


def _dated(rows: Sequence[Row], reading: Reading) -> Iterator[tuple[str, date, str, Decimal]]:
    for row in rows:
        code = values.text(row.get("fromCurrencyCode"))
        rate = values.decimal(row.get("conversionRate"))
        start = values.day(row.get("effectiveAt"), reading.zone)
        if code and rate and rate > 0 and start and code != reading.currency:
            yield code, start, str(row.get("id") or code), 1 / rate
