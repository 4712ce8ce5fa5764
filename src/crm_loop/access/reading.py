"""The one place through which agendas, figures and conclusions are read by people.

Steps of the loop work on everything; whoever shows something to a person asks here, and gets
what the privacy matrix lets that person read, with everything else taken out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from crm_loop.access.privacy import MANAGERS_OWN, Item, Reader, Shown, may_be_told, shown, stands
from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.loop_records import (
    Agenda,
    CycleRecord,
    Form,
    Insight,
    KpiValue,
    Member,
    MissingLink,
    RecordRef,
    Restated,
    Suggestion,
    SuggestionState,
)
from crm_loop.store import State
from crm_loop.store.opened import opened as everything_of

#: In these a suggestion stands, or stood, in what the rep reads.
IN_THE_MEMO = (SuggestionState.LET_THROUGH, SuggestionState.TAKEN)


@dataclass(frozen=True)
class Desk:
    """One person who reads. `person` is an e-mail address; nothing is shown to somebody unknown."""

    state: State
    person: str
    members: Mapping[str, Member]

    def agendas(self, week: str) -> list[Agenda]:
        """The agendas of a week that this person may read, in the copy that is this person's."""
        found = (self.agenda_of(one) for one in self.state.agendas.of_week(week))
        return [one for one in found if one is not None]

    def agenda(self, rep: str, week: str) -> Agenda | None:
        """The agenda of one 1on1, where this person may read it."""
        found = self.state.agendas.get(rep, week)
        return None if found is None else self.agenda_of(found)

    def agendas_of(self, reps: Sequence[str], weeks: Sequence[str]) -> list[Agenda]:
        """Those agendas of some reps in some weeks that this person may read."""
        found = (self.agenda_of(one) for one in self.state.agendas.of_reps(reps, weeks))
        return [one for one in found if one is not None]

    def agenda_of(self, agenda: Agenda) -> Agenda | None:
        """One agenda as this person may read it; None where nothing of it may be read.

        A rep's 1on1 is the business of the manager who held it, also after a change of managers.
        """
        reader = self.stands_to(agenda.rep)
        if reader is not Reader.REP:
            led = self.person == agenda.manager
            reader = Reader.MANAGER if led else _not_manager(reader)
        if shown(Item.SHARED_AGENDA, reader) is not Shown.ALL:
            return None
        if shown(Item.MANAGER_COPY, reader) is Shown.ALL:
            return agenda
        return shared(agenda)

    def suggestions(self, week: str) -> list[Suggestion]:
        """Ideas for next steps: the manager's to see, the rep's once they are in the memo."""
        readable = {one.rep: one for one in self.agendas(week)}
        return [
            one
            for one in self.state.agendas.suggestions(week)
            if one.rep in readable
            and (readable[one.rep].manager == self.person or one.state in IN_THE_MEMO)
        ]

    def suggestions_of(self, agenda: Agenda) -> list[Suggestion]:
        """Ideas for one 1on1 that this person may read: all of them for who leads it."""
        if self.agenda_of(agenda) is None:
            return []
        leads = self.person == agenda.manager
        found = self.state.agendas.suggestions(agenda.week, agenda.rep)
        return [one for one in found if leads or one.state in IN_THE_MEMO]

    def note(self, agenda: Agenda) -> str | None:
        """The own note on a 1on1, sealed; nobody else's can be asked for."""
        if self.agenda_of(agenda) is None:
            return None
        return self.state.notes.get(self.person, agenda.rep, agenda.week)

    def values_of(self, day: date, people: Sequence[str]) -> list[KpiValue]:
        """Figures of some people as of a day, of those whom this person may read about."""
        some = [one for one in people if self.may_read_figures_of(one)]
        return self.state.figures.values(day, persons=some) if some else []

    def values_together(self, day: date, people: Sequence[str]) -> list[KpiValue]:
        """Figures of a group for their sums only; nothing of fewer people than five."""
        may = all(
            shown(Item.FIGURES, self.stands_to(one)) in (Shown.ALL, Shown.TOGETHER)
            for one in people
        )
        if not may or len(people) < SMALLEST_GROUP:
            return []
        return self.state.figures.values(day, persons=people)

    def history(self, person: str, kpi: str) -> list[KpiValue]:
        """One figure of a person through time."""
        if not self.may_read_figures_of(person):
            return []
        return self.state.figures.of(person, kpi)

    def restatements(self, person: str, kpi: str) -> list[Restated]:
        """What became different of a person's closed figures, the oldest first."""
        if not self.may_read_figures_of(person):
            return []
        return [one for one in self.state.frozen.restatements(person=person) if one.kpi == kpi]

    def records(self, person: str, kpi: str, day: date) -> list[RecordRef]:
        """The records that a figure is made of."""
        if not self.may_read_figures_of(person):
            return []
        return self.state.figures.records(person, kpi, day)

    def opened(self, person: str, kpi: str, day: date) -> KpiValue | None:
        """A figure with everything that was kept of it."""
        if not self.may_read_figures_of(person):
            return None
        return everything_of(self.state, person, kpi, day)

    def latest_insights(self, person: str, until: date, *, opened: bool) -> list[Insight]:
        """The newest conclusions about one person that this reader may be told."""
        reader = self.stands_to(person)
        return [
            one
            for one in self.state.insights.latest_of(person, until)
            if may_be_told(one, reader, opened=opened) and not self._of_another_manager(one)
        ]

    def figures(self, values: Iterable[KpiValue]) -> list[KpiValue]:
        """Those values that this person may read one by one."""
        return [one for one in values if self.may_read_figures_of(one.person)]

    def may_read_figures_of(self, about: str) -> bool:
        return shown(Item.FIGURES, self.stands_to(about)) is Shown.ALL

    def cycles(self, records: Iterable[CycleRecord]) -> list[CycleRecord]:
        """How far weeks have come; that nobody recorded a talk is for its manager alone."""
        found = []
        for one in records:
            reader = self.stands_to(one.rep)
            if reader is Reader.MANAGER:
                found.append(one)
            elif reader is Reader.REP:
                told = dict(one.missing)
                told.pop(MissingLink.NOT_RECORDED, None)
                found.append(replace(one, missing=told))
        return found

    def insights(self, as_of: date, *, opened: bool) -> list[Insight]:
        """Conclusions as of a day that this person may read."""
        return self.told(self.state.insights.of(as_of), opened=opened)

    def told(self, found: Iterable[Insight], *, opened: bool = False) -> list[Insight]:
        """Those conclusions that this person may read; `opened`: the manager has seen them."""
        return [one for one in found if may_be_told(one, self._about(one), opened=opened)]

    def leads(self, manager: str) -> bool:
        """Whether what is made for this manager is for this person."""
        return manager == self.person

    def team_insights(self, until: date) -> list[Insight]:
        """The newest conclusions about the reader's own team, and about the organisation."""
        found = [
            one
            for about in (self.person, "")
            for one in self.state.insights.latest_of(about, until)
            if one.form is Form.TEAM
        ]
        return [one for one in found if may_be_told(one, self._about(one), opened=False)]

    def _about(self, insight: Insight) -> Reader:
        """A conclusion about a team, kept by who leads it, is for those who lead anybody."""
        if self._of_another_manager(insight):
            return Reader.OTHER
        if insight.person and (insight.form is not Form.TEAM or insight.person != self.person):
            return self.stands_to(insight.person)
        leads = any(member.manager == self.person for member in self.members.values())
        return Reader.MANAGER if leads else Reader.OTHER

    def _of_another_manager(self, insight: Insight) -> bool:
        """Whether it is what somebody else puts in, which is for nobody above either."""
        return insight.rule in MANAGERS_OWN and insight.person != self.person

    def stands_to(self, about: str) -> Reader:
        """How this person stands to another one."""
        if self.person == about and about not in self.members:
            return Reader.OTHER
        return stands(self.person, about, self.members)


