"""Calls to one org: signed in, within the budget, and tried again where that is harmless."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from crm_loop.connector.contract import Account, Ports, Token
from crm_loop.errors import Refused, Transient
from crm_loop.outbound import is_local_path
from crm_loop_salesforce.auth import SignIn
from crm_loop_salesforce.errors import NotReached, SessionExpired, Unanswered, classify

#: One version for REST, Bulk and metadata (Summer '26); deploys to every org.
API_VERSION = "67.0"

CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 120.0
TRIES = 4
#: Waits longer than this are left to the caller, who can do something else meanwhile.
PATIENCE_SECONDS = 15.0
TOTAL_SECONDS = 180.0

_LIMIT_INFO = re.compile(r"(?:^|;\s*)api-usage=(\d+)/(\d+)")
_BACKOFF = tenacity.wait_exponential_jitter(multiplier=0.3, max=8)


class _PlainHttp(HTTPAdapter):
    """The client library insists on https; a sandbox on loopback speaks plain http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **options)


class Api:
    """JSON in and out through simple-salesforce, which never signs in or retries by itself."""

    def __init__(
        self, account: Account, ports: Ports, *, sleep: Callable[[float], None] = sleep
    ) -> None:
        self._ports = ports
        self._sleep = sleep
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "crm_loop/0.1.0"
        self._session.hooks["response"].append(self._heard)
        self._sign_in = SignIn(account, ports, self._session)
        read = float(account.settings.get("read_timeout") or READ_TIMEOUT)
        self._timeout = (CONNECT_TIMEOUT, read)
        self._client: Salesforce | None = None
        self._token: Token | None = None
        self._date: datetime | None = None

    @property
    def org_id(self) -> str:
        return self._signed_in()[1].facts.get("org_id", "")

    @property
    def instance_url(self) -> str:
        return self._signed_in()[1].facts["instance_url"]

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Read; tried again where the error says that this may help."""
        return self._retrying()(lambda: self.once("GET", path, params=params))

    def ask(self, path: str, body: Any) -> Any:
        """A POST that only reads, harmless to repeat."""
        return self._retrying()(lambda: self.once("POST", path, json=body))

    def next_page(self, path: str) -> Any:
        """Follow a `nextRecordsUrl`, which must stay on this org."""
        prefix = f"/services/data/v{API_VERSION}/query"
        if not is_local_path(path, prefix):
            raise Refused("Salesforce named a next page elsewhere.", code="salesforce.paging")
        return self.get(path.removeprefix(f"/services/data/v{API_VERSION}/"))

    def once(self, method: str, path: str, **options: Any) -> Any:
        """Send once; a token that was turned down is renewed once."""
        client, token = self._signed_in()
        try:
            return self._call(client, method, path, options)
        except SessionExpired:
            self._renew(token)
            client, _ = self._signed_in()
            return self._call(client, method, path, options)

    def time(self) -> datetime:
        """What Salesforce's own clock shows, to the second."""
        if self._date is None:
            self.get("")
        return self._date or self._ports.clock()

    def _call(self, client: Salesforce, method: str, path: str, options: Any) -> Any:
        self._ports.gate.acquire("write" if method != "GET" else "read", 1)
        try:
            return client.restful(
                path, method=method, timeout=self._timeout, allow_redirects=False, **options
            )
        except SalesforceError as error:
            raise classify(error.status, error.content) from None
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise NotReached(_words(error), code="crm.unreachable") from None
        except requests.ConnectionError as error:
            # Refused before a byte was sent, or cut off somewhere: only the first is sure.
            kind = NotReached if "refused" in str(error).lower() else Unanswered
            raise kind(_words(error), code="crm.unreachable") from None
        except (requests.RequestException, ValueError, KeyError) as error:
            raise Unanswered(_words(error), code="crm.unreadable") from None

    def _signed_in(self) -> tuple[Salesforce, Token]:
        if self._client is None or self._token is None:
            self._use(self._sign_in.token())
        return self._client, self._token  # type: ignore[return-value]  # set by _use

    def _renew(self, refused: Token) -> None:
        self._use(self._sign_in.token(refused=refused.value))

    def _use(self, token: Token) -> None:
        instance = token.facts["instance_url"]
        if instance.startswith("http://"):
            self._session.mount(f"https://{urlsplit(instance).netloc}", _PlainHttp())
        self._token = token
        self._client = Salesforce(
            session_id=token.value,
            instance_url=instance,
            version=API_VERSION,
            session=self._session,
        )

    def _heard(self, answer: requests.Response, **_: Any) -> None:
        if "Date" in answer.headers:
            self._date = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
        used = _LIMIT_INFO.search(answer.headers.get("Sforce-Limit-Info", ""))
        if used:
            self._ports.gate.observe({"limit-used": used.group(1), "limit-max": used.group(2)})

    def _retrying(self) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_repeating),
            wait=_wait,
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_after_delay(TOTAL_SECONDS),
            sleep=self._sleep,
            reraise=True,
        )


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, Transient) and (error.retry_after or 0) <= PATIENCE_SECONDS


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Transient) else None
    return asked if asked is not None else float(_BACKOFF(state))


def _words(error: Exception) -> str:
    return f"Salesforce did not answer ({type(error).__name__})."
