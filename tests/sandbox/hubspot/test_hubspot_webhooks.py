"""Webhooks: what is sent, how it is signed, and what happens when nobody takes it."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.utils.signature import Signature
from hubspot.webhooks import SettingsChangeRequest, SubscriptionCreateRequest

from crm_loop_sandbox.hubspot.webhooks import Sender, signing
from crm_loop_sandbox.world.story import Deed

START = datetime(2026, 6, 15, tzinfo=UTC)


class Receiver:
    """Takes what is posted to it; refuses as often as it was told to."""

    def __init__(self) -> None:
        self.taken: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.refusals = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.put((dict(self.headers.items()), body))
                receiver.refusals -= 1
                self.send_response(500 if receiver.refusals >= 0 else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?account=1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def next(self) -> list[Any]:
        events: list[Any] = json.loads(self.taken.get(timeout=5)[1])
        return events

    def events(self, count: int) -> list[Any]:
        """So many events, in however many requests they come."""
        found: list[Any] = []
        while len(found) < count:
            found += self.next()
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def subscribe(sandbox: Any, receiver: Receiver) -> Callable[..., str]:
    """Send the sandbox's events of one kind to the receiver."""
    app, key = sandbox.access["app_id"], sandbox.access["developer_api_key"]
    base = f"/webhooks/v3/{app}"
    sandbox.call("PUT", f"{base}/settings?hapikey={key}", {"targetUrl": receiver.url})

    def add(event_type: str, **more: Any) -> str:
        body = {"eventType": event_type, "active": True, **more}
        made = sandbox.call("POST", f"{base}/subscriptions", body)
        return str(made.body["id"])

    return add


def test_a_changed_property_is_told(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    named = subscribe("object.propertyChange", objectTypeId="0-27", propertyName="hs_task_status")
    task = sandbox.make_task().body["id"]
    receiver.next()
    changes = {"properties": {"hs_task_status": "COMPLETED", "hs_task_body": "x"}}
    sandbox.call("PATCH", f"/crm/v3/objects/tasks/{task}", changes)
    (event,) = receiver.next()
    assert event["subscriptionId"] == int(named)
    assert (event["objectId"], event["objectTypeId"]) == (int(task), "0-27")
    assert (event["propertyName"], event["propertyValue"]) == ("hs_task_status", "COMPLETED")
    assert event["portalId"] == sandbox.access["portal_id"]


def test_a_request_holds_fewer_than_a_hundred_events(receiver: Receiver) -> None:
    Sender("secret").send(receiver.url, [{"eventId": number} for number in range(150)])
    assert [len(receiver.next()), len(receiver.next())] == [99, 51]


def test_a_batch_is_told_record_by_record(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    subscribe("task.creation")
    inputs = [{"properties": {"hs_timestamp": "2026-06-20"}} for _ in range(100)]
    made = sandbox.call("POST", "/crm/v3/objects/tasks/batch/create", {"inputs": inputs})
    told = {str(event["objectId"]) for event in receiver.events(100)}
    assert told == {one["id"] for one in made.body["results"]}


def test_hubspots_own_helper_accepts_the_signature(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    subscribe("task.creation")
    sandbox.make_task()
    headers, body = receiver.taken.get(timeout=5)
    assert Signature.is_valid(
        signature=headers["X-HubSpot-Signature-v3"],
        client_secret=sandbox.access["app_secret"],
        request_body=body.decode(),
        http_uri=receiver.url,
        http_method="POST",
        signature_version="v3",
        timestamp=headers["X-HubSpot-Request-Timestamp"],
    )


def test_the_signed_address_is_decoded_in_part() -> None:
    plain, coded = ("http://127.0.0.1:1/a@b?c d", "http://127.0.0.1:1/a%40b?c d")
    signatures = {signing.signature("s", url, b"[]", ms=1) for url in (plain, coded)}
    assert len(signatures) == 1


def test_what_nobody_takes_is_sent_again(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    receiver.refusals = 1
    subscribe("task.creation")
    sandbox.make_task()
    first, second = receiver.next(), receiver.next()
    assert (first[0]["attemptNumber"], second[0]["attemptNumber"]) == (0, 1)
    assert first[0]["eventId"] == second[0]["eventId"]


def test_an_event_may_come_twice(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    sandbox.faults.armed["webhook_twice"] = 1
    subscribe("task.creation")
    sandbox.make_task()
    first, second = receiver.next()
    assert first == second


def test_deletion_merge_and_association_are_told(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    for event_type in ("deal.deletion", "deal.merge", "deal.associationChange"):
        subscribe(event_type)
    deal, other = sandbox.id_of("d1"), sandbox.id_of("d3")
    both = {"primaryObjectId": deal, "objectIdToMerge": other}
    sandbox.call("POST", "/crm/v3/objects/deals/merge", both)
    edge = f"/crm/v4/objects/deals/{deal}/associations/contacts/{sandbox.id_of('kim')}"
    sandbox.call("DELETE", edge)
    sandbox.call("DELETE", f"/crm/v3/objects/deals/{deal}")
    assert [event["subscriptionType"] for event in receiver.events(3)] == [
        "deal.merge",
        "deal.associationChange",
        "deal.deletion",
    ]


def test_what_people_do_is_told_as_theirs(
    sandbox: Any, receiver: Receiver, subscribe: Callable[..., str]
) -> None:
    subscribe("deal.propertyChange", propertyName="dealstage")
    deed = Deed(at=START, actor_email="ann@example.com", do="close", object="deal", ref="d1")
    sandbox.face.act(deed)
    (event,) = receiver.next()
    assert (event["changeSource"], event["propertyValue"]) == ("CRM_UI", "closedwon")


def test_the_typed_client_manages_subscriptions(sandbox: Any, receiver: Receiver) -> None:
    app = sandbox.access["app_id"]
    developer = HubSpot(api_key=sandbox.access["developer_api_key"], host=sandbox.url)
    webhooks = developer.webhooks
    webhooks.settings_api.configure(
        app,
        SettingsChangeRequest(target_url=receiver.url, throttling={"maxConcurrentRequests": 10}),
    )
    request = SubscriptionCreateRequest(event_type="deal.creation", active=True)
    made = webhooks.subscriptions_api.create(app, request)
    assert webhooks.settings_api.get_all(app).target_url == receiver.url
    assert [one.id for one in webhooks.subscriptions_api.get_all(app).results] == [made.id]
    webhooks.subscriptions_api.archive(made.id, app)
    assert webhooks.subscriptions_api.get_all(app).results == []


def test_nothing_is_sent_to_another_machine(sandbox: Any) -> None:
    path = f"/app-webhooks/2026-09/{sandbox.access['app_id']}/settings"
    answer = sandbox.call("PUT", path, {"targetUrl": "http://crm.example/hooks"})
    assert answer.status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"eventType": "deal.explosion"},
        {"eventType": "deal.propertyChange"},
        {"eventType": "deal.propertyChange", "propertyName": "hs_lastmodifieddate"},
        {"eventType": "object.creation", "objectTypeId": "9-99"},
    ],
)
def test_what_cannot_be_heard_is_refused(sandbox: Any, body: Any) -> None:
    path = f"/webhooks/v3/{sandbox.access['app_id']}/subscriptions"
    assert sandbox.call("POST", path, body).status == 400


def test_another_app_has_no_settings(sandbox: Any) -> None:
    assert sandbox.call("GET", "/webhooks/v3/1/settings").status == 404
