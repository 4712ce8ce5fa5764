"""What changed in each subject: closed windows, ordered so that a pull can go on anywhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.records import Record, Subject
from crm_loop_salesforce import names, soql, translate
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import LocatorExpired
from crm_loop_salesforce.translate import Row
from crm_loop_salesforce.transport import Api

#: Rows of transactions that are still running appear late: stay behind, and overlap.
HOLD_BACK = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)
#: A list may be forgotten again and again while an org is under load.
RESTARTS = 5

Translate = Callable[[Row], Sequence[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One object that a subject is read from. `stamp` orders it and bounds the window."""

    name: str
    table: str
    fields: Sequence[str]
    translate: Translate
    where: str = ""
    stamp: str = "SystemModstamp"


class Puller:
    """Reads the subjects of one org for one connector."""

    def __init__(self, api: Api, org: Org) -> None:
        self._api = api
        self._org = org

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        whole = _WHOLE.get(subject)
        if whole is not None:
            yield Batch(rows=list(self._all(*whole)), complete=True, cursor={})
            return
        places: dict[str, Any] = dict(cursor or {})
        now = self._api.time()
        for source in self._sources(subject, now):
            yield from self._changed(source, places, now)
        if subject is Subject.ACTIVITIES and cursor is not None:
            yield Batch(rows=list(self._begun(cursor, now)), cursor=dict(places))

    def _sources(self, subject: Subject, now: datetime) -> list[Source]:
        if subject is Subject.ACTIVITIES:
            return [_meetings(now), self._calls_and_mails()]
        sources = list(_SOURCES[subject])
        return [source for source in sources if source.table in self._org.objects]

    def _calls_and_mails(self) -> Source:
        zone = ZoneInfo(str(self._org.organization.get("TimeZoneSidKey") or "UTC"))
        return Source(
            name="logged",
            table=names.TASK,
            fields=names.CALL_FIELDS,
            translate=lambda row: [translate.logged(row, zone)],
            where=_LOGGED,
        )

    def _all(
        self, table: str, fields: Sequence[str], one: Callable[[Row], Record], where: str
    ) -> Iterator[Record]:
        query = soql.select(self._org.readable(table, fields), table, where=where)
        for row in self._rows("query", query):
            yield one(row)

    def _changed(self, source: Source, places: dict[str, Any], now: datetime) -> Iterator[Batch]:
        """Everything at the first time, then windows that end a little before now."""
        place = dict(places.get(source.name) or {})
        # The first window has no upper bound: what an import stamped ahead of now counts too.
        until = _moment(place, "until") or (now - HOLD_BACK)
        bounded = "since" in place
        for restart in range(RESTARTS):
            try:
                for page in self._pages(source, place, until if bounded else None):
                    place |= {"until": until.isoformat(), "at": page[-1][source.stamp],
                              "id": page[-1]["Id"]}  # fmt: skip
                    places[source.name] = dict(place)
                    yield _batch(source, page, places)
                break
            except LocatorExpired:
                if restart == RESTARTS - 1:
                    raise
        places[source.name] = {"since": until.isoformat()}
        yield Batch(cursor=dict(places))

    def _pages(
        self, source: Source, place: Mapping[str, Any], until: datetime | None
    ) -> Iterator[list[Row]]:
        conditions = [source.where, _after(source, place)]
        if until is not None:
            conditions.append(f"{source.stamp} < {soql.moment(until)}")
        query = soql.select(
            self._org.readable(source.table, source.fields),
            source.table,
            where=soql.both(*conditions),
            order=f"{source.stamp}, Id",
        )
        answer = self._api.get("queryAll", {"q": query})
        while True:
            if answer["records"]:
                yield answer["records"]
            if answer["done"]:
                return
            answer = self._api.next_page(answer["nextRecordsUrl"])

    def _begun(self, cursor: Cursor, now: datetime) -> Iterator[Record]:
        """Meetings that have begun since the last time, which changes no stamp of theirs."""
        since = _moment(cursor.get("meetings") or {}, "since")
        if since is None:
            return
        source = _meetings(now)
        where = soql.both(
            source.where,
            "IsDeleted = false",
            f"StartDateTime >= {soql.moment(since - OVERLAP)}",
            f"StartDateTime <= {soql.moment(now)}",
        )
        fields = self._org.readable(source.table, source.fields)
        for row in self._rows("query", soql.select(fields, source.table, where=where)):
            yield from source.translate(row)

    def _rows(self, resource: str, query: str) -> Iterator[Row]:
        answer = self._api.get(resource, {"q": query})
        yield from answer["records"]
        while not answer["done"]:
            answer = self._api.next_page(answer["nextRecordsUrl"])
            yield from answer["records"]


