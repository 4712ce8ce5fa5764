"""Owners by the users behind them: records name users, people are owners."""

from collections.abc import Mapping

from crm_loop.connector.contract import Ports
from crm_loop_hubspot.translate.people import owners_by_user
from crm_loop_hubspot.transport import Api
from crm_loop_hubspot.whole import owners_of

_NOTE = "hubspot.users"


def owners_of_users(api: Api, ports: Ports) -> Mapping[str, str]:
    """Owner ids by user ids; asked for once a day."""
    today = ports.clock().date().isoformat()
    note = ports.notebook.get(_NOTE) or {}
    if note.get("on") != today:
        note = {"on": today, "owners": owners_by_user(owners_of(api))}
        ports.notebook.put(_NOTE, note)
    return {str(user): str(owner) for user, owner in note["owners"].items()}
