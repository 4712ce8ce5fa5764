"""APIs that exist but whose scopes no app of this account was granted: all answer 403.

Tools that ask for forms, lists or marketing meet this in every account that sells and no more.
"""

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import missing_scopes
from crm_loop_sandbox.hubspot.routing import Found, Handler, Rule, split_version

#: The scope by the first words of the path, versions left out.
_SCOPES = {
    "automation": "automation",
    "business-units": "business_units_view.read",
    "cms": "content",
    "communication-preferences": "communication_preferences.read",
    "conversations": "conversations.read",
    "crm/exports": "crm.export",
    "crm/imports": "crm.import",
    "crm/lists": "crm.lists.read",
    "email": "content",
    "events": "business-intelligence",
    "files": "files",
    "forms": "forms",
    "marketing": "marketing-email",
}


def find(method: str, path: str) -> Found | None:
    """A rule that refuses; None where no such API is known."""
    version, parts = split_version(path)
    for length in (1, 2):
        scope = _SCOPES.get("/".join(parts[:length]))
        if scope is not None:
            return Found(Rule(method, path, _refusing(scope)), version, {})
    return None


def _refusing(scope: str) -> Handler:
    def refuse(call: Call) -> Reply:
        call.require(scope)
        raise missing_scopes([scope])

    return refuse
