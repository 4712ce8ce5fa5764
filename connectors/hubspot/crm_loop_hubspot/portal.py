"""What this portal is and has: time zone, currency, a place for our key, goals."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_loop.connector.contract import Account, Capabilities
from crm_loop.errors import NeedsAttention
from crm_loop.records import Subject
from crm_loop_hubspot import values
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.translate.kinds import COMPANIES, GOALS, KEY, TASKS, Kind
from crm_loop_hubspot.transport import Api

#: Subjects that a portal may do without, and the object type whose reading decides.
_PROBED = {Subject.QUOTAS: GOALS, Subject.ACCOUNTS: COMPANIES}
#: Subjects that this connector does not read (yet); HubSpot has no fiscal periods at all.
_NOT_READ = (
    Subject.RATES,
    Subject.PERIODS,
    Subject.CONTACT_ROLES,
    Subject.SPLITS,
    Subject.QUOTES,
    Subject.LEADS,
    Subject.LEAD_CHANGES,
    Subject.PARTICIPANTS,
    Subject.ABSENCES,
)


class KeyPlace(StrEnum):
    """Where our key stands on a task; only in a unique property HubSpot refuses a second."""

    UNIQUE = "unique"
    PROPERTY = "property"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """The account's own settings."""

    id: str
    zone: ZoneInfo
    currency: str
    domain: str


def portal_of(api: Api, account: Account) -> Portal:
    """Raises NeedsAttention when the token opens another portal than the agreed one."""
    details = api.get(api.paths.account)
    portal_id = values.text(details.get("portalId")) or ""
    wanted = values.text(account.settings.get("portal_id")) or account.account_id
    if wanted and wanted != portal_id:
        raise NeedsAttention(
            f"The token belongs to portal {portal_id}, not to {wanted}.",
            code="connection.wrong_account",
            do="Connect HubSpot with a token of the right portal.",
        )
    api.zone = _zone(values.text(details.get("timeZone")))
    return Portal(
        id=portal_id,
        zone=api.zone,
        currency=values.text(details.get("companyCurrency")) or "",
        domain=values.text(details.get("uiDomain")) or "app.hubspot.com",
    )


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def key_place(api: Api) -> KeyPlace:
    try:
        known = api.get(api.paths.properties(TASKS.name, KEY))
    except (NotFound, MissingScope):
        return KeyPlace.BODY
    return KeyPlace.UNIQUE if known.get("hasUniqueValue") else KeyPlace.PROPERTY


def capabilities_of(api: Api, account: Account, portal: Portal, place: KeyPlace) -> Capabilities:
    missing = _missing(api)
    return Capabilities(
        account_id=portal.id,
        account_name=f"HubSpot {portal.id}",
        time_zone=portal.zone.key,
        currency=portal.currency,
        fiscal_start=None,
        subjects=frozenset(subject for subject in Subject if subject.value not in missing),
        missing=missing,
        unique_key=place is KeyPlace.UNIQUE,
        key_field=place is not KeyPlace.BODY,
        managers=False,
        private_tasks=bool(account.settings.get("tasks_private")),
        can_delete=True,
        deal_url=_record_url(portal, "0-3"),
        task_url=_record_url(portal, "0-27"),
    )


def _record_url(portal: Portal, kind: str) -> str:
    return f"https://{portal.domain}/contacts/{portal.id}/record/{kind}/{{id}}"


def _missing(api: Api) -> Mapping[str, str]:
    reasons = {subject.value: _why_unreadable(api, kind) for subject, kind in _PROBED.items()}
    unread = {subject.value: "not_read" for subject in _NOT_READ}
    return unread | {name: reason for name, reason in reasons.items() if reason}


def _why_unreadable(api: Api, kind: Kind) -> str | None:
    try:
        api.get(api.paths.objects(kind.name), [("limit", "1")])
    except MissingScope as error:
        return error.code
    except NotFound:
        return "crm.not_available"
    return None
