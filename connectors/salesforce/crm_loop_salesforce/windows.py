"""One object by REST: closed windows on its stamp, ordered so that reading can go on anywhere."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from crm_loop.errors import Refused, Transient
from crm_loop_salesforce import soql
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import HIDDEN, LocatorExpired, QueryTimedOut
from crm_loop_salesforce.places import Place
from crm_loop_salesforce.translate import values
from crm_loop_salesforce.translate.names import Table
from crm_loop_salesforce.translate.sources import Reading, Source
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.transport import Api

#: Rows of transactions that are still running appear late: stay behind, and overlap.
HOLD_BACK = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)
#: A list may be forgotten again and again while an org is under load.
RESTARTS = 5
#: A window that times out is halved down to this.
NARROWEST = timedelta(minutes=1)

T = TypeVar("T")


class Windows:
    """Reads what changed in the objects of one org."""

    def __init__(self, api: Api, org: Org, *, overlap: timedelta = OVERLAP) -> None:
        self._api = api
        self._org = org
        self._overlap = overlap

    def changed(
        self, source: Source, place: Place, until: datetime, reading: Reading
    ) -> Iterator[tuple[list[Row], Place]]:
        """Pages from a place up to a moment (all there is at the first time), and where each ends.

        The last place is the one behind the window. A window that takes Salesforce too long is
        read in halves.
        """
        while True:
            window = place if place.until else replace(place, until=until)
            try:
                yield from self._window(source, window, reading)
            except QueryTimedOut:
                place = self._halved(window)
                continue
            place = Place(since=window.until)
            yield [], place
            if window.until is None or window.until >= until:
                return

    def _halved(self, window: Place) -> Place:
        start = _start(window)
        if start is None or window.until is None or window.until - start <= NARROWEST:
            raise Transient("Salesforce takes too long for a query.", code="crm.query_timeout")
        return replace(window, until=start + (window.until - start) / 2)

    def _window(
        self, source: Source, window: Place, reading: Reading
    ) -> Iterator[tuple[list[Row], Place]]:
        # The first window has no upper bound: what an import stamped ahead of now counts too.
        place = window

        def pages() -> Iterator[list[Row]]:
            return self._pages(source, place, reading)

        for page in self.restarting(pages):
            place = place.behind(page[-1][source.stamp], page[-1]["Id"])
            yield page, place

    def _pages(self, source: Source, place: Place, reading: Reading) -> Iterator[list[Row]]:
        bound = "" if place.is_first else f"{source.stamp} < {soql.moment(_end(place))}"
        query = soql.select(
            self._org.readable(source.table.name, source.fields(reading)),
            source.table.name,
            where=soql.both(source.filter(reading), self._after(source, place), bound),
            order=f"{source.stamp}, Id",
        )
        for page in self._api.pages("queryAll", query):
            yield list(page)

    def _after(self, source: Source, place: Place) -> str:
        """Behind the last row that was stored, else from the last window's end, overlapping it."""
        if place.at and place.id:
            at = soql.moment(values.moment(place.at))
            behind = f"({source.stamp} = {at} AND Id > {soql.record_id(place.id)})"
            return f"{behind} OR {source.stamp} > {at}"
        since = place.since
        return "" if since is None else f"{source.stamp} >= {soql.moment(since - self._overlap)}"

    def whole(
        self, table: Table, where: str = "", fields: Iterable[str] | None = None
    ) -> list[Row]:
        """All living rows of an object that is small, or of which a condition leaves few."""

        def read() -> Iterator[list[Row]]:
            names = self._org.readable(table.name, fields or table.fields)
            query = soql.select(names, table.name, where=where)
            yield list(self._api.rows("query", query))

        return [row for rows in self.restarting(read) for row in rows]

    def ids(self, query: str) -> Iterator[list[str]]:
        """What a query for ids finds, page by page; a page may come twice."""
        for page in self.restarting(lambda: self._api.pages("queryAll", query)):
            yield [str(row["Id"]) for row in page]

    def restarting(self, read: Callable[[], Iterable[T]]) -> Iterator[T]:
        """Read on when a place in a list or a field is gone; `read` knows where it was."""
        for left in reversed(range(RESTARTS)):
            try:
                yield from read()
            except LocatorExpired:
                if not left:
                    raise
            except Refused as error:
                if error.code not in HIDDEN:
                    raise
                if not left:
                    raise Transient(error.happened, code=error.code) from None
                self._org.look_again()
            else:
                return


def _start(place: Place) -> datetime | None:
    return values.moment(place.at) if place.at else place.since


def _end(place: Place) -> datetime:
    if place.until is None:
        raise ValueError(place)
    return place.until
