"""One HTTP exchange through HubSpot's own client, used so that it never retries by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hubspot import HubSpot
from hubspot.crm.objects.exceptions import ApiException
from urllib3 import exceptions as network

from crm_loop.errors import Transient
from crm_loop_hubspot.errors import Ambiguous

USER_AGENT = "crm-loop-hubspot"
CONNECT_TIMEOUT = 3.05
READ_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`body` is sent as JSON, `form` as a form; a call has one of them or none."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whatever HubSpot answered, errors included."""

    status: int
    data: bytes
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - the 2xx range


@lru_cache(maxsize=8)
def _client(base_url: str) -> Any:
    """One client a process and host: each new one would open connections of its own.

    It holds no token, so that all portals can share it.
    """
    client = HubSpot(host=base_url, base_url=base_url, retry=False).crm.objects.basic_api.api_client
    client.user_agent = USER_AGENT
    return client


def exchange(
    base_url: str, request: Request, *, token: str | None, read_timeout: float = READ_TIMEOUT
) -> Answer:
    """Send once and read the whole answer.

    Raises Transient when nothing was sent, Ambiguous when the answer was lost on the way.
    """
    try:
        return _call(_client(base_url), request, token, read_timeout)
    except (network.NewConnectionError, network.ConnectTimeoutError) as error:
        raise Transient("HubSpot could not be reached.", code="crm.unreachable") from error
    except network.HTTPError as error:
        raise Ambiguous("The connection to HubSpot broke.", code="crm.lost_answer") from error
    except AttributeError as error:
        # the client trips over its own error for a failed TLS handshake
        raise Transient("No secure connection to HubSpot.", code="crm.tls") from error


def _call(client: Any, request: Request, token: str | None, read_timeout: float) -> Answer:
    try:
        response = client.call_api(
            request.path,
            request.method,
            query_params=list(request.query),
            header_params=_headers(request, token),
            body=request.body,
            post_params=list((request.form or {}).items()),
            auth_settings=[],
            _return_http_data_only=True,
            _preload_content=False,
            _request_timeout=(CONNECT_TIMEOUT, read_timeout),
        )
    except ApiException as refusal:
        return _refusal(refusal, (refusal.body or "").encode())
    except UnicodeDecodeError as error:
        if not isinstance(error.__context__, ApiException):
            raise
        return _refusal(error.__context__, b"")
    # the connection is used again only when the answer has been read
    return Answer(status=response.status, data=response.data, headers=dict(response.headers))


def _refusal(refusal: ApiException, data: bytes) -> Answer:
    return Answer(status=refusal.status, data=data, headers=dict(refusal.headers or {}))


def _headers(request: Request, token: str | None) -> dict[str, str]:
    kind = "application/json" if request.form is None else "application/x-www-form-urlencoded"
    headers = {"Accept": "application/json", "Content-Type": kind}
    return headers if token is None else headers | {"Authorization": f"Bearer {token}"}