@dataclass(frozen=True)
class Printer:
    """An operator of the machine, who prints for the two of a 1on1 in the copy asked for."""

    state: State
    copy: str

    def agendas(self, week: str) -> list[Agenda]:
        found = self.state.agendas.of_week(week)
        return found if self.copy == Reader.MANAGER else [shared(one) for one in found]

    def figures(self, values: Iterable[KpiValue]) -> list[KpiValue]:
        return list(values)

    def suggestions_of(self, agenda: Agenda) -> list[Suggestion]:
        """Ideas for one 1on1: all of them in the manager's copy, else those in the memo."""
        found = self.state.agendas.suggestions(agenda.week, agenda.rep)
        is_all = self.copy == Reader.MANAGER
        return [one for one in found if is_all or one.state in IN_THE_MEMO]

    def latest_insights(self, person: str, until: date, *, opened: bool) -> list[Insight]:  # noqa: ARG002 - the same question as to a desk
        return self.state.insights.latest_of(person, until)

    def may_read_figures_of(self, about: str) -> bool:
        return bool(about)

    def cycles(self, records: Iterable[CycleRecord]) -> list[CycleRecord]:
        return list(records)

    def told(self, found: Iterable[Insight]) -> list[Insight]:
        return list(found)

    def leads(self, manager: str) -> bool:
        return bool(manager)


def read_as(state: State, person: str | None, copy: str = Reader.REP) -> Desk | Printer:
    """What one person may read; without a person what an operator prints in that copy."""
    if person is None:
        return Printer(state, copy)
    members = {member.person: member for member in state.people.members()}
    return Desk(state, person.strip().lower(), members)


def shared(agenda: Agenda) -> Agenda:
    """An agenda without what is the manager's alone: the manager's copy and the topic held back."""
    return replace(agenda, manager_text="", reserve=None)


def _not_manager(reader: Reader) -> Reader:
    """Who has become the manager only since was not in that 1on1."""
    return Reader.ABOVE if reader is Reader.MANAGER else reader
