"""Every kind of fault strikes the served HubSpot face once, where its kind says."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3

from crm_loop_sandbox.faults import KINDS

#: One served sandbox for all of them.
pytestmark = pytest.mark.xdist_group("hubspot-faults")

TASKS = "/crm/objects/2026-03/tasks"
DEALS = "/crm/objects/2026-03/deals"
TASK = {"properties": {"hs_timestamp": "2026-06-20"}}
ROWS = [TASK | {"objectWriteTraceId": trace} for trace in ("a", "b")]
FORM = "grant_type=refresh_token"

Asked = tuple[str, str, Any]
READ: Asked = ("GET", f"{DEALS}?limit=2", None)
MAKE: Asked = ("POST", TASKS, TASK)
#: The call that each kind is waiting for; all others strike a read.
CALLS: dict[str, Asked] = {
    "token_503_html": ("POST", "/oauth/v3/token", FORM),
    "lock_row": MAKE,
    "validation_rule": MAKE,
    "inactive_owner": MAKE,
    "partial_batch": ("POST", f"{TASKS}/batch/create", {"inputs": ROWS}),
    "expire_locator": ("GET", f"{DEALS}?limit=2&after=2", None),
    "index_lag": ("POST", f"{DEALS}/search", {}),
    "rename_status": ("GET", "/crm/pipelines/2026-03/deals", None),
}
#: Played only when a webhook is sent.
ELSEWHERE = {"webhook_twice"}
STATUS = {
    "unauthorized": 401,
    "token_503_html": 503,
    "limit_secondly": 429,
    "limit_daily": 429,
    "limit_total": 429,
    "limit_concurrent": 429,
    "lock_row": 423,
    "validation_rule": 400,
    "inactive_owner": 400,
    "partial_batch": 207,
    "expire_locator": 400,
    "hide_object": 403,
    "migrating": 477,
    "bad_gateway": 502,
    "apply_then_500": 500,
}


@pytest.fixture(scope="module")
def served(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=3, weeks=3, rate_limits="off")


@pytest.fixture
def ask(served: Any) -> Iterator[Callable[[Asked], int | None]]:
    """Make one call; its status, or None when no whole answer came."""
    token = served.get("/__access")["hubspot"]["access_token"]
    http = urllib3.PoolManager()

    def call(asked: Asked) -> int | None:
        method, path, body = asked
        headers = {"Authorization": f"Bearer {token}"}
        sent = {"json": body} if isinstance(body, dict) else {"body": body}
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            answer = http.request(
                method, served.url + path, headers=headers, retries=False, timeout=2, **sent
            )
            return answer.status
        return None

    yield call
    http.clear()
    served.clear_faults()


@pytest.mark.parametrize("kind", sorted(KINDS - ELSEWHERE - {"apply_then_timeout"}))
def test_a_fault_strikes_once(served: Any, ask: Callable[[Asked], int | None], kind: str) -> None:
    asked = CALLS.get(kind, READ)
    served.post("/__faults", {"kind": kind, "face": "hubspot"})
    status = ask(asked)
    (armed,) = served.get("/__faults")["faults"]
    assert armed["fired"] == 1
    assert status == STATUS.get(kind, status)
