"""A HubSpot face on a port of its own, renewed for every test, and HubSpot's own client."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import urllib3
import uvicorn
from hubspot import HubSpot
from hubspot.crm.objects.exceptions import ApiException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from crm_loop_sandbox.hubspot.face import HubSpotFace
from crm_loop_sandbox.kernel import BusinessClock, Journal, Kernel, Options
from crm_loop_sandbox.world.story import (
    ActivityStory,
    Company,
    Contact,
    DealStory,
    Human,
    QuotaStory,
    StageDef,
    Step,
    World,
)

BOTH = frozenset({"hubspot", "salesforce"})
START = datetime(2026, 6, 15, tzinfo=UTC)
_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", 0.2, False, False),
    ("contractsent", "Contract Sent", 0.9, False, False),
    ("closedwon", "Closed Won", 1.0, True, True),
    ("closedlost", "Closed Lost", 0.0, True, False),
)


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 3, tzinfo=UTC)


def _human(ref: str, *, active: bool = True, role: str = "AE") -> Human:
    return Human(
        ref=ref,
        email=f"{ref}@example.com",
        family_name="佐藤",
        given_name=ref,
        language="ja",
        time_zone="Asia/Tokyo",
        role=role,
        team="東日本",
        faces=BOTH,
        active=active,
    )


def deal(ref: str, *steps: tuple[datetime, Mapping[str, Any]]) -> DealStory:
    made = tuple(Step(at=at, actor_ref="ann", fields=fields) for at, fields in steps)
    return DealStory(ref=ref, steps=made, faces=BOTH)


def _first(name: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "owner": "ann",
        "stage": 0,
        "amount": Decimal("1500.00"),
        "currency": "JPY",
        "close_date": date(2026, 7, 1),
        "company": "acme",
        "contacts": ["kim"],
        "type": "New Business",
    }


def world() -> World:
    stages = tuple(
        StageDef(
            salesforce=label,
            hubspot=(stage_id, label),
            probability=probability,
            is_closed=is_closed,
            is_won=is_won,
        )
        for stage_id, label, probability, is_closed, is_won in _STAGES
    )
    return World(
        seed=7,
        start=START,
        locale="ja_JP",
        time_zone="Asia/Tokyo",
        currency="JPY",
        fiscal_start=4,
        company_name="例社",
        stages=stages,
        people=(_human("ann"), _human("bob", role="Manager"), _human("leaver", active=False)),
        companies=(Company(ref="acme", name="Acme", owner_ref="ann", faces=BOTH),),
        contacts=(
            Contact(
                ref="kim",
                given_name="Kim",
                family_name="Lee",
                company_ref="acme",
                email="kim@acme.example",
                faces=BOTH,
            ),
        ),
        deals=(
            deal("d1", (moment(5, 1), _first("One")), (moment(5, 9), {"stage": 1})),
            deal("d2", (moment(5, 2), _first("Two")), (moment(5, 3), {"deleted": True})),
            deal("d3", (moment(5, 3), {**_first("Three"), "amount": None, "close_date": None})),
        ),
        activities=(
            ActivityStory(
                ref="m1",
                kind="meeting",
                owner_ref="ann",
                start=moment(6, 2),
                minutes=45,
                logged_at=moment(6, 3),
                status="held",
                faces=BOTH,
                deal_ref="d1",
                company_ref="acme",
                contact_refs=("kim",),
                subject="Visit",
            ),
        ),
        quotas=(
            QuotaStory(
                owner_ref="ann",
                start=date(2026, 6, 1),
                end=date(2026, 6, 30),
                amount=Decimal(9000),
                faces=BOTH,
            ),
        ),
    )


@dataclass(slots=True)
class ArmedFaults:
    """Each armed kind strikes as often as it was armed."""

    armed: dict[str, int] = field(default_factory=dict)

    def take(
        self, kind: str, face: str, *, method: str = "", path: str = "", text: str = ""
    ) -> bool:
        if self.armed.get(kind, 0) == 0:
            return False
        self.armed[kind] -= 1
        return True


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]


class Sandbox:
    """The face, what it was made from, and HubSpot's client signed in to it."""

    def __init__(self, url: str, stories: World, options: Options) -> None:
        self.url = url
        self.stories = stories
        self.now = 1_800_000_000.0
        self.faults = ArmedFaults()
        self.kernel = Kernel(options, BusinessClock(stories.start), Journal(), self.faults)
        self.face = HubSpotFace(self.kernel, lambda: self.now)
        self.face.load(stories)
        self.access = self.face.access(None, url)
        self.client = self.signed_in(self.access["access_token"])
        self._api = self.client.crm.objects.basic_api.api_client

    def signed_in(self, token: str) -> HubSpot:
        return HubSpot(access_token=token, host=self.url, base_url=self.url, retry=False)

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """One raw call; errors are answers too."""
        api = self._api
        if token is not None:
            api = self.signed_in(token).crm.objects.basic_api.api_client
        try:
            answer = api.call_api(
                path,
                method,
                header_params={"Accept": "application/json", "Content-Type": "application/json"},
                body=body,
                response_types_map={},
                auth_settings=["oauth2"],
                _return_http_data_only=True,
                _preload_content=False,
                _request_timeout=10,
            )
        except ApiException as error:
            return Answer(error.status, json.loads(error.body), error.headers)
        return Answer(answer.status, json.loads(answer.data or b"null"), answer.headers)

    def page(self, path: str) -> Answer:
        """The status and the title of an answer in HTML."""
        headers = {"Authorization": f"Bearer {self.access['access_token']}"}
        http = urllib3.PoolManager()
        answer = http.request("GET", self.url + path, headers=headers, retries=False)
        http.clear()
        title = answer.data.decode().partition("<title>")[2].partition("</title>")[0]
        return Answer(answer.status, title, answer.headers)

    def id_of(self, ref: str) -> str:
        return str(self.face.portal.refs[ref][1])

    def owner_id(self, ref: str) -> str:
        owner = self.face.portal.owners.named(ref)
        assert owner is not None
        return owner.text_id

    def make_key(self, *, unique: bool = True) -> Answer:
        """The property that holds our key, on tasks."""
        group = {"name": "crm_loop", "label": "crm_loop"}
        self.call("POST", "/crm/properties/2026-03/tasks/groups", group)
        body = {
            "name": "crm_loop_key",
            "label": "Key",
            "type": "string",
            "fieldType": "text",
            "groupName": "crm_loop",
            "hasUniqueValue": unique,
        }
        return self.call("POST", "/crm/properties/2026-03/tasks", body)

    def make_task(self, **properties: Any) -> Answer:
        body = {"properties": {"hs_timestamp": "2026-06-20T00:00:00Z", **properties}}
        return self.call("POST", "/crm/objects/2026-03/tasks", body)


