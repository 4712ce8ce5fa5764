"""What changed in each subject, as batches of our records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.records import DealChange, Record, Subject
from crm_loop_hubspot import whole
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.legs import finished, finished_until, place_of, walk
from crm_loop_hubspot.objects import Translate, legs_of, living
from crm_loop_hubspot.portal import KeyPlace
from crm_loop_hubspot.translate import activities, deals, tasks
from crm_loop_hubspot.translate.kinds import (
    CALLS,
    COMPANIES,
    DEALS,
    EMAILS,
    KEYED_TASKS,
    MARKED_TASKS,
    MEETINGS,
    Kind,
    Linked,
    Reading,
)
from crm_loop_hubspot.transport import Api

#: Changes in one batch, and the most that are kept between two subjects.
CHANGES_A_BATCH = 5_000
CHANGES_KEPT = 100_000

TranslateOne = Callable[[Linked, Reading], Record | None]
Reader = tuple[Kind, TranslateOne]

_WHOLE: Mapping[Subject, Callable[[Api, Reading], Iterator[Batch]]] = {
    Subject.PEOPLE: whole.people,
    Subject.STAGES: whole.stages,
    Subject.QUOTAS: whole.quotas,
}
_ACTIVITIES: tuple[Reader, ...] = (
    (CALLS, activities.call),
    (MEETINGS, activities.meeting),
    (EMAILS, activities.email),
)


@dataclass(slots=True)
class Past:
    """The changes that reading the deals brought along, so that they need not be read again.

    They count only when the deals were read from start to end: `since` (None: everything) to
    `until`.
    """

    since: datetime | None
    until: datetime
    changes: list[DealChange] = field(default_factory=list)
    whole: bool = False

    def covers(self, cursor: Cursor | None) -> bool:
        if not self.whole or len(self.changes) > CHANGES_KEPT:
            return False
        if self.since is None:
            return cursor is None or finished_until(cursor) is not None
        read_until = finished_until(cursor)
        return read_until is not None and self.since <= read_until


class Puller:
    """Reads the subjects of one portal for one connector."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._past: Past | None = None

    def pull(
        self, subject: Subject, cursor: Cursor | None, reading: Reading, place: KeyPlace
    ) -> Iterator[Batch]:
        """`reading.now` is asked of the portal where the subject needs it."""
        if subject in _WHOLE:
            return _WHOLE[subject](self._api, reading)
        if subject is Subject.DEALS:
            return self._deals(cursor, reading)
        if subject is Subject.CHANGES:
            return self._changes(cursor, reading)
        return self._objects(_readers(subject, place), cursor, reading)

    def _objects(
        self, kinds: Sequence[Reader], cursor: Cursor | None, reading: Reading
    ) -> Iterator[Batch]:
        now = self._api.time()
        reading = replace(reading, now=now)
        legs = [
            leg
            for kind, translate in kinds
            for leg in legs_of(self._api, kind, _single(translate, reading))
        ]
        return walk(legs, place_of(cursor, now))

    def _deals(self, cursor: Cursor | None, reading: Reading) -> Iterator[Batch]:
        stages = {(stage.pipeline, stage.id): stage for stage in whole.stages_of(self._api)}
        reading = replace(reading, stages=stages)
        place = place_of(cursor, self._api.time())
        past = self._past = Past(place.window.since, place.window.until)

        def translate(linked: Linked) -> Iterator[Record]:
            if len(past.changes) <= CHANGES_KEPT:
                past.changes.extend(deals.changes(linked, reading))
            yield deals.deal(linked, reading)

        yield from walk(legs_of(self._api, DEALS, translate), place)
        past.whole = place.leg == 0 and place.after is None

    def _changes(self, cursor: Cursor | None, reading: Reading) -> Iterator[Batch]:
        past, self._past = self._past, None
        if past is not None and past.covers(cursor):
            for piece in pieces(past.changes, CHANGES_A_BATCH):
                yield Batch(rows=piece, cursor=cursor)
            yield Batch(cursor=finished(past.until))
            return

        def translate(linked: Linked) -> Iterator[Record]:
            return deals.changes(linked, reading)

        leg = living(self._api, replace(DEALS, links=()), translate)
        yield from walk([leg], place_of(cursor, self._api.time()))


def _readers(subject: Subject, place: KeyPlace) -> Sequence[Reader]:
    if subject is Subject.ACTIVITIES:
        return _ACTIVITIES
    if subject is Subject.TASKS:
        return [(MARKED_TASKS if place is KeyPlace.BODY else KEYED_TASKS, tasks.task)]
    return [(COMPANIES, deals.account)]


def _single(translate: TranslateOne, reading: Reading) -> Translate:
    """Rows that cannot be used, such as an activity without a date, are left out."""

    def rows(linked: Linked) -> Iterator[Record]:
        record = translate(linked, reading)
        if record is not None:
            yield record

    return rows
