"""What may be read before it is anybody's turn, and that no two threads share a client."""

from threading import Thread
from typing import Any

import pytest
import responses

from crm_loop.connector.contract import Account
from crm_loop.connector.memory import MemoryNotebook, MemoryPorts
from crm_loop.records import Subject
from crm_loop_salesforce.bulk_load import BulkLoad
from crm_loop_salesforce.transport import Api

INSTANCE = "https://acme.my.salesforce.com"


@pytest.fixture
def load() -> BulkLoad:
    nothing: Any = None
    return BulkLoad(org=nothing, bulk=nothing, notebook=MemoryNotebook())


def test_without_jobs_nothing_is_read_ahead(load: BulkLoad) -> None:
    load.notebook.put("bulk:deals", {"read": True})
    assert not load.may_run_ahead(Subject.DEALS)


def test_changes_that_no_job_reads_are_no_older_than_their_deals(load: BulkLoad) -> None:
    load.notebook.put("bulk:deals", {"job": "750"})
    assert load.may_run_ahead(Subject.DEALS)
    assert not load.may_run_ahead(Subject.CHANGES)
    load.notebook.put("bulk:history", {"job": "751"})
    assert load.may_run_ahead(Subject.CHANGES)


@responses.activate
def test_each_thread_says_for_itself_what_its_calls_are_for() -> None:
    token = {"access_token": "00D!x", "instance_url": INSTANCE, "id": f"{INSTANCE}/id/00D/005"}
    responses.post(f"{INSTANCE}/services/oauth2/token", json=token)
    responses.get(f"{INSTANCE}/services/data/v67.0/sobjects", json={"sobjects": []})
    ports = MemoryPorts()
    credentials = {"client_id": "3MVG9", "client_secret": "secret"}
    account = Account(organisation="acme", connection="sf", url=INSTANCE, credentials=credentials)
    api = Api(account, ports.ports)

    def load() -> None:
        api.purpose = "load"
        api.get("sobjects")

    api.purpose = "read"
    thread = Thread(target=load)
    thread.start()
    thread.join()
    api.get("sobjects")
    assert ports.gate.calls == {"sign_in": 1, "load": 1, "read": 1}
