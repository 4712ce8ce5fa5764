"""The first reading of a large object: one bulk job, found again by its id after a restart."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from threading import Lock
from typing import TypeVar

from crm_loop.connector.contract import Notebook
from crm_loop.errors import Refused
from crm_loop.records import Subject
from crm_loop_salesforce import soql
from crm_loop_salesforce.bulk import SELDOM, Bulk
from crm_loop_salesforce.bulk import Place as Read
from crm_loop_salesforce.by_columns import Made, made
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.downloads import Page, Unclear
from crm_loop_salesforce.errors import JobLost
from crm_loop_salesforce.places import Place
from crm_loop_salesforce.translate import sources
from crm_loop_salesforce.translate.sources import Reading, Source
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.typed import Typed, typed

Rows = list[Row] | Made
T = TypeVar("T")

#: Rows of one batch; a page of a job is larger than one transaction of the store should be.
ROWS = 5_000
#: Ids are short, so their pages may be long.
IDS = 250_000
#: What Salesforce says of objects that bulk jobs cannot read, and of orgs without bulk jobs.
NOT_IN_BULK = frozenset(
    {
        "salesforce.invalidentity",
        "salesforce.invalid_type",
        "salesforce.not_found",
        "salesforce.featurenotenabled",
    }
)


class NoBulk(Exception):
    """The object cannot be read by a bulk job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLoad:
    """Loads whole objects of one org."""

    org: Org
    bulk: Bulk
    notebook: Notebook
    #: Jobs that were read to their end, by their sources, until `finishing` is through.
    read: dict[str, str] = field(default_factory=dict)
    #: Held while a page is made into records, which takes 20 MB and every core anyway.
    making: AbstractContextManager[object] = field(default_factory=Lock)

    def pages(
        self, source: Source, place: Place, until: datetime, reading: Reading
    ) -> Iterator[tuple[Rows, Place]]:
        """Rows in batches, each with the place behind it; the last place ends the first reading.

        A batch is ready where the source can be read column by column.

        Raises NoBulk when the object must be read in another way, JobLost when its job is gone.
        """
        place = self._job(source, place, until, reading)
        make = typed(self.org.fields(source.table.name))

        def of_page(page: Page) -> Iterator[Rows]:
            try:
                with self.making:
                    return iter([*made(page, source, reading)])
            except Unclear:
                return _row_by_row(page, make)

        job = str(place.job)
        try:
            yield from self._rows(job, place, of_page)
        except JobLost:
            self.notebook.put(_note(source), None)
            raise
        self.read[source.name] = job

    def finishing(self, batches: Iterable[T], of: Iterable[Source]) -> Iterator[T]:
        """What was read of these objects, for whoever keeps it; then their jobs are done with."""
        yield from batches
        self._finish(of)

    def _finish(self, done: Iterable[Source]) -> None:
        """With the last of all jobs, Salesforce may throw the results of every one away."""
        over = {one: job for one in done if (job := self.read.pop(one.name, None))}
        for source, job in over.items():
            self.notebook.put(_note(source), _READ | {_LEFT: job})
        every = sources.all_changing()
        if not over or any(map(self.is_loading, every)):
            return
        notes = {_note(one): self.notebook.get(_note(one)) or {} for one in every}
        left = {name: str(note[_LEFT]) for name, note in notes.items() if _LEFT in note}
        self.bulk.finish(*left.values())
        for name in left:
            self.notebook.put(name, _READ)

    def begin(self, wanted: Iterable[Source], until: datetime, reading: Reading) -> None:
        """Start the jobs of objects that were never read, so that Salesforce works meanwhile."""
        for source in wanted:
            if self.notebook.get(_note(source)) is None:
                # Whoever cannot be read so finds out when its turn comes.
                with suppress(NoBulk):
                    self._job(source, Place(), until, reading)

    def may_run_ahead(self, subject: Subject) -> bool:
        """Whether a first reading may begin before what comes first is kept.

        It may while jobs are under way, whose results were settled when they began. Changes that
        are read in another way must not be older than their deals.
        """
        loading = [one for one in sources.all_changing() if self.is_loading(one)]
        if subject is Subject.CHANGES:
            return any(one in sources.CHANGING[subject] for one in loading)
        return bool(loading)

    def is_loading(self, source: Source) -> bool:
        """Whether a job of this object was begun whose results are not all kept yet."""
        return _JOB in (self.notebook.get(_note(source)) or ())

    def knows(self, source: Source) -> bool:
        """Whether a job was ever started for this object."""
        return self.notebook.get(_note(source)) is not None

    def ids(self, query: str) -> Iterator[list[str]]:
        """What a query for ids finds, in a few large pages; raises NoBulk like `pages`."""
        job = self._start(query)
        self.bulk.wait(job, SELDOM)
        for page in self.bulk.chain(job, rows=IDS):
            yield list(page.rows(_first_cells))
        self.bulk.finish(job)

    def _job(self, source: Source, place: Place, until: datetime, reading: Reading) -> Place:
        """The job of the place; else the one that was started for this query before; else new."""
        if place.job:
            return place
        fields = self.org.readable(source.table.name, source.fields(reading))
        query = soql.select(fields, source.table.name, where=source.filter(reading))
        digest = sha256(query.encode()).hexdigest()
        note = self.notebook.get(_note(source))
        if note is not None and note.get("query") == digest:
            at = datetime.fromisoformat(str(note["until"]))
            return replace(place, job=str(note[_JOB]), until=at)
        job = self._start(query)
        # Kept before anybody waits for it: a job that nobody remembers is paid for twice.
        note = {_JOB: job, "until": until.isoformat(), "query": digest}
        self.notebook.put(_note(source), note)
        return replace(place, job=job, until=until)

    def _start(self, query: str) -> str:
        try:
            return self.bulk.start(query)
        except Refused as error:
            if error.code in NOT_IN_BULK:
                raise NoBulk from None
            raise

    def _rows(
        self, job: str, place: Place, of_page: Callable[[Page], Iterator[Rows]]
    ) -> Iterator[tuple[Rows, Place]]:
        self.bulk.wait(job)
        read = Read(pages=place.pages, locator=place.locator)
        last: Rows = []
        for page, behind in self.bulk.pages(job, read):
            with closing(page.file):
                if last:
                    yield last, place
                last = []
                for batch in of_page(page):
                    if last:
                        yield last, place
                    last = batch
            # The last rows of a page are stored together with the place behind it.
            place = replace(place, pages=behind.pages, locator=behind.locator)
        yield last, Place(since=place.until)


def _row_by_row(page: Page, make: Typed) -> Iterator[list[Row]]:
    rows = page.rows(make)
    while batch := list(islice(rows, ROWS)):
        yield batch


#: What is noted of an object that was read to the end, and of its job until the results are gone.
_READ, _LEFT, _JOB = {"read": True}, "left", "job"


def _first_cells(_columns: Sequence[str]) -> Callable[[Sequence[str]], str]:
    return lambda cells: cells[0]


def _note(source: Source) -> str:
    return f"bulk:{source.name}"
