"""Messages of HubSpot: who is believed, and what they lead to."""

import asyncio
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop_hubspot.webhooks.receiver import Door, Memory, Receiver
from crm_loop_hubspot.webhooks.signature import Signed, is_genuine, signature_of

NOW = datetime(2026, 6, 15, 3, 0, tzinfo=UTC)
SECRET = "app-secret"
URL = "https://loop.example.jp/webhooks/hubspot"
EVENT = {
    "eventId": 3816279340,
    "portalId": 33,
    "occurredAt": 1763913600000,
    "subscriptionType": "object.propertyChange",
    "objectId": 9001,
    "objectTypeId": "0-27",
    "propertyName": "hs_task_status",
}


def at(**ago: float) -> str:
    return str(int((NOW - timedelta(**ago)).timestamp() * 1000))


def message(events: Any = (EVENT,), *, stamp: str = at(), secret: str = SECRET) -> Signed:
    body = json.dumps(list(events)).encode()
    unsigned = Signed(method="POST", url=URL, body=body, headers={})
    headers = {
        "x-hubspot-signature-v3": signature_of(unsigned, secret, stamp),
        "x-hubspot-request-timestamp": stamp,
    }
    return Signed(method="POST", url=URL, body=body, headers=headers)


class House:
    """Counts how often the bell rang."""

    def __init__(self) -> None:
        self.rung = 0
        self.forgotten: list[str] = []
        self.broken = False
        self.door = door = Door(
            secret=SECRET,
            portal="33",
            ring=self.ring,
            forget=self.forget,
            public_url="https://loop.example.jp",
            clock=lambda: self.now,
        )
        # It has been running for a while.
        self.now = NOW - timedelta(hours=1)
        self.receiver = Receiver(door)
        self.now = NOW

    def ring(self) -> None:
        self.rung += 1

    def forget(self, contact: str) -> None:
        if self.broken:
            raise OSError
        self.forgotten.append(contact)

    def asks(
        self, request: Signed, *, method: str = "POST", path: str = "/webhooks/hubspot"
    ) -> int:
        """The status of the answer, through the application itself."""
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(k.encode(), v.encode()) for k, v in request.headers.items()],
        }
        sent: list[dict[str, Any]] = []
        half = len(request.body) // 2
        parts = iter(
            [
                {"type": "http.request", "body": request.body[:half], "more_body": True},
                {"type": "http.request", "body": request.body[half:]},
            ]
        )

        async def receive() -> Any:
            return next(parts)

        async def send(answer: Any) -> None:
            sent.append(answer)

        asyncio.run(self.receiver(scope, receive, send))
        return int(sent[0]["status"])


def test_a_message_that_was_captured_before_a_restart_rings_no_second_time() -> None:
    captured = message(stamp=at(minutes=3))
    before, after = House(), House()
    assert before.asks(captured) == 204
    after.now = NOW - timedelta(minutes=2)
    after.receiver = Receiver(after.door)
    after.now = NOW
    assert after.asks(captured) == 204
    assert (before.rung, after.rung) == (1, 0)
    assert after.asks(message([EVENT | {"objectId": 9002}], stamp=at(minutes=1))) == 204
    assert after.rung == 1


def test_an_erasure_from_before_a_restart_is_still_done() -> None:
    house = House()
    house.receiver = Receiver(house.door)
    assert house.asks(message([ERASURES[0]], stamp=at(minutes=3))) == 204
    assert house.forgotten == ["701"]


def test_the_bell_rings_once_at_the_start_for_what_came_while_nobody_listened() -> None:
    house, sent = House(), list[Any]()
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(answer: Any) -> None:
        sent.append(answer)

    asyncio.run(house.receiver({"type": "lifespan"}, receive, send))
    assert (house.rung, len(sent)) == (1, 2)


def test_a_stamp_that_looks_like_a_date_is_believed_as_the_moment_that_it_is() -> None:
    stamp = "1796010101030"
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(stamp))
    assert is_genuine(message(stamp=stamp), SECRET, now)


ERASURES = [
    {"subscriptionType": "contact.privacyDeletion", "portalId": 33, "objectId": 701},
    {"subscriptionType": "object.privacyDeletion", "objectTypeId": "0-1", "portalId": 33,
     "objectId": 701},
]  # fmt: skip


