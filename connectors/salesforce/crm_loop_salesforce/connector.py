"""The contract, fulfilled over Salesforce's REST API."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from time import sleep

from crm_loop.connector.contract import (
    Account,
    Batch,
    Capabilities,
    Change,
    Cursor,
    Found,
    Outcome,
    Ports,
    Sought,
)
from crm_loop.records import Subject
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.look_up import look_up
from crm_loop_salesforce.pull import Puller
from crm_loop_salesforce.transport import Api
from crm_loop_salesforce.write import Writer


class SalesforceConnector:
    """One org; describes are asked for once a connector, so make a new one for each job."""

    def __init__(
        self, account: Account, ports: Ports, *, sleep: Callable[[float], None] = sleep
    ) -> None:
        self._api = Api(account, ports, sleep=sleep)
        self._org = Org(self._api)

    def capabilities(self) -> Capabilities:
        return self._org.capabilities()

    def provision(self) -> Sequence[str]:
        """Nothing: fields come with the package that an admin installs."""
        return ()

    def clock(self) -> datetime:
        return self._api.time(afresh=True)

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        yield from Puller(self._api, self._org).pull(subject, cursor)

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        return look_up(self._api, self._org, sought)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return Writer(self._api, self._org).apply(changes)
