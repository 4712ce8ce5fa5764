"""Calls to one portal: signed in, within the budget, and tried again where that is harmless."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import BoundedSemaphore, Lock
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
import tenacity

from crm_loop.connector.contract import Account, Ports
from crm_loop.errors import CrmLoopError, Transient
from crm_loop.outbound import check_url
from crm_loop_hubspot.auth import tokens_of
from crm_loop_hubspot.errors import (
    Failure,
    TokenRefused,
    TooLong,
    TooManyOfAKind,
    body_of,
    classify,
    unreadable,
)
from crm_loop_hubspot.paths import Paths
from crm_loop_hubspot.wire import READ_TIMEOUT, Answer, Request, exchange

HOST = "https://api.hubapi.com"
#: The only host that a token is sent to.
HOSTS = (r"api\.hubapi\.com",)

Json = Mapping[str, Any]
T = TypeVar("T")

#: Kinds of call that the budget tells apart.
READ, SEARCH, WRITE, SIGN_IN = "read", "search", "write", "sign_in"
TRIES = 4
#: Of a portal's calls of the day our reading may use so much, where the settings do not say.
DAY_SHARE = "0.6"
#: A write has to be over before the lease under which it is sent can end (30 seconds).
WRITE_TIMEOUT = 15.0
TOO_MANY = 429
#: Waits longer than this are left to the caller, who can do something else meanwhile.
PATIENCE_SECONDS = 15.0
#: A line of our own calls at a low pace: the gate turns away who would stand in it too long.
PATIENCE_IN_LINE = 60.0
TOTAL_SECONDS = 180.0
#: Questions that are under way at one moment: answers to a page with its past take nearly half a
#: second, and a portal allows nineteen a second.
AT_ONCE = 6
#: Questions that wait for their turn or are under way: whoever has a turn already can go at the
#: very moment, whatever else this process is busy with.
IN_HAND = 12
#: Seconds for which an answer that was peeked at is as good as a new one.
PEEKED = 60.0
#: Seconds after which the gate is told again how much of the limits is used.
OBSERVED_EVERY = 1.0
#: HubSpot answers 414 near 16,000 characters, and clients were turned down at half of that.
LONGEST_QUERY = 7_000
_LIMIT = "x-hubspot-ratelimit"
_ZONE = "hubspot.zone"
#: Seconds to wait at a daily limit before anybody knows when the portal's day ends.
AN_HOUR = 3600.0
#: Seconds before the first repetition; each further one waits twice as long.
RETRY_WAIT, LONGEST_RETRY_WAIT = 0.5, 8.0


class Api:
    """Raw JSON in and out. Raises Transient, NeedsAttention or Refused (or a kind of them)."""

    def __init__(
        self,
        account: Account,
        ports: Ports,
        *,
        paths: Paths,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        self.paths = paths
        self._zone: ZoneInfo | None = None
        #: HubSpot's own name for the last write that it has answered, as its logs have it.
        self.request_id: str | None = None
        loopback = bool(account.settings.get("allow_loopback"))
        self._base_url = check_url(
            account.url or HOST, HOSTS, allow_loopback=loopback, example=HOST
        )
        self._ports = ports
        self._read_timeout = float(account.settings.get("read_timeout") or READ_TIMEOUT)
        self._tokens = tokens_of(account, ports, self._sign_in)
        self._sleep = sleep
        first = float(account.settings.get("retry_wait", RETRY_WAIT))
        self._backoff = tenacity.wait_exponential(multiplier=first, max=LONGEST_RETRY_WAIT)
        self._under_way = BoundedSemaphore(AT_ONCE)
        self._telling = Lock()
        self._day_left = 1.0
        self._observe_from = 0.0
        self._seen_at: datetime | None = None
        self._peeked: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[float, Json]] = {}
        self._crew = ThreadPoolExecutor(IN_HAND, thread_name_prefix="hubspot")

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Json:
        """TooLong where the address is one that some way to HubSpot would turn down."""
        if len(urlencode(query)) > LONGEST_QUERY:
            raise TooLong
        at, answer = self._peeked.pop((path, tuple(query)), (float("-inf"), {}))
        if monotonic() - at < PEEKED:
            return answer
        return self._read(Request(method="GET", path=path, query=query), READ)

    def peek(self, path: str, query: Sequence[tuple[str, str]] = ()) -> None:
        """See whether this can be read; whoever soon asks for the same is given this answer."""
        answer = self._read(Request(method="GET", path=path, query=query), READ)
        self._peeked[path, tuple(query)] = (monotonic(), answer)

    def ask(
        self, path: str, body: Json, *, query: Sequence[tuple[str, str]] = (), kind: str = READ
    ) -> Json:
        """POST a question: a batch read or a search, both harmless to repeat."""
        return self._read(Request(method="POST", path=path, query=query, body=body), kind)

    def write(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send once only. Ambiguous: look up what became of it before anything else."""
        self.request_id = None
        return _json(self._authorised(Request(method=method, path=path, body=body), WRITE))

    def time(self) -> datetime:
        """What HubSpot's own clock shows, to the second."""
        answer = self._persistently(Request(method="GET", path=self.paths.account), READ)
        return _date_of(answer.headers) or self._ports.clock()

    def seen_time(self) -> datetime:
        """HubSpot's clock as its last answer told it: now, or a moment ago."""
        return self._seen_at or self.time()

    def together(self, questions: Sequence[Callable[[], T]]) -> list[T]:
        """Ask several things at once; the answers in order, or the first error among them."""
        if len(questions) < 2:  # noqa: PLR2004 - one alone needs no help
            return [question() for question in questions]
        return [answer.result() for answer in [self.begin(question) for question in questions]]

    def begin(self, question: Callable[[], T]) -> "Future[T]":
        """Ask now and take the answer later; not to be used within another question."""
        return self._crew.submit(question)

    @property
    def zone(self) -> ZoneInfo | None:
        """The portal's time zone, as it was told the last time; None before that."""
        if self._zone is None:
            kept = self._ports.notebook.get(_ZONE)
            self._zone = ZoneInfo(str(kept["name"])) if kept else None
        return self._zone

    @zone.setter
    def zone(self, zone: ZoneInfo) -> None:
        if zone != self.zone:
            self._ports.notebook.put(_ZONE, {"name": zone.key})
        self._zone = zone

    @property
    def day_left(self) -> float:
        """The share of the day's calls that is left, 1.0 where HubSpot does not tell."""
        return self._day_left

    def _read(self, request: Request, kind: str) -> Json:
        return self._retrying()(lambda: _json(self._authorised(request, kind)))

    def _persistently(self, request: Request, kind: str) -> Answer:
        return self._retrying()(self._authorised, request, kind)

    def _retrying(self) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_repeating),
            wait=self._wait,
            stop=tenacity.stop_after_attempt(TRIES) | tenacity.stop_after_delay(TOTAL_SECONDS),
            sleep=self._sleep,
            reraise=True,
        )

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, Transient) else None
        return asked if asked is not None else float(self._backoff(state))

    def _authorised(self, request: Request, kind: str) -> Answer:
        token = self._tokens.current()
        try:
            return self._send(request, kind, token)
        except TokenRefused:
            return self._send(request, kind, self._tokens.current(refused=token))

    def _sign_in(self, form: Mapping[str, str]) -> Json:
        request = Request(method="POST", path=self.paths.token, form=form)
        return _json(self._send(request, SIGN_IN, None))

    def _send(self, request: Request, kind: str, token: str | None) -> Answer:
        self._ports.gate.acquire(kind, 1)
        patience = min(self._read_timeout, WRITE_TIMEOUT) if kind == WRITE else self._read_timeout
        with self._under_way:
            answer = exchange(self._base_url, request, token=token, read_timeout=patience)
        self._observe(answer.headers)
        if kind == WRITE:
            self.request_id = _header(answer.headers, "x-hubspot-correlation-id")
        if answer.ok:
            return answer
        error = self._error(answer, token)
        if answer.status == TOO_MANY and isinstance(error, Transient) and error.retry_after:
            # Everybody who talks to this portal waits, not only we.
            apart = {"retry-after-of": kind} if isinstance(error, TooManyOfAKind) else {}
            self._ports.gate.observe({"retry-after": str(error.retry_after), **apart})
        raise error

    def _observe(self, headers: Mapping[str, str]) -> None:
        self._seen_at = _date_of(headers) or self._seen_at
        told = limits_of(headers)
        if not told:
            return
        if told.get("limit-max", "0") != "0":
            self._day_left = max(0.0, 1 - int(told["limit-used"]) / int(told["limit-max"]))
        with self._telling:
            if monotonic() >= self._observe_from:
                self._ports.gate.observe({**told, "limit-share": DAY_SHARE})
                self._observe_from = monotonic() + OBSERVED_EVERY

    def _error(self, answer: Answer, token: str | None) -> CrmLoopError:
        # HubSpot repeats tokens in its messages, which end up in logs.
        raw = answer.data.decode(errors="replace")
        safe = raw.replace(token, "…") if token else raw
        return classify(
            Failure(
                status=answer.status,
                body=body_of(safe),
                headers=answer.headers,
                daily_wait=self._until_midnight() if answer.status == TOO_MANY else 0.0,
            )
        )

    def _until_midnight(self) -> float:
        """Seconds until the daily counters start again, or until it is worth asking again."""
        zone = self.zone
        return AN_HOUR if zone is None else _until_midnight(self._ports.clock(), zone)


