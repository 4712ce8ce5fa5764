"""What changed in each subject, as batches of our records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from crm_loop.connector.ahead import Ahead
from crm_loop.connector.contract import Batch, Cursor, Notebook
from crm_loop.records import Record, Stage, Subject
from crm_loop_hubspot import goals, whole
from crm_loop_hubspot.discover import Discovered
from crm_loop_hubspot.legs import (
    OVERLAP,
    Leg,
    Place,
    Step,
    finished,
    handed_on,
    moment,
    place_of,
    step_of,
    walk,
)
from crm_loop_hubspot.objects import Objects, Translate
from crm_loop_hubspot.own_fields import with_own
from crm_loop_hubspot.portal import KeyPlace
from crm_loop_hubspot.shared import Shared
from crm_loop_hubspot.sources import CONTACTS_AS_LEADS, LEADS_THEMSELVES, READERS, Reader, task_kind
from crm_loop_hubspot.spool import Spool
from crm_loop_hubspot.translate import deals, sales
from crm_loop_hubspot.translate.kinds import DEALS, MODIFIED, Kind, Linked, Reading
from crm_loop_hubspot.transport import Api
from crm_loop_hubspot.watch import Watch

#: Purged and merged records, late indexes and forgotten associations: a look at everything.
SWEEP_AFTER = timedelta(days=7)
#: Such a look is put off while less than this share of the day's calls is left.
SWEEP_LEAVES = 0.2


_WHOLE: Mapping[Subject, Callable[[Api, Reading], Iterator[Batch]]] = {
    Subject.RATES: whole.rates,
    Subject.SPLITS: whole.splits,
}


@dataclass(slots=True)
class Puller:
    """Reads the subjects of one portal for one connector."""

    api: Api
    notebook: Notebook
    discovered: Discovered
    overlap: timedelta = OVERLAP
    leads_from: str | None = None
    _spools: dict[Subject, Spool] = field(default_factory=dict)
    _roster: Shared[whole.Roster] = field(init=False)
    _stages: Shared[list[Stage]] = field(init=False)

    def __post_init__(self) -> None:
        self._roster = Shared(partial(whole.roster, self.api))
        self._stages = Shared(partial(whole.stages_of, self.api))

    def pull(
        self, subject: Subject, cursor: Cursor | None, reading: Reading, key: KeyPlace
    ) -> Iterator[Batch]:
        """Reading begins at once, but for what another subject may bring along.

        `reading.now` is asked of the portal where the subject needs it.
        """
        if subject in (Subject.CHANGES, Subject.CONTACT_ROLES, Subject.LEAD_CHANGES):
            return handed_on(self._brought_along(subject, cursor, reading), self.notebook)
        if subject in (Subject.PEOPLE, Subject.ABSENCES, Subject.STAGES):
            return Ahead(self._known_whole(subject, reading))
        if subject in _WHOLE:
            return Ahead(_WHOLE[subject](self.api, reading))
        if subject is Subject.QUOTAS:
            return Ahead(goals.quotas(self.api, self._place(cursor), reading))
        own = {Subject.DEALS: self._deals, Subject.LEADS: self._leads}
        if subject in own:
            steps = own[subject](cursor, reading)
        else:
            steps = self._objects(_readers(subject, key), cursor, reading)
        return handed_on(Ahead(steps), self.notebook)

    def _known_whole(self, subject: Subject, reading: Reading) -> Iterator[Batch]:
        """Subjects of which several need what was read for one."""
        if subject is Subject.STAGES:
            yield from whole.stages(self._stages.take(subject))
        elif subject is Subject.PEOPLE:
            yield from whole.people(self._roster.take(subject), reading)
        else:
            yield from whole.absences(self._roster.take(subject), reading)

    def _objects(
        self, readers: Sequence[Reader], cursor: Cursor | None, reading: Reading
    ) -> Iterator[Step]:
        place = self._place(cursor)
        reading = replace(reading, now=place.window.until)
        objects = [
            self._of(reader.kind, _single(reader, reading), reading, place)
            for reader in (with_own(one, reading) for one in readers)
        ]
        yield from self._run(objects, place, ())

    def _deals(self, cursor: Cursor | None, reading: Reading) -> Iterator[Step]:
        reading = self._at_stages(reading)
        place = self._place(cursor)
        changes, roles = (
            self._spool(one, place) for one in (Subject.CHANGES, Subject.CONTACT_ROLES)
        )
        kind = replace(READERS[Subject.DEALS][0].kind, properties=self.discovered.deal_properties())

        def translate(linked: Linked) -> Iterator[Record]:
            changes.add(deals.changes(linked, reading), owner=linked.id)
            roles.add(deals.roles(linked, reading), owner=linked.id)
            yield deals.deal(linked, reading)

        yield from self._run([self._of(kind, translate, reading, place)], place, (changes, roles))

    def _leads(self, cursor: Cursor | None, reading: Reading) -> Iterator[Step]:
        place = self._place(cursor)
        reader = with_own(self._lead_reader(place), reading)
        changes = self._spool(Subject.LEAD_CHANGES, place)

        def translate(linked: Linked) -> Iterator[Record]:
            found = reader.make(linked, reading)
            if found is not None:
                changes.add(sales.owner_changes(linked, reading), owner=linked.id)
                yield found

        yield from self._run([self._of(reader.kind, translate, reading, place)], place, (changes,))

    def _lead_reader(self, place: Place) -> Reader:
        """What was chosen once stays, so that a lead is not counted under two ids."""
        of = self.leads_from or place.kept.get("of") or whole.leads_from(self.api)
        place.kept["of"] = of
        return CONTACTS_AS_LEADS if of == CONTACTS_AS_LEADS.kind.name else LEADS_THEMSELVES

    def _run(
        self, objects: Sequence[Objects], place: Place, spools: Sequence[Spool]
    ) -> Iterator[Step]:
        """Every way through every type; now and then a look at everything at the end."""
        began, kept = place.begins, place.kept
        kept.setdefault("swept", place.window.until.isoformat())
        legs: list[Leg] = [leg for one in objects for leg in (one.living, one.gone, one.tied)]
        yield from walk(legs, place)
        seen = _all_seen(objects, place)
        named_all = seen and began and place.window.since is None
        if swept := seen and self._must_sweep(place):
            behind = replace(place, leg=len(legs), after=None)
            for one in objects:
                for piece in one.again():
                    yield step_of(piece, behind.cursor())
            kept["swept"] = place.window.until.isoformat()
        for spool in spools:
            spool.whole = began
            # The past is never taken away: HubSpot may keep less of it than we do.
            spool.swept = (named_all or swept) and spool.subject is Subject.CONTACT_ROLES
        end = Batch(swept=named_all or swept, cursor=finished(place.window.until, kept))
        yield Step(end, {name: page for one in objects for name, page in one.all_kept().items()})

    def _must_sweep(self, place: Place) -> bool:
        old = place.window.until - moment(place.kept["swept"]) > SWEEP_AFTER
        return old and self.api.day_left >= SWEEP_LEAVES

    def _brought_along(
        self, subject: Subject, cursor: Cursor | None, reading: Reading
    ) -> Iterator[Step]:
        """What reading another subject brought, else read for itself."""
        spool = self._spools.pop(subject, None)
        if spool is not None and spool.covers(cursor):
            yield from map(Step, spool.batches(cursor, {}))
            return
        place = self._place(cursor)
        objects = self._alone(subject, reading, place)
        legs: list[Leg] = [objects.living]
        if objects.belonging:
            legs.append(objects.watched)
        yield from walk(legs, place)
        yield Step(Batch(cursor=finished(place.window.until, place.kept)))

    def _alone(self, subject: Subject, reading: Reading, place: Place) -> Objects:
        make: Callable[[Linked, Reading], Iterator[Record]] = deals.roles
        kind = replace(DEALS, properties=(MODIFIED,), history=(), links=("contacts",))
        if subject is Subject.LEAD_CHANGES:
            make = sales.owner_changes
            kind = replace(self._lead_reader(place).kind, links=(), watched=None)
        elif subject is Subject.CHANGES:
            make, kind = deals.changes, replace(DEALS, links=())
        objects = self._of(kind, lambda row: make(row, reading), reading, place)
        return replace(objects, names=False, belonging=subject is Subject.CONTACT_ROLES)

    def _of(self, kind: Kind, translate: Translate, reading: Reading, place: Place) -> Objects:
        watch = Watch(self.notebook, kind)
        return Objects(self.api, kind, translate, reading, watch, place.kept)

    def _place(self, cursor: Cursor | None) -> Place:
        return place_of(cursor, self.api.seen_time(), self.overlap)

    def _spool(self, subject: Subject, place: Place) -> Spool:
        window = place.window
        # A first reading names everything, and there is nothing else yet.
        belonging = subject is Subject.CONTACT_ROLES and window.since is not None
        self._spools[subject] = Spool(subject, window.since, window.until, belonging)
        return self._spools[subject]

    def _at_stages(self, reading: Reading) -> Reading:
        known = self._stages.take(Subject.DEALS)
        stages = {(stage.pipeline, stage.id): stage for stage in known}
        entered = self.discovered.entered({stage for _, stage in stages})
        return replace(reading, stages=stages, entered=entered)


def _readers(subject: Subject, key: KeyPlace) -> Sequence[Reader]:
    readers = READERS[subject]
    if subject is Subject.TASKS:
        return [replace(one, kind=task_kind(has_field=key is not KeyPlace.BODY)) for one in readers]
    return readers


def _single(reader: Reader, reading: Reading) -> Translate:
    """Rows that cannot be used, such as an activity without a date, are left out."""

    def rows(linked: Linked) -> Iterator[Record]:
        record = reader.make(linked, reading)
        if record is not None:
            yield record

    return rows


def _all_seen(objects: Sequence[Objects], place: Place) -> bool:
    """False while a type is hidden whose records are known: it would look like a deletion."""
    hidden = {one.kind.name for one in objects if one.hidden}
    known = set(place.kept.get("read") or ())
    place.kept["read"] = sorted(known | {one.kind.name for one in objects} - hidden)
    return not hidden & known
