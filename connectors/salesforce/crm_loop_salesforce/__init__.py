"""Salesforce, as a connector."""

from crm_loop.connector.contract import Account, Connector, Ports
from crm_loop_salesforce.profile import PROFILE

__all__ = ["PROFILE", "connect"]


def connect(account: Account, ports: Ports) -> Connector:
    """Open one Salesforce org; nothing is sent before the first question.

    Credentials, the first complete set wins: `client_id`, `username`, `private_key` (JWT
    bearer); `client_id`, `client_secret` (client credentials); the same with `refresh_token`;
    with `username`, `password` (trials). Settings, all optional: `org_id` (checked),
    `read_timeout` and `retry_wait` (seconds), `page_size` (rows), `allow_loopback`,
    `bulk_from` (rows from which an object is first loaded by a bulk job), `overlap_minutes` (of
    two readings). What an org calls its own things: `deal_fields` (fields of opportunities by
    our name; `activity_fields`, `task_fields`, `lead_fields`, `account_fields` likewise),
    `task_types` (call, meeting or email by the org's type of task), `quote_sent` (states of a
    quote that the customer has seen).
    """
    from crm_loop_salesforce.connector import SalesforceConnector

    return SalesforceConnector(account, ports)
