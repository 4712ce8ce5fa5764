"""Teams and currencies of the account."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.routing import Rule


def _teams(call: Call) -> Reply:
    call.require("settings.users.teams.read")
    results = [
        {
            "id": team_id,
            "name": name,
            "userIds": [str(owner.user_id) for owner in members if owner.active],
            "secondaryUserIds": [],
        }
        for (team_id, name), members in sorted(call.portal.owners.teams().items())
    ]
    return Reply({"results": results})


def _company_currency(call: Call) -> Reply:
    call.require("settings.currencies.read")
    return Reply({"currencyCode": call.portal.currency})


def _rates(call: Call) -> Reply:
    call.require("settings.currencies.read")
    portal = call.portal
    results: list[dict[str, Any]] = [
        {
            "id": str(portal.ids.small("rate", code)),
            "fromCurrencyCode": code,
            "toCurrencyCode": portal.currency,
            "conversionRate": float(portal.rates[code]),
            "effectiveAt": iso(0),
            "visibleInUI": True,
            "createdAt": iso(0),
            "updatedAt": iso(0),
        }
        for code in sorted(portal.rates)
    ]
    return Reply({"results": results})


RULES = (
    Rule("GET", "settings/users/teams", _teams),
    Rule("GET", "settings/currencies/company-currency", _company_currency),
    Rule("GET", "settings/currencies/exchange-rates", _rates),
    Rule("GET", "settings/currencies/exchange-rates/current", _rates),
)
