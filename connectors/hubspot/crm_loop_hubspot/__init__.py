"""HubSpot, as a connector."""

from crm_loop.connector.contract import Account, Connector, Ports
from crm_loop_hubspot.profile import PROFILE

__all__ = ["PROFILE", "connect"]


def connect(account: Account, ports: Ports) -> Connector:
    """Open one HubSpot portal; nothing is sent before the first question.

    Credentials: `access_token` (service key or static-auth app), or `client_id`,
    `client_secret` and `refresh_token`. Settings, all optional: `portal_id` (checked),
    `api_version`, `tier` (`free`, where the portal itself does not tell), `key_property` (make
    the property for our key in a free portal too), `tasks_private`, `language`, `due_hour` (0-23,
    in the portal's time zone), `deal_fields` (our name: property of the portal's own;
    `activity_fields`, `task_fields`, `lead_fields`, `account_fields` likewise), `leads` (`leads`
    or `contacts`; else the portal decides), `overlap_minutes` (how late a search may show a
    change), `read_timeout` and `retry_wait` (seconds), `allow_loopback`.
    """
    from crm_loop_hubspot.connector import HubSpotConnector

    return HubSpotConnector(account, ports)
