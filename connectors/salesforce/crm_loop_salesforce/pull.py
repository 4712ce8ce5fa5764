"""What changed in each subject, as batches of our records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crm_loop.connector.contract import RECONCILE, Batch, Cursor
from crm_loop.records import Record, Subject
from crm_loop_salesforce import places, soql
from crm_loop_salesforce.bulk_load import BulkLoad, NoBulk, Rows
from crm_loop_salesforce.by_columns import Made
from crm_loop_salesforce.deletions import Deletions, ids_query
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import JobLost
from crm_loop_salesforce.places import Place
from crm_loop_salesforce.translate import names, people, sources
from crm_loop_salesforce.translate.sources import MEETINGS, Reading, Source
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.whole import made_of
from crm_loop_salesforce.windows import HOLD_BACK, OVERLAP, Windows

#: Objects with more rows than this are loaded by a bulk job at the first time.
BULK_FROM = 10_000
#: What stamps do not tell (formulas, the meaning of a stage) is read again so often.
REFRESH_AFTER = timedelta(days=1)
#: Rows that are purged while nobody looks leave no trace but their absence.
SWEEP_AFTER = timedelta(days=7)
_SWEPT, _REFRESHED, _STAGES, _BEGUN = "swept", "refreshed", "stages", "begun"
_LONG_AGO = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Puller:
    """Reads the subjects of one org for one connector."""

    org: Org
    windows: Windows
    load: BulkLoad
    deletions: Deletions
    reading: Reading
    bulk_from: int = BULK_FROM

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        """A subject that is read by its changes, from where the cursor stands."""
        first, now = not cursor, self.reading.now.isoformat()
        kept: dict[str, Any] = {_SWEPT: now, _BEGUN: now, _REFRESHED: now, **(cursor or {})}
        if kept.pop(RECONCILE, False):
            kept[_SWEPT] = _LONG_AGO
        wanted = [one for one in sources.CHANGING[subject] if self._is_there(one)]
        for source in wanted:
            yield from self._source(source, kept)
        if not first and MEETINGS in wanted:
            yield from self._begun(kept)
        if not first and subject is Subject.DEALS:
            yield from self._refreshed(wanted[0], kept)
        if self._must_sweep(subject, wanted, kept):
            yield from self._sweep(wanted, kept)

    def begin(self) -> None:
        """Start the jobs of large objects that were never read: Salesforce works meanwhile."""
        wanted = filter(self._is_loadable, sources.all_changing())
        self.load.begin(wanted, self.reading.now - HOLD_BACK, self.reading)

    def _is_there(self, source: Source) -> bool:
        return not source.optional or self.org.has(source.table)

    def _source(self, source: Source, kept: dict[str, Any]) -> Iterator[Batch]:
        """Deletions first: what came back since then is among the rows."""
        place = places.read(kept.get(source.name))
        until = self.reading.now - HOLD_BACK
        if source.deletions and place.since:
            yield from self._deleted(source, place.since, until, kept)
        try:
            for rows, behind in self._pages(source, place, until):
                kept[source.name] = behind.written()
                batch = self._batch(source, rows, kept)
                # What a job lists is as old as the job.
                ends = place.is_first and not behind.is_first
                yield replace(batch, outdated=ends and self.load.is_loading(source))
                place = behind
        except JobLost:
            kept.pop(source.name, None)
            yield Batch(cursor=dict(kept))
            raise

    def _pages(self, source: Source, place: Place, until: datetime) -> Iterator[tuple[Rows, Place]]:
        if place.job or (place.is_first and not place.at and self._is_large(source)):
            if not place.job and not self.load.knows(source):
                self.begin()
            try:
                yield from self.load.pages(source, place, until, self.reading)
            except NoBulk:
                place = Place()
            else:
                return
        yield from self.windows.changed(source, place, until, self.reading)

    def _is_loadable(self, source: Source) -> bool:
        return self.org.has(source.table) and self._is_large(source)

    def _is_large(self, source: Source) -> bool:
        return self.org.count(source.table.name) > self.bulk_from

    def _deleted(
        self, source: Source, since: datetime, until: datetime, kept: dict[str, Any]
    ) -> Iterator[Batch]:
        found = self.deletions.since(source.table.name, since - OVERLAP, until)
        if not found.whole:
            # Only a look at every id can tell now.
            kept[_SWEPT] = _LONG_AGO
        if found.ids:
            gone = [one for record_id in found.ids for one in source.gone({"Id": record_id})]
            yield Batch(removed=gone, cursor=dict(kept))

    def _batch(self, source: Source, rows: Rows, kept: Mapping[str, Any]) -> Batch:
        records: Sequence[Record]
        gone: Sequence[Row]
        if isinstance(rows, Made):
            records, gone = rows.records, rows.gone
        else:
            gone = [row for row in rows if row.get("IsDeleted")]
            records = self._records(source, (row for row in rows if not row.get("IsDeleted")))
        merged = {row["Id"]: row["MasterRecordId"] for row in gone if row.get("MasterRecordId")}
        return Batch(
            rows=records,
            removed=[one for row in gone for one in source.gone(row)],
            merged=merged,
            cursor=dict(kept),
        )

    def _records(self, source: Source, rows: Iterable[Row]) -> list[Record]:
        def made() -> Iterator[Record]:
            for row in rows:
                yield from filter(None, source.make(row, self.reading))

        return list(made_of(source.table.name, made))

    def _begun(self, kept: dict[str, Any]) -> Iterator[Batch]:
        """Meetings that have begun since the last time, which changes no stamp of theirs."""
        since = datetime.fromisoformat(kept[_BEGUN]) - OVERLAP
        begun = soql.both(MEETINGS.where, sources.begun(since, self.reading.now))
        rows = self.windows.whole(MEETINGS.table, begun)
        kept[_BEGUN] = self.reading.now.isoformat()
        yield Batch(rows=self._records(MEETINGS, rows), cursor=dict(kept))

    def _refreshed(self, source: Source, kept: dict[str, Any]) -> Iterator[Batch]:
        """Once a day: open deals with formulas, and deals in stages that mean something else."""
        if not self._is_older(kept[_REFRESHED], REFRESH_AFTER):
            return
        stages, known = self._stages(), kept.get(_STAGES) or {}
        moved = [name for name in stages if known.get(name, stages[name]) != stages[name]]
        conditions = ["IsClosed = false"] if self._has_formulas(source) else []
        if moved:
            conditions.append(soql.one_of("StageName", map(soql.text, sorted(moved))))
        kept |= {_REFRESHED: self.reading.now.isoformat(), _STAGES: stages}
        rows: list[Row] = []
        if conditions:
            where = soql.both("IsDeleted = false", " OR ".join(conditions))
            rows = self.windows.whole(source.table, where, source.fields(self.reading))
        yield Batch(rows=self._records(source, rows), cursor=dict(kept))

    def _is_older(self, at: str, age: timedelta) -> bool:
        return self.reading.now - datetime.fromisoformat(at) >= age

    def _stages(self) -> dict[str, str]:
        found = map(people.stage, self.windows.whole(names.STAGES))
        return {one.id: f"{one.is_closed:d}{one.is_won:d}{one.forecast or ''}" for one in found}

    def _has_formulas(self, source: Source) -> bool:
        known = self.org.fields(source.table.name)
        return any(known.get(name, {}).get("calculated") for name in source.fields(self.reading))

    def _must_sweep(
        self, subject: Subject, wanted: Sequence[Source], kept: Mapping[str, Any]
    ) -> bool:
        """Once a week, or when the list of deletions has a gap.

        An object that was read before and is hidden now must not look like a mass deletion.
        """
        hidden = any(one.name in kept for one in sources.CHANGING[subject] if one not in wanted)
        countable = all(one.deletions for one in wanted)
        return countable and not hidden and self._is_older(kept[_SWEPT], SWEEP_AFTER)

    def _sweep(self, wanted: Sequence[Source], kept: dict[str, Any]) -> Iterator[Batch]:
        for source in wanted:
            for ids in self._present(source):
                exist = [one for found in ids for one in source.gone({"Id": found})]
                yield Batch(present=exist, cursor=dict(kept))
        kept[_SWEPT] = self.reading.now.isoformat()
        yield Batch(swept=True, cursor=dict(kept))

    def _present(self, source: Source) -> Iterator[list[str]]:
        query = ids_query(source.table.name, source.filter(self.reading))
        if self._is_large(source):
            try:
                yield from self.load.ids(query)
            except NoBulk:
                pass
            else:
                return
        yield from self.windows.ids(query)
