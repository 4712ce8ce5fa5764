"""Bulk API 2.0 queries: a job, its pages one after another or several at once, its end."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop.outbound import is_local_path
from crm_loop_salesforce.downloads import Downloads, Page
from crm_loop_salesforce.errors import JobLost
from crm_loop_salesforce.transport import BASE, Api

#: Seconds between two looks at a job: short ones are seen soon, long ones cost few calls.
POLLS = (0.5, 0.5, 0.7, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0)
#: The same where nobody waits for the answer.
SELDOM = (2.5, 5.0, 8.0, 10.0)
#: A job that runs longer is left alone for a while; the next pull finds it again by its id, and
#: meanwhile the worker does something else.
LONGEST_SECONDS = 180.0
LEFT_SECONDS = 30.0
#: Rows of a page where pages can only be asked for one after another.
ROWS = 25_000
_JOBS = "jobs/query"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a job was read: pages taken, and where the next one is if they are a chain."""

    pages: int = 0
    locator: str | None = None


class Bulk:
    """The query jobs of one org."""

    def __init__(self, api: Api, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._sleep = sleep
        self._downloads = Downloads(api)
        #: When jobs were started of which there may be nothing to see yet.
        self._started: dict[str, float] = {}

    def start(self, query: str) -> str:
        """Begin a job that sees deleted and archived rows too; returns its id."""
        body = {"operation": "queryAll", "query": query}
        job = str(self._api.read("POST", _JOBS, json=body)["id"])
        self._started[job] = monotonic()
        return job

    def wait(self, job: str, polls: Sequence[float] = POLLS) -> None:
        """Come back when the job is complete; JobLost when there is nothing to wait for."""
        waited, looks = 0.0, 0
        while self._is_fresh(job) or not self._is_complete(self._state(job)):
            if waited > LONGEST_SECONDS:
                raise Transient(
                    "A bulk job of Salesforce takes long.",
                    code="crm.slow_job",
                    retry_after=LEFT_SECONDS,
                )
            pause = polls[min(looks, len(polls) - 1)]
            self._sleep(pause)
            waited, looks = waited + pause, looks + 1

    def pages(self, job: str, place: Place) -> Iterator[tuple[Page, Place]]:
        """The pages from a place on, each with the place behind it."""
        if place.locator is None:
            try:
                yield from self._side_by_side(job, place)
            except Refused as error:
                if error.code != "salesforce.not_found" or place.pages:
                    raise
            else:
                return
        # A job of an older release: its pages are a chain.
        yield from self._chain(job, place)

    def finish(self, *jobs: str) -> None:
        """Let Salesforce throw the results away; that it may fail does no harm."""
        if jobs:
            with ThreadPoolExecutor(len(jobs)) as threads:
                list(threads.map(partial(self._finish, self._api.purpose), jobs))

    def _finish(self, purpose: str, job: str) -> None:
        self._api.purpose = purpose
        try:
            self._api.once("DELETE", f"{_JOBS}/{job}")
        except (Transient, Refused, NeedsAttention):
            return

    def _is_fresh(self, job: str) -> bool:
        """Whether a job was started just now; told once."""
        started = self._started.pop(job, None)
        return started is not None and monotonic() - started < POLLS[0]

    def _state(self, job: str) -> Any:
        try:
            return self._api.get(f"{_JOBS}/{job}")
        except Refused as error:
            if error.code in ("salesforce.not_found", "salesforce.invalidentity"):
                raise JobLost("Salesforce no longer knows a bulk job.") from None
            raise

    def _is_complete(self, found: Any) -> bool:
        state = found.get("state")
        if state in ("Failed", "Aborted"):
            raise _failed(str(found.get("errorMessage") or state))
        return bool(state == "JobComplete")

    def _side_by_side(self, job: str, place: Place) -> Iterator[tuple[Page, Place]]:
        taken = place.pages
        wanted = self._urls(job, skip=taken)
        for page in self._downloads.several(wanted):
            taken += 1
            yield page, Place(pages=taken)

    def _urls(self, job: str, *, skip: int) -> Iterator[str]:
        """Addresses of all pages; a job always lists them in the same order."""
        at = f"{_JOBS}/{job}/resultPages"
        while True:
            found = self._api.get(at)
            urls = [str(one.get("resultUrl")) for one in found.get("resultPages") or ()]
            yield from (_ours(url, job) for url in urls[skip:])
            skip = max(0, skip - len(urls))
            following = found.get("nextRecordsUrl")
            if found.get("done", True) or not following:
                return
            at = _ours(str(following), job)

    def chain(self, job: str, place: Place | None = None, *, rows: int = ROWS) -> Iterator[Page]:
        """Pages of a size of our own, one after another."""
        for page, _ in self._chain(job, place or Place(), rows):
            yield page

    def _chain(self, job: str, place: Place, rows: int = ROWS) -> Iterator[tuple[Page, Place]]:
        locator, taken = place.locator, place.pages
        while True:
            params = {"maxRecords": str(rows)} | ({"locator": locator} if locator else {})
            page = self._downloads.one(f"{_JOBS}/{job}/results", params)
            taken, locator = taken + 1, page.locator
            yield page, Place(pages=taken, locator=locator)
            if locator is None:
                return


def _ours(path: str, job: str) -> str:
    """The rest of an address that must stay on this org and this job."""
    if not is_local_path(path, f"{BASE}{_JOBS}/{job}/"):
        raise Refused("Salesforce named a page elsewhere.", code="salesforce.paging")
    return path.removeprefix(BASE)


def _failed(message: str) -> Exception:
    if "OPERATION_TOO_LARGE" in message:
        return NeedsAttention(
            f"Salesforce says: {message}",
            code="salesforce.operation_too_large",
            do="Give the integration user the permission View All Data, then pull again.",
        )
    return JobLost(f"A bulk job of Salesforce failed: {message}")
