"""The Salesforce connector keeps every promise of the contract."""

from collections.abc import Callable
from typing import Any

import pytest

from crm_loop.connector.contract import Connector
from crm_loop.connector.testing import ConnectorContract, Crm

SignedIn = Callable[[Any], Connector]


class TestSalesforce(ConnectorContract):
    """With our package in the org: the key has a unique field."""

    @pytest.fixture
    def crm(self, screens: Crm) -> Crm:
        return screens

    @pytest.fixture
    def connector(self, crm: Crm, signed_in: SignedIn) -> Connector:
        return signed_in(crm)


class TestSalesforceWithoutPackage(ConnectorContract):
    """Without it: the key is the body's last line."""

    @pytest.fixture
    def crm(self, bare_screens: Crm) -> Crm:
        return bare_screens

    @pytest.fixture
    def connector(self, crm: Crm, signed_in: SignedIn) -> Connector:
        return signed_in(crm)
