"""What this portal is and has: time zone, currency, a place for our key, goals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_loop.connector.contract import Account, Capabilities
from crm_loop.errors import NeedsAttention, Refused
from crm_loop.records import Subject
from crm_loop_hubspot import values
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.listing import archived_query, list_query
from crm_loop_hubspot.own_fields import unknown_fields
from crm_loop_hubspot.translate.kinds import (
    COMPANIES,
    EMAILS,
    GOALS,
    KEY,
    QUOTES,
    TASKS,
    USERS,
    Kind,
)
from crm_loop_hubspot.transport import Api

#: Object types that a portal may do without, by the subject or type that lacks
#: without them.
_PROBED: Mapping[Subject | str, Kind] = {
    Subject.ACCOUNTS: COMPANIES,
    Subject.QUOTES: QUOTES,
    Subject.QUOTAS: GOALS,
    EMAILS.name: EMAILS,
}
#: HubSpot keeps no fiscal calendar, and whom a meeting was with stands on the meeting itself.
_NEVER = {
    Subject.PERIODS.value: "hubspot.keeps_none",
    Subject.PARTICIPANTS.value: "hubspot.on_the_activity",
}


#: Properties of its own that a free portal may have; any other may have a thousand an object.
FREE_PROPERTIES = 10
#: What an admin would have to grant, for types that a subject can do without.
_SCOPE_OF = {EMAILS.name: "emails (sales-email-read)"}


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
    zone = api.zone = _zone(values.text(details.get("timeZone")))
    return Portal(
        id=portal_id,
        zone=zone,
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
    refused, free = _refused(api), is_free(api, account)
    missing = _NEVER | {
        one.value: reason for one, reason in refused.items() if isinstance(one, Subject)
    }
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
        # Free portals cannot hide a task from anybody, whatever the settings say.
        private_tasks=bool(account.settings.get("tasks_private")) and not free,
        privacy_asked="tasks_private" not in account.settings and not free,
        hidden=[_SCOPE_OF[EMAILS.name]] if EMAILS.name in refused else [],
        unknown_fields=unknown_fields(api, account.settings),
        can_delete=True,
        deal_url=_record_url(portal, "0-3"),
        task_url=_record_url(portal, "0-27"),
        urls={
            "account": _record_url(portal, "0-2"),
            "quote": _record_url(portal, "0-14"),
        },
    )


def is_free(api: Api, account: Account) -> bool:
    """Whether the portal is a free one, as an admin said or as its few properties tell.

    Where HubSpot tells neither, an admin is asked who sees tasks.
    """
    if account.settings.get("tier") == "free":
        return True
    try:
        told = api.get(api.paths.property_limits).get("byObjectType")
    except (Refused, MissingScope):
        return False
    limits = [values.whole(row.get("limit")) for row in told or () if isinstance(row, dict)]
    return any(limit is not None and limit <= FREE_PROPERTIES for limit in limits)


def keeps_figures(api: Api, account: Account) -> bool:
    """Whether users do not see each other's tasks, as an admin has confirmed."""
    return bool(account.settings.get("tasks_private")) and not is_free(api, account)


def _record_url(portal: Portal, kind: str) -> str:
    return f"https://{portal.domain}/contacts/{portal.id}/record/{kind}/{{id}}"


def _refused(api: Api) -> Mapping[Subject | str, str]:
    """Why a subject, or an object type of one, cannot be read here; all are asked for at once.

    Asked is what a pull reads first of it, so that a pull need not ask again.
    """
    questions: dict[Subject | str, Callable[[], object]] = {
        of: partial(api.peek, api.paths.objects(kind.name), archived_query(kind))
        for of, kind in _PROBED.items()
    }
    users = list_query(USERS)
    questions[Subject.ABSENCES] = partial(api.peek, api.paths.objects(USERS.name), users)
    questions[Subject.RATES] = partial(api.peek, api.paths.exchange_rates)
    questions[Subject.SPLITS] = partial(api.ask, api.paths.splits, {"inputs": [{"id": "1"}]})
    reasons = api.together([partial(_why_refused, ask) for ask in questions.values()])
    return {one: reason for one, reason in zip(questions, reasons, strict=True) if reason}


def _why_refused(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except MissingScope as error:
        return error.code
    except NotFound:
        return "crm.not_available"
    return None
