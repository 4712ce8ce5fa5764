"""Owners as people, pipelines as stages, goals as quotas, days off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_loop.records import Absence, Person, Quota, Stage
from crm_loop_hubspot import values
from crm_loop_hubspot.translate.kinds import OWNER, Linked, Reading, Row

_WON_PROBABILITY = 1


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known: users and names of teams, both by user id."""

    users: Mapping[str, Row] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)


def person(row: Row, reading: Reading, known: Known = Known()) -> Person:
    given, family = values.text(row.get("firstName")), values.text(row.get("lastName"))
    order = (family, given) if _family_first(given, family) else (given, family)
    email = values.text(row.get("email")) or ""
    user = user_id(row) or ""
    props = (known.users.get(user) or {}).get("properties") or {}
    return Person(
        id=str(row["id"]),
        email=email,
        name=" ".join(part for part in order if part) or email,
        active=not row.get("archived"),
        team=_primary_team(row) or known.teams.get(user),
        language=reading.language,
        time_zone=values.text(props.get("hs_standard_time_zone")),
        family_name=family,
        title=values.text(props.get("hs_job_title")),
    )


def user_id(row: Row) -> str | None:
    """The user behind an owner; only this field names the one of an archived owner."""
    return values.text(row.get("userIdIncludingInactive")) or values.text(row.get("userId"))


def users_by_id(rows: Sequence[Row]) -> dict[str, Row]:
    """Records of users by the id that owners and settings know them by."""
    ids = [values.text((row.get("properties") or {}).get("hs_internal_user_id")) for row in rows]
    return {one: row for one, row in zip(ids, rows, strict=True) if one is not None}


def owners_by_user(rows: Sequence[Row]) -> dict[str, str]:
    return {one: str(row["id"]) for row in rows if (one := user_id(row)) is not None}


def teams_by_user(rows: Sequence[Row]) -> dict[str, str]:
    """The name of the first team that names somebody as its own."""
    found: dict[str, str] = {}
    for row in rows:
        for one in row.get("userIds") or ():
            found.setdefault(str(one), str(row.get("name")))
    return found


def absences(owner: Row, users: Mapping[str, Row], reading: Reading) -> Iterator[Absence]:
    """Spans that a user shows as out of office, where they cover whole days."""
    props = (users.get(user_id(owner) or "") or {}).get("properties") or {}
    zone = _zone(values.text(props.get("hs_standard_time_zone")), reading.zone)
    for span in values.listed(props.get("hs_out_of_office_hours")):
        start = values.moment(span.get("startTimestamp"))
        end = values.moment(span.get("endTimestamp"))
        days = _whole_days(start.astimezone(zone), end.astimezone(zone)) if start and end else None
        if days:
            first, last = days
            absence_id = f"{owner['id']}:{first.isoformat()}"
            yield Absence(id=absence_id, person_id=str(owner["id"]), start=first, end=last)


def _zone(name: str | None, default: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else default
    except (ZoneInfoNotFoundError, ValueError):
        return default


def _whole_days(start: datetime, end: datetime) -> tuple[date, date] | None:
    """First and last day that lie wholly inside; two hours at the dentist's are no day off."""
    first = start.date() if start.time() == time(0) else start.date() + timedelta(days=1)
    last = (end + timedelta(seconds=1)).date() - timedelta(days=1)
    return (first, last) if first <= last else None


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


def has_no_owner(row: Row) -> bool:
    return values.text((row.get("properties") or {}).get(OWNER)) is None


def quota(
    linked: Linked, reading: Reading, of_user: Mapping[str, str] | None = None
) -> Quota | None:
    """None for goals of teams and for goals that count something else than revenue.

    Some goals name the user instead of the owner; `of_user` has owners by user.
    """
    props = linked.props
    user = values.text(props.get("hs_assignee_user_id")) or ""
    owner = values.text(props.get(OWNER)) or (of_user or {}).get(user)
    amount = values.decimal(props.get("hs_target_amount"))
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
