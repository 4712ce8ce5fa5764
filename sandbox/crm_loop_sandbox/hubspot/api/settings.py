"""Users, teams and currencies of the account."""

from decimal import Decimal
from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.owners import Owner
from crm_loop_sandbox.hubspot.routing import DATED, V3, Rule

_USERS = ("settings.users.read",)
_TEAMS = ("settings.users.teams.read",)
_CURRENCIES = ("settings.currencies.read",)
_PAGE = 100


def _users(call: Call) -> Reply:
    call.require(*_USERS)
    limit, after = call.whole("limit", _PAGE, most=_PAGE), call.after()
    users = [one for one in call.portal.owners.all(active=True) if one.user_id >= after]
    users.sort(key=lambda one: one.user_id)
    more = {"paging": call.next_page(users[limit].user_id)} if len(users) > limit else {}
    return Reply({"results": [_user(one) for one in users[:limit]], **more})


def _user(owner: Owner) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(owner.user_id),
        "email": owner.email,
        "firstName": owner.given_name,
        "lastName": owner.family_name,
        "roleIds": [],
        "superAdmin": False,
    }
    if owner.teams:
        shown["primaryTeamId"] = owner.teams[0][0]
        shown["secondaryTeamIds"] = [team_id for team_id, _ in owner.teams[1:]]
    return shown


def _one_user(call: Call) -> Reply:
    call.require(*_USERS)
    name, owners = call.names["id"], call.portal.owners
    if call.query.get("idProperty") == "EMAIL":
        owner = owners.named(name)
    else:
        owner = owners.of_user(int(name)) if name.isdecimal() else None
    if owner is None or not owner.active:
        raise not_found()
    return Reply(_user(owner))


def _roles(call: Call) -> Reply:
    call.require(*_USERS)
    return Reply({"results": []})


def _teams(call: Call) -> Reply:
    call.require(*_TEAMS)
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


def _team_list(call: Call) -> Reply:
    """The newer API: teams without their members."""
    call.require(*_TEAMS)
    teams = sorted(call.portal.owners.teams())
    return Reply({"results": [{"id": team_id, "name": name} for team_id, name in teams]})


def _members(call: Call) -> list[Owner]:
    call.require(*_TEAMS)
    teams = call.portal.owners.teams()
    found = next((team for team in teams if team[0] == call.names["team"]), None)
    if found is None:
        raise not_found()
    return [owner for owner in teams[found] if owner.active]


def _one_team(call: Call) -> Reply:
    members, team_id = _members(call), call.names["team"]
    names = [name for owner in members for one, name in owner.teams if one == team_id]
    return Reply({"id": team_id, "name": names[0] if names else ""})


def _team_members(call: Call) -> Reply:
    members = _members(call)
    shown = [{"userId": str(owner.user_id), "type": "DEFAULT"} for owner in members]
    return Reply({"results": shown})


def _company_currency(call: Call) -> Reply:
    call.require(*_CURRENCIES)
    return Reply({"currencyCode": call.portal.currency})


def _rate(call: Call, code: str, rate: Decimal) -> dict[str, Any]:
    return {
        "id": str(call.portal.ids.small("rate", code)),
        "fromCurrencyCode": code,
        "toCurrencyCode": call.portal.currency,
        "conversionRate": float(rate),
        "effectiveAt": iso(0),
        "visibleInUI": True,
        "createdAt": iso(0),
        "updatedAt": iso(0),
    }


def _rates(call: Call) -> Reply:
    call.require(*_CURRENCIES)
    rates = sorted(call.portal.rates.items())
    return Reply({"results": [_rate(call, code, rate) for code, rate in rates]})


def _one_rate(call: Call) -> Reply:
    call.require(*_CURRENCIES)
    shown = (_rate(call, code, rate) for code, rate in call.portal.rates.items())
    found = next((one for one in shown if one["id"] == call.names["id"]), None)
    if found is None:
        raise not_found()
    return Reply(found)


_RATES = "settings/currencies/exchange-rates"
RULES = (
    Rule("GET", "settings/users", _users),
    Rule("GET", "settings/users/roles", _roles),
    Rule("GET", "settings/users/teams", _teams, V3 - {"2026-09"}),
    Rule("GET", "settings/users/{id}", _one_user),
    Rule("GET", "settings/teams", _team_list, DATED),
    Rule("GET", "settings/teams/{team}", _one_team, DATED),
    Rule("GET", "settings/teams/{team}/members", _team_members, DATED),
    Rule("GET", "settings/currencies/company-currency", _company_currency),
    Rule("GET", _RATES, _rates),
    Rule("GET", f"{_RATES}/current", _rates),
    Rule("GET", f"{_RATES}/{{id}}", _one_rate),
)
