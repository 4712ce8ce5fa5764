"""What changed in each subject: closed windows, ordered so that a pull can go on anywhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop.records import Record, Subject
from crm_loop_salesforce import soql
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import HIDDEN, LocatorExpired
from crm_loop_salesforce.translate import records, sources
from crm_loop_salesforce.translate.records import Row
from crm_loop_salesforce.translate.sources import Source, Whole
from crm_loop_salesforce.transport import Api

#: Rows of transactions that are still running appear late: stay behind, and overlap.
HOLD_BACK = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)
#: A list may be forgotten again and again while an org is under load.
RESTARTS = 5

T = TypeVar("T")


class Puller:
    """Reads the subjects of one org for one connector."""

    def __init__(self, api: Api, org: Org) -> None:
        self._api = api
        self._org = org

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        whole = sources.WHOLE.get(subject)
        if whole is not None:
            yield Batch(rows=self._all(whole), complete=True, cursor={})
            return
        places: dict[str, Any] = dict(cursor or {})
        # An old time would end the window too early; at the first reading it does no harm.
        now = self._api.time(afresh=cursor is not None)
        for source in self._sources(subject, now):
            yield from self._changed(source, places, now)
        if subject is Subject.ACTIVITIES and cursor is not None:
            yield Batch(rows=self._begun(cursor, now), cursor=dict(places))

    def _sources(self, subject: Subject, now: datetime) -> list[Source]:
        if subject is Subject.ACTIVITIES:
            zone = self._org.zone
            return [sources.meetings(now, zone), sources.logged(zone)]
        return [one for one in sources.CHANGING[subject] if one.table in self._org.objects]

    def _all(self, whole: Whole) -> list[Record]:
        def read() -> Iterable[list[Row]]:
            fields = self._org.readable(whole.table, whole.fields)
            return [
                list(self._api.rows("query", soql.select(fields, whole.table, where=whole.where)))
            ]

        return [
            one
            for rows in self._restarting(read)
            for row in rows
            for one in _made(whole.table, whole.make, row)
        ]

    def _changed(self, source: Source, places: dict[str, Any], now: datetime) -> Iterator[Batch]:
        """Everything at the first time, then windows that end a little before now."""
        place = dict(places.get(source.name) or {})
        # The first window has no upper bound: what an import stamped ahead of now counts too.
        until = _moment(place, "until") or (now - HOLD_BACK)
        bounded = "since" in place
        for page in self._restarting(
            lambda: self._pages(source, place, until if bounded else None)
        ):
            last = page[-1]
            place.update(until=until.isoformat(), at=last[source.stamp], id=last["Id"])
            places[source.name] = dict(place)
            yield _batch(source, page, places)
        places[source.name] = {"since": until.isoformat()}
        yield Batch(cursor=dict(places))

    def _pages(
        self, source: Source, place: Mapping[str, Any], until: datetime | None
    ) -> Iterator[list[Row]]:
        bound = "" if until is None else f"{source.stamp} < {soql.moment(until)}"
        query = soql.select(
            self._org.readable(source.table, source.fields),
            source.table,
            where=soql.both(source.where, _after(source, place), bound),
            order=f"{source.stamp}, Id",
        )
        yield from self._api.pages("queryAll", query)

    def _begun(self, cursor: Cursor, now: datetime) -> list[Record]:
        """Meetings that have begun since the last time, which changes no stamp of theirs."""
        since = _moment(cursor.get("meetings") or {}, "since")
        if since is None:
            return []
        source = sources.meetings(now, self._org.zone)
        begun = sources.begun(since - OVERLAP, now)

        def read() -> Iterable[list[Row]]:
            fields = self._org.readable(source.table, source.fields)
            query = soql.select(fields, source.table, where=soql.both(source.where, begun))
            return [list(self._api.rows("query", query))]

        return [
            one
            for rows in self._restarting(read)
            for row in rows
            for one in _made(source.table, source.make, row)
        ]

    def _restarting(self, read: Callable[[], Iterable[T]]) -> Iterator[T]:
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


def _batch(source: Source, page: Sequence[Row], places: Mapping[str, Any]) -> Batch:
    living = [row for row in page if not row.get("IsDeleted")]
    gone = [row for row in page if row.get("IsDeleted")]
    return Batch(
        rows=[record for row in living for record in _made(source.table, source.make, row)],
        removed=[one for row in gone for one in source.gone(row)],
        cursor=dict(places),
    )


def _after(source: Source, place: Mapping[str, Any]) -> str:
    """Where to go on: behind the last row that was stored, else at the last window's end."""
    if "at" in place:
        at = soql.moment(records.moment(place["at"]))
        behind = f"({source.stamp} = {at} AND Id > {soql.record_id(place['id'])})"
        return f"{behind} OR {source.stamp} > {at}"
    since = _moment(place, "since")
    return "" if since is None else f"{source.stamp} >= {soql.moment(since - OVERLAP)}"


def _moment(place: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(place[name]) if name in place else None


def _made(table: str, make: Callable[[Row], Iterable[Record]], row: Row) -> list[Record]:
    """The records of a row; a hidden field is no empty one, so without it there is nothing."""
    try:
        return list(make(row))
    except KeyError as hidden:
        raise NeedsAttention(
            f"Salesforce does not show {table}.{hidden.args[0]} to the integration user.",
            code="salesforce.no_field",
            do="Give the integration user this permission, then run the doctor.",
        ) from None
