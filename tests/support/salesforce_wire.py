"""A Salesforce of written answers, down to the token endpoint."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import responses

from crm_loop.connector.contract import Account
from crm_loop.connector.memory import MemoryPorts
from crm_loop_salesforce.connector import SalesforceConnector

LOGIN = "https://login.salesforce.com"
TOKEN_URL = f"{LOGIN}/services/oauth2/token"
INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v67.0/"
ORG_ID = "00D5g000004AbcDEAS"
SECRET = "00D5g!the-access-token"
KEY = "cl1t" + "0a" * 20
TASK_ID = "00T5g000001AbCdEAK"
SECRETS = {"client_id": "3MVG9", "client_secret": "the-client-secret"}
TASK_FIELDS = ("Id", "OwnerId", "Subject", "Description", "ActivityDate", "WhatId", "IsClosed",
               "CompletedDateTime", "IsDeleted", "SystemModstamp")  # fmt: skip


class Wire:
    """A Salesforce of written answers."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    def signs_in(self, **answer: Any) -> None:
        identity = f"{LOGIN}/id/{ORG_ID}/0055g000001AbCdEAK"
        body = {"access_token": SECRET, "instance_url": INSTANCE, "id": identity, **answer}
        self.mock.post(TOKEN_URL, json=body)

    def says(self, method: str, path: str, body: Any, **options: Any) -> None:
        self.mock.add(method, DATA + path, json=body, **options)

    def has_our_field(self) -> None:
        fields: list[dict[str, Any]] = [{"name": name} for name in TASK_FIELDS]
        flags = {"externalId": True, "unique": True, "createable": True}
        statuses = [{"value": "未着手", "defaultValue": True, "active": True}]
        fields += [
            {"name": "CrmLoop_Key__c", **flags},
            {"name": "Status", "picklistValues": statuses},
        ]
        self.says("GET", "sobjects/Task/describe", {"fields": fields})

    def answers_rows(self, *rows: Mapping[str, Any]) -> None:
        self.says("POST", "composite/sobjects", list(rows))

    def holds(self, *found: Mapping[str, Any]) -> None:
        self.says("GET", "queryAll", {"records": list(found), "done": True})

    def sent(self, method: str, url: str) -> list[Any]:
        calls = [call.request for call in self.mock.calls]
        return [one.body for one in calls if one.method == method and one.url == url]

    def form(self) -> dict[str, str]:
        (body,) = self.sent("POST", TOKEN_URL)
        return {name: values[0] for name, values in parse_qs(body).items()}

    def connector(self, *, org_id: str | None = None, **credentials: str) -> SalesforceConnector:
        account = Account(
            organisation="acme",
            connection="salesforce",
            url=LOGIN,
            settings={"org_id": org_id} if org_id else {},
            credentials=credentials or SECRETS,
        )
        return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)
