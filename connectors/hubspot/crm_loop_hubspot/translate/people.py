"""Owners as people, pipelines as stages, goals as quotas."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop.records import Person, Quota, Stage
from crm_loop_hubspot import values
from crm_loop_hubspot.translate.kinds import OWNER, Linked, Reading, Row

_WON_PROBABILITY = 1


def person(row: Row, reading: Reading) -> Person:
    given, family = values.text(row.get("firstName")), values.text(row.get("lastName"))
    order = (family, given) if _family_first(given, family) else (given, family)
    email = values.text(row.get("email")) or ""
    return Person(
        id=str(row["id"]),
        email=email,
        name=" ".join(part for part in order if part) or email,
        active=not row.get("archived"),
        team=_primary_team(row),
        language=reading.language,
        family_name=family,
    )


def _family_first(*names: str | None) -> bool:
    """Names in kana, kanji or hangul begin with the family, whatever the portal's language."""
    return any("\u3040" <= sign <= "\ud7a3" for name in names if name for sign in name)


def _primary_team(row: Row) -> str | None:
    teams = row.get("teams") or ()
    first = next((team for team in teams if team.get("primary")), None)
    return values.text(first.get("name")) if first else None


def is_person(row: Row) -> bool:
    """Queues have owner ids too."""
    return row.get("type") in (None, "PERSON")


def stages(pipeline: Row) -> Iterator[Stage]:
    for row in pipeline.get("stages") or ():
        if row.get("archived"):
            continue
        meta = row.get("metadata") or {}
        closed = values.flag(meta.get("isClosed"))
        probability = values.decimal(meta.get("probability"))
        yield Stage(
            pipeline=str(pipeline["id"]),
            id=str(row["id"]),
            label=str(row.get("label") or row["id"]),
            order=int(row.get("displayOrder") or 0),
            is_closed=closed,
            is_won=closed and probability == _WON_PROBABILITY,
            probability=None if probability is None else float(probability),
        )


def quota(linked: Linked, reading: Reading) -> Quota | None:
    """None for goals of teams and for goals that count something else than revenue."""
    props = linked.props
    owner, amount = values.text(props.get(OWNER)), values.decimal(props.get("hs_target_amount"))
    start = values.moment(props.get("hs_start_datetime"))
    end = values.moment(props.get("hs_end_datetime"))
    if not (owner and amount is not None and start and end and _is_revenue(linked)):
        return None
    return Quota(
        id=linked.id,
        owner_id=owner,
        kpi="bookings",
        period_start=_first_day(start, reading.zone),
        period_end=_last_day(end, reading.zone),
        amount=amount,
        currency=values.text(props.get("hs_goal_target_currency_code")) or reading.currency,
    )


def _is_revenue(linked: Linked) -> bool:
    measured = values.text(linked.props.get("hs_kpi_property_name"))
    if measured is None:
        return linked.props.get("hs_goal_type") == "sales_quota"
    return measured in {"amount", "amount_in_home_currency"}


def _first_day(start: datetime, zone: ZoneInfo) -> date:
    return start.astimezone(_calendar_of(start, zone)).date()


def _last_day(end: datetime, zone: ZoneInfo) -> date:
    """Ends are written as 23:59:59.999 or as the midnight after it."""
    return (end - timedelta(milliseconds=1)).astimezone(_calendar_of(end, zone)).date()


def _calendar_of(edge: datetime, zone: ZoneInfo) -> ZoneInfo:
    """Goals are cut at midnight UTC in some portals and at local midnight in others."""
    at = edge.astimezone(UTC).time()
    return ZoneInfo("UTC") if at == time(0) or at >= time(23, 59, 59) else zone
