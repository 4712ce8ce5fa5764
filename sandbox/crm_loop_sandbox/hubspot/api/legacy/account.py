"""Account information v1: which account the token belongs to, and its daily limit."""

from crm_loop_sandbox.hubspot.api.account import details, usage
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.routing import V1, Rule


def _me(call: Call) -> Reply:
    known = details(call)
    kept = ("portalId", "timeZone", "accountType", "utcOffset", "utcOffsetMilliseconds")
    more = {"currency": known["companyCurrency"], "appId": int(call.caller.app_id)}
    return Reply({name: known[name] for name in kept} | more)


def _limit(call: Call) -> Reply:
    return Reply([usage(call)])


RULES = (
    Rule("GET", "integrations/me", _me, V1),
    Rule("GET", "integrations/limit/daily", _limit, V1),
)