@dataclass(slots=True)
class _Server:
    url: str
    routes: list[Any]


@pytest.fixture(scope="session")
def _server() -> Iterator[_Server]:
    held: list[Any] = []

    async def serve(request: Request) -> Response:
        route = next(one for one in held if one.matches(request.scope)[0] is not Match.NONE)
        answer: Response = await route.endpoint(request)
        return answer

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{rest:path}", serve, methods=methods)])
    # without the protocol asyncio leaves Nagle's algorithm on: 40 ms a call
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield _Server(f"http://127.0.0.1:{listener.getsockname()[1]}", held)
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def serve(_server: _Server) -> Callable[..., Sandbox]:
    """Load a fresh face; keywords are options of the sandbox, `world` replaces the world."""

    def start(stories: World | None = None, **options: Any) -> Sandbox:
        stories = stories or world()
        sandbox = Sandbox(_server.url, stories, Options(**{"rate_limits": False, **options}))
        _server.routes[:] = sandbox.face.routes()
        return sandbox

    return start


@pytest.fixture
def sandbox(serve: Callable[..., Sandbox]) -> Sandbox:
    return serve()


@pytest.fixture
def many_deals(serve: Callable[..., Sandbox]) -> Sandbox:
    """120 more deals."""
    small = world()
    more = tuple(deal(f"x{n}", (moment(4, 1), _first(f"X{n}"))) for n in range(120))
    return serve(replace(small, deals=small.deals + more))
