"""Calls to one org: signed in, within the budget, and tried again where that is harmless."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from crm_loop.connector.contract import Account, Ports, Token
from crm_loop.errors import CrmLoopError, Refused, Transient
from crm_loop.outbound import check_url, is_local_path
from crm_loop_salesforce import hosts
from crm_loop_salesforce.auth import SignIn
from crm_loop_salesforce.errors import (
    LocatorExpired,
    NotReached,
    QueryTimedOut,
    SessionExpired,
    Unanswered,
    classify,
    never_connected,
)
from crm_loop_salesforce.sessions import Own, PlainHttp, a_session, as_asked_or

#: One version for REST, Bulk and metadata (Summer '26); deploys to every org.
API_VERSION = "67.0"

CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 120.0
#: A write has to be over before the lease under which it is sent can end (30 seconds).
WRITE_TIMEOUT = 15.0
#: Rows of one page; Salesforce gives fewer where they are wide.
PAGE = 2000
TRIES = 4
#: Waits longer than this are left to the caller, who can do something else meanwhile.
PATIENCE_SECONDS = 15.0
TOTAL_SECONDS = 180.0

#: What Salesforce's clock said is true for so long, in seconds.
FRESH_SECONDS = 20.0
#: Seconds of the first wait, where the account's settings name no `retry_wait`.
RETRY_WAIT = 0.3
#: The same question would get the same answer; each has a cure of its own.
_NOT_BY_WAITING = (SessionExpired, LocatorExpired, QueryTimedOut)

Json = Mapping[str, Any]

#: Where everything but signing in lives, below the org's own address.
BASE = f"/services/data/v{API_VERSION}/"
_OK = 200

_LIMIT_INFO = re.compile(r"(?:^|;\s*)api-usage=(\d+)/(\d+)")


class Api:
    """JSON in and out through simple-salesforce, which never signs in or retries by itself."""

    def __init__(
        self, account: Account, ports: Ports, *, sleep: Callable[[float], None] = sleep
    ) -> None:
        #: Salesforce's own name for the last call that it has answered, as its logs have it.
        self.request_id: str | None = None
        self._ports = ports
        self._sleep = sleep
        self._loopback = bool(account.settings.get("allow_loopback"))
        self._sign_in = SignIn(account, ports)
        read = float(account.settings.get("read_timeout") or READ_TIMEOUT)
        self.timeout = (CONNECT_TIMEOUT, read)
        self._write_timeout = (min(CONNECT_TIMEOUT, WRITE_TIMEOUT), min(read, WRITE_TIMEOUT))
        first = float(account.settings.get("retry_wait", RETRY_WAIT))
        self._backoff = tenacity.wait_exponential_jitter(multiplier=first, max=8, jitter=first)
        page = int(account.settings.get("page_size") or PAGE)
        self._headers = {"Sforce-Query-Options": f"batchSize={page}"}
        self._own = Own()
        self._heard_at: datetime | None = None
        self._heard_since = monotonic()

    @property
    def purpose(self) -> str:
        """What the reading calls of this thread are for."""
        return self._own.purpose

    @purpose.setter
    def purpose(self, kind: str) -> None:
        self._own.purpose = kind

    @property
    def org_id(self) -> str:
        return self._signed_in()[1].facts.get("org_id", "")

    @property
    def instance_url(self) -> str:
        return self._signed_in()[1].facts["instance_url"]

    @property
    def user_id(self) -> str:
        """The integration user, in whose name everything is written."""
        return self._signed_in()[1].facts.get("user_id", "")

    def own_session(self) -> requests.Session:
        """A new session that tells what it hears; a session belongs to one thread."""
        return a_session(self)

    def credentials(self) -> tuple[str, str]:
        """The org's own address and the token that opens it now."""
        _, token = self._signed_in()
        return token.facts["instance_url"], token.value

    def renew(self, refused: str) -> None:
        """Take another token than this one, which was turned down."""
        self._use(self._sign_in.token(self._session(), refused=refused))

    def spend(self, kind: str | None = None) -> None:
        """Ask the budget for one call; without a kind it is one of the present purpose."""
        self._ports.gate.acquire(kind or self.purpose, 1)

    def get(self, path: str, **options: Any) -> Json:
        """Read an object; tried again where the error says that this may help."""
        return self.read("GET", path, **options)

    def read(self, method: str, path: str, **options: Any) -> Json:
        """Ask for an object by a call that changes nothing, so that it may be repeated."""
        return self._retrying()(lambda: _object(self.once(method, path, **options)))

    def together(self, paths: Sequence[str]) -> list[Json | None]:
        """Read several things in one call; None where one of them was refused."""
        wanted = [
            {"method": "GET", "url": f"{BASE}{path}", "referenceId": f"r{number}"}
            for number, path in enumerate(paths)
        ]
        body = {"allOrNone": False, "compositeRequest": wanted}
        answer = self.read("POST", "composite", json=body)
        found = answer.get("compositeResponse")
        if not isinstance(found, list) or len(found) != len(paths):
            raise Unanswered("Salesforce answered only in part.", code="crm.unreadable")
        return [one["body"] if one.get("httpStatusCode") == _OK else None for one in found]

    def pages(self, resource: str, soql: str) -> Iterator[list[Json]]:
        """The rows of a query (`query`, or `queryAll` with deleted ones), page by page."""
        answer = self._page_of(resource, params={"q": soql})
        while True:
            if answer["records"]:
                yield answer["records"]
            if answer["done"]:
                return
            answer = self._page_of(_next(str(answer.get("nextRecordsUrl"))))

    def rows(self, resource: str, soql: str) -> Iterator[Json]:
        for page in self.pages(resource, soql):
            yield from page

    def until(self, done: Callable[[], bool], *, times: int) -> None:
        """Act again, after growing waits, until it is done or was tried so often."""
        tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda answer: not answer),
            wait=self._backoff,
            stop=tenacity.stop_after_attempt(times),
            sleep=self._sleep,
            retry_error_callback=lambda _state: None,
        )(done)

    def once(self, method: str, path: str, *, writing: bool = False, **options: Any) -> Any:
        """Send once; a token that was turned down is renewed once."""
        client, token = self._signed_in()
        kind = "write" if writing else self.purpose
        self.request_id = None
        try:
            return self._in_turn(kind, client, method, path, options)
        except SessionExpired:
            self.renew(token.value)
            client, _ = self._signed_in()
            return self._in_turn(kind, client, method, path, options)

    def _in_turn(self, kind: str, client: Salesforce, method: str, path: str, options: Any) -> Any:
        """Within the budget, and while not too many others are on their way."""
        self.spend(kind)
        with self._ports.at_once(False):  # noqa: FBT003 - not long
            return self._call(client, method, path, options)

    def on_the_way(self) -> AbstractContextManager[None]:
        """Hold a place for a call that may take long."""
        return self._ports.at_once(True)  # noqa: FBT003 - long

    def time(self, *, afresh: bool = False) -> datetime:
        """Salesforce's own clock, to the second: asked now, or as it was heard just before."""
        old = monotonic() - self._heard_since > FRESH_SECONDS
        if afresh or old or self._heard_at is None:
            self._retrying()(lambda: self.once("GET", ""))
        return self._heard_at or self._ports.clock()

    def _call(self, client: Salesforce, method: str, path: str, options: Any) -> Any:
        try:
            return client.restful(
                path,
                method=method,
                timeout=self.timeout if method == "GET" else self._write_timeout,
                allow_redirects=False,
                headers=self._headers,
                **options,
            )
        except SalesforceError as error:
            raise self._told(classify(error.status, error.content)) from None
        except requests.ConnectionError as error:
            kind = NotReached if never_connected(error) else Unanswered
            raise kind(_words(error), code="crm.unreachable") from None
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise Unanswered(_words(error), code="crm.unreadable") from None

    def _told(self, error: CrmLoopError) -> CrmLoopError:
        """Let everybody who talks to this org wait, not only us, when its calls are used up."""
        if isinstance(error, Transient) and error.code == "crm.daily_limit" and error.retry_after:
            self._ports.gate.observe({"retry-after": str(error.retry_after)})
        return error

    def _signed_in(self) -> tuple[Salesforce, Token]:
        own = self._own
        if own.client is None or own.token is None:
            self._use(self._sign_in.token(self._session()))
        return own.client, own.token  # type: ignore[return-value]  # set by _use

    def _session(self) -> requests.Session:
        if self._own.session is None:
            self._own.session = self.own_session()
        return self._own.session

    def _use(self, token: Token) -> None:
        # Checked at use: what is kept may have been kept by an older or another program.
        instance = check_url(token.facts["instance_url"], hosts.ORG, allow_loopback=self._loopback)
        if instance.startswith("http://"):
            self._session().mount(f"https://{urlsplit(instance).netloc}", PlainHttp())
        self._own.token = token
        self._own.client = Salesforce(
            session_id=token.value,
            instance_url=instance,
            version=API_VERSION,
            session=self._session(),
        )

    def hear(self, answer: requests.Response) -> None:
        """Keep what an answer says besides what was asked: its name, the time, the day's calls."""
        self.request_id = answer.headers.get("X-SFDC-Request-Id")
        if "Date" in answer.headers:
            self._heard_at = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
            self._heard_since = monotonic()
        used = _LIMIT_INFO.search(answer.headers.get("Sforce-Limit-Info", ""))
        if used:
            self._ports.gate.observe({"limit-used": used.group(1), "limit-max": used.group(2)})

    def _retrying(self) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_repeating),
            wait=as_asked_or(self._backoff),
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_after_delay(TOTAL_SECONDS),
            sleep=self._sleep,
            reraise=True,
        )

    def _page_of(self, path: str, **options: Any) -> Json:
        answer = self.get(path, **options)
        if isinstance(answer.get("records"), list) and isinstance(answer.get("done"), bool):
            return answer
        raise Unanswered("Salesforce answered something else than a list.", code="crm.unreadable")


def _worth_repeating(error: BaseException) -> bool:
    if not isinstance(error, Transient) or isinstance(error, _NOT_BY_WAITING):
        return False
    return (error.retry_after or 0) <= PATIENCE_SECONDS


def _next(path: str) -> str:
    """The rest of a `nextRecordsUrl`, which must stay on this org."""
    if not is_local_path(path, f"{BASE}query"):
        raise Refused("Salesforce named a next page elsewhere.", code="salesforce.paging")
    return path.removeprefix(BASE)


def _object(answer: Any) -> Json:
    if isinstance(answer, Mapping):
        return answer
    raise Unanswered("Salesforce answered nothing of use.", code="crm.unreadable")


def _words(error: Exception) -> str:
    return f"Salesforce did not answer ({type(error).__name__})."
