"""What the account is, and how much of its daily budget is used."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.moments import iso, to_ms
from crm_loop_sandbox.hubspot.routing import Rule


def details(call: Call) -> dict[str, Any]:
    portal = call.portal
    offset = portal.kernel.clock.now().astimezone(portal.zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return {
        "portalId": portal.portal_id,
        "accountType": "STANDARD",
        "timeZone": portal.zone.key,
        "companyCurrency": portal.currency,
        "additionalCurrencies": sorted(portal.rates),
        "utcOffset": f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


def usage(call: Call) -> dict[str, Any]:
    """Calls of today; the day ends at midnight in the account's time zone."""
    limits, zone = call.portal.limits, call.portal.zone
    now = datetime.fromtimestamp(call.now, UTC)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limits.daily_limit,
        "currentUsage": limits.used_today,
        "collectedAt": iso(to_ms(now)),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(to_ms(datetime.combine(tomorrow, time(), zone))),
    }


def _details(call: Call) -> Reply:
    return Reply(details(call))


def _usage(call: Call) -> Reply:
    return Reply({"results": [usage(call)]})


_V3 = frozenset({"v3"})
RULES = (
    Rule("GET", "account-info/details", _details),
    Rule("GET", "account-info/api-usage/daily", _usage, _V3),
    Rule("GET", "account-info/api-usage/daily/private-apps", _usage),
)