def _json(answer: Answer) -> Json:
    if not answer.data and answer.status == 204:  # noqa: PLR2004 - No Content
        return {}
    try:
        read = orjson.loads(answer.data)
    except ValueError as error:
        raise unreadable() from error
    if not isinstance(read, dict):
        raise unreadable()
    return read


def _worth_repeating(error: BaseException) -> bool:
    if not isinstance(error, Transient) or isinstance(error, TooLong):
        return False
    in_line = error.code == "budget.empty"
    return (error.retry_after or 0) <= (PATIENCE_IN_LINE if in_line else PATIENCE_SECONDS)


def limits_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The limits in the gate's neutral words.

    OAuth apps are told nothing of the day, and searches nothing at all.
    """
    told = {name.lower().removeprefix(_LIMIT): value for name, value in headers.items()}
    most, left = told.get("-daily", ""), told.get("-daily-remaining", "")
    limits = {}
    if most.isdecimal() and left.isdecimal():
        limits = {"limit-max": most, "limit-used": str(int(most) - int(left))}
    calls, span = told.get("-max", ""), told.get("-interval-milliseconds", "")
    if calls.isdecimal() and span.isdecimal():
        limits |= {"window-calls": calls, "window-milliseconds": span}
    return limits


def _date_of(headers: Mapping[str, str]) -> datetime | None:
    date = _header(headers, "date")
    return None if date is None else parsedate_to_datetime(date).astimezone(UTC)


def _header(headers: Mapping[str, str], wanted: str) -> str | None:
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def _until_midnight(now: datetime, zone: ZoneInfo) -> float:
    """Seconds until the daily counters start again, at midnight in the portal's time zone."""
    local = now.astimezone(zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight.astimezone(UTC) - now).total_seconds()