def _batch(source: Source, page: Sequence[Row], places: Mapping[str, Any]) -> Batch:
    living = [row for row in page if not row.get("IsDeleted")]
    gone = [row["Id"] for row in page if row.get("IsDeleted")]
    return Batch(
        rows=[record for row in living for record in source.translate(row)],
        removed=gone,
        cursor=dict(places),
    )


def _after(source: Source, place: Mapping[str, Any]) -> str:
    """Where to go on: behind the last row that was stored, else at the last window's end."""
    if "at" in place:
        at = soql.moment(translate.moment(place["at"]))
        behind = f"({source.stamp} = {at} AND Id > {soql.record_id(place['id'])})"
        return f"{behind} OR {source.stamp} > {at}"
    since = _moment(place, "since")
    return "" if since is None else f"{source.stamp} >= {soql.moment(since - OVERLAP)}"


def _moment(place: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(place[name]) if name in place else None


def _meetings(now: datetime) -> Source:
    return Source(
        name="meetings",
        table=names.EVENT,
        fields=names.EVENT_FIELDS,
        translate=lambda row: [translate.meeting(row, now)],
        # Copies for attendees and headers of series are no meetings.
        where="IsChild = false AND StartDateTime != null",
    )


_LOGGED = "TaskSubtype IN ('Call', 'Email')"
_TO_DO = "TaskSubtype NOT IN ('Call', 'Email', 'ListEmail') AND IsRecurrence = false"


def _owner_changes(row: Row) -> list[Record]:
    change = translate.owner_change(row)
    return [] if change is None else [change]


_WHOLE: Mapping[Subject, tuple[str, Sequence[str], Callable[[Row], Record], str]] = {
    Subject.PEOPLE: ("User", names.USER_FIELDS, translate.person, "UserType = 'Standard'"),
    Subject.STAGES: (
        "OpportunityStage",
        names.STAGE_FIELDS,
        translate.stage,
        "IsActive = true",
    ),
    Subject.QUOTAS: ("ForecastingQuota", names.QUOTA_FIELDS, translate.quota, ""),
}
_SOURCES: Mapping[Subject, Sequence[Source]] = {
    Subject.ACCOUNTS: (
        Source(
            name="accounts",
            table="Account",
            fields=names.ACCOUNT_FIELDS,
            translate=lambda row: [translate.account(row)],
        ),
    ),
    Subject.DEALS: (
        Source(
            name="deals",
            table=names.OPPORTUNITY,
            fields=names.DEAL_FIELDS,
            translate=lambda row: [translate.deal(row)],
        ),
    ),
    Subject.CHANGES: (
        Source(
            name="history",
            table=names.HISTORY,
            fields=names.HISTORY_FIELDS,
            translate=lambda row: list(translate.changes(row)),
        ),
        Source(
            name="owners",
            table=names.FIELD_HISTORY,
            fields=names.OWNER_FIELDS,
            translate=_owner_changes,
            where="Field = 'Owner'",
            stamp="CreatedDate",
        ),
    ),
    Subject.TASKS: (
        Source(
            name="tasks",
            table=names.TASK,
            fields=names.TASK_FIELDS,
            translate=lambda row: [translate.task(row)],
            where=_TO_DO,
        ),
    ),
}