@pytest.mark.parametrize("event", ERASURES)
def test_a_contact_that_is_erased_in_hubspot_is_erased_here(event: Any) -> None:
    house = House()
    assert house.asks(message([EVENT, event])) == 204
    assert house.forgotten == ["701"]


@pytest.mark.parametrize(
    "event",
    [ERASURES[0] | {"portalId": 34}, ERASURES[1] | {"objectTypeId": "0-2"},
     {"subscriptionType": "contact.deletion", "portalId": 33, "objectId": 701}],
)  # fmt: skip
def test_nobody_is_erased_for_another_portal_or_because_a_record_was_deleted(event: Any) -> None:
    house = House()
    house.asks(message([event]))
    assert house.forgotten == []


def test_nobody_is_erased_by_a_forged_message() -> None:
    house = House()
    assert house.asks(message(ERASURES, secret="other")) == 401
    assert house.forgotten == []


def test_an_erasure_that_fails_is_done_when_hubspot_sends_it_again() -> None:
    house = House()
    house.broken = True
    with pytest.raises(OSError):  # noqa: PT011 - the server answers 500
        house.asks(message(ERASURES[:1]))
    house.broken = False
    assert house.asks(message(ERASURES[:1])) == 204
    assert house.forgotten == ["701"]


def test_a_genuine_message_rings_the_bell() -> None:
    house = House()
    assert (house.asks(message()), house.rung) == (204, 1)


def test_the_signature_is_that_of_hubspots_documentation() -> None:
    """Method, address, raw body and time, in this order, with HMAC-SHA256 in base64."""
    request = Signed(method="POST", url=f"{URL}?a=1%20b&c=%2Fd%40e", body=b'{"x": 1}', headers={})
    text = f'POST{URL}?a=1%20b&c=/d@e{{"x": 1}}1700000000000'
    right = b64encode(hmac.digest(SECRET.encode(), text.encode(), "sha256")).decode()
    assert signature_of(request, SECRET, "1700000000000") == right


def test_a_copy_of_a_message_is_dropped() -> None:
    house = House()
    one = message()
    assert [house.asks(one), house.asks(one), house.rung] == [204, 204, 1]


def test_an_event_that_is_sent_again_in_another_message_rings_no_second_time() -> None:
    house = House()
    house.asks(message())
    house.asks(message(stamp=at(seconds=-1)))
    assert house.rung == 1


@pytest.mark.parametrize(
    ("stamp", "status"),
    [
        (at(minutes=4, seconds=59), 204),
        (at(minutes=5, seconds=1), 401),
        (at(seconds=-59), 204),
        (at(seconds=-61), 401),
        ("", 401),
        ("yesterday", 401),
        ("９９", 401),
        ("9" * 40, 401),
    ],
)
def test_only_fresh_messages_are_believed(stamp: str, status: int) -> None:
    assert House().asks(message(stamp=stamp)) == status


def test_another_secret_is_not_believed() -> None:
    house = House()
    assert (house.asks(message(secret="guess")), house.rung) == (401, 0)


def test_another_address_is_not_believed() -> None:
    assert House().asks(message(), path="/webhooks/other") == 401


@given(place=st.integers(0, len(message().body) - 1), bit=st.integers(0, 7))
def test_a_body_with_any_bit_changed_is_not_believed(place: int, bit: int) -> None:
    sent = message()
    body = bytearray(sent.body)
    body[place] ^= 1 << bit
    forged = Signed(method="POST", url=URL, body=bytes(body), headers=sent.headers)
    assert not is_genuine(forged, SECRET, NOW)


def test_a_message_without_signature_is_not_believed() -> None:
    bare = Signed(method="POST", url=URL, body=b"[]", headers={})
    assert House().asks(bare) == 401


def test_events_of_another_portal_are_left_alone() -> None:
    house = House()
    assert (house.asks(message([{**EVENT, "portalId": 34}])), house.rung) == (204, 0)


def test_a_signed_message_of_another_shape_is_refused() -> None:
    house = House()
    assert (house.asks(message(["x"])), house.rung) == (400, 0)


def test_a_giant_body_is_not_read_to_its_end() -> None:
    huge = Signed(method="POST", url=URL, body=b"x" * 3_000_000, headers={})
    assert House().asks(huge) == 413


def test_only_messages_are_taken() -> None:
    assert House().asks(message(), method="GET") == 405


def test_the_memory_lets_go_of_the_oldest() -> None:
    memory = Memory(2)
    assert [memory.is_new(one) for one in "abca"] == [True, True, True, True]
