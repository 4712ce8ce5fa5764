"""Write the managers' lists of a week, and read their marks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from crm_loop.calendars import Period, local_date, previous_week
from crm_loop.loop_records import (
    Agenda,
    KeyKind,
    Meeting,
    Member,
    Overview,
    PairRest,
    PairRule,
    Suggestion,
    SuggestionState,
    Talk,
    key_of,
)
from crm_loop.one_on_one import overview
from crm_loop.one_on_one.gather import Crms, by_rep, crms, links
from crm_loop.one_on_one.looking_back import closed_periods, just_closed
from crm_loop.one_on_one.quoted import kept_in_tone
from crm_loop.one_on_one.resting import REST_AFTER, missed_talks, silent_talks
from crm_loop.one_on_one.team_look_back import Team, team_line_of, teams_of
from crm_loop.store import State
from crm_loop.store.agendas import Written
from crm_loop.store.connections import Organisation
from crm_loop.wording import words
from crm_loop.wording.names import called


@dataclass(frozen=True)
class Desk:
    """One week in one transaction; what all lists need is read once."""

    state: State
    members: dict[str, Member]
    week: str
    now: datetime

    @cached_property
    def memos(self) -> dict[str, Written]:
        return {one.rep: one for one in self.state.agendas.written(self.week)}

    @cached_property
    def suggestions(self) -> dict[str, list[Suggestion]]:
        known = self.state.agendas.suggestions(self.week)
        memos = self.memos
        return by_rep(
            [_as_written(one, memos[one.rep].text if one.rep in memos else "") for one in known]
        )

    @cached_property
    def crms(self) -> Crms:
        return crms(self.state)

    @cached_property
    def links(self) -> dict[str, str]:
        return links(self.state, list(self.memos.values()), self.crms, self.now)

    @cached_property
    def rests(self) -> list[PairRest]:
        return self.state.pairs.all()

    @cached_property
    def before(self) -> dict[str, list[Talk]]:
        return self.state.agendas.talks_before(self.week, last=REST_AFTER, bare=True)

    @cached_property
    def own(self) -> Organisation:
        return self.state.connections.organisation()

    @cached_property
    def teams(self) -> dict[Period, dict[str, Team]]:
        """Teams' closed periods, read when the first manager is told of one."""
        return {}

    def looks_back(self, boss: Member, first: datetime) -> Team | None:
        """A manager's team in the month that became final in the week before the first 1on1."""
        calendar = self.own.calendar(boss.country)
        period = just_closed(
            local_date(first, boss.time_zone), calendar, fiscal_start=self.own.fiscal_start
        )
        if period is None:
            return None
        if period not in self.teams:
            closed = closed_periods(self.state, period)
            self.teams[period] = teams_of(closed, self.members.values())
        return self.teams[period].get(boss.person)


def put_overviews(
    desk: Desk, planned: Sequence[Meeting], rested: Sequence[Meeting] = ()
) -> list[Overview]:
    """Write the lists of the managers whose first 1on1 of the week has not begun.

    A manager all of whose pairs rest gets one list that says so and offers to take them up
    again; `rested` are the 1on1s that these pairs would have.
    """
    ready = {one.rep for one in desk.memos.values() if one.text}
    meeting, resting = _by_manager(planned), _by_manager(rested)
    made = []
    for manager in sorted({*meeting, *resting}):
        several = meeting.get(manager, [])
        wanted = any(one.rep in ready for one in several)
        if not several:
            wanted, several = _is_to_be_told(desk, manager), resting[manager]
        begins = min(one.starts_at for one in several)
        if wanted and desk.now < begins and desk.members[manager].accounts:
            made.append(_overview(desk, desk.members[manager], several))
    desk.state.agendas.put_overviews(made)
    return made


def _by_manager(meetings: Sequence[Meeting]) -> dict[str, list[Meeting]]:
    found: dict[str, list[Meeting]] = {}
    for one in meetings:
        found.setdefault(one.manager, []).append(one)
    return found


def _is_to_be_told(desk: Desk, manager: str) -> bool:
    """Whether a pair of this manager rests since a week after which there was no list yet."""
    rests = [one.since for one in desk.state.pairs.resting() if one.manager == manager]
    since = max((week for week in rests if week < desk.week), default=None)
    if since is None:
        return False
    week = previous_week(desk.week)
    while week > since:
        if any(one.manager == manager for one in desk.state.agendas.overviews(week)):
            return False
        week = previous_week(week)
    return True


def resume_marked(desk: Desk) -> list[str]:
    """Take up the memos of reps whose manager marked them so; returns those reps."""
    lists = desk.state.agendas.overviews(desk.week)
    seen = desk.state.writes.seen([one.key for one in lists])
    found: list[str] = []
    for one in lists:
        boss = desk.members.get(one.manager)
        if boss is not None and one.key in seen:
            found += overview.resumed(_week(desk, boss, ()), seen[one.key].body)
    return [rep for rep in found if desk.state.pairs.resume(rep, week=desk.week)]


def follow_rules(desk: Desk) -> None:
    """Switch on and off what managers wrote in place of a mark, for the weeks to come."""
    lists = desk.state.agendas.overviews(desk.week)
    seen = desk.state.writes.seen([one.key for one in lists])
    agendas = desk.state.agendas.of_week(desk.week) if seen else []
    for one in lists:
        mine = [_meeting(agenda) for agenda in agendas if agenda.manager == one.manager]
        boss = desk.members.get(one.manager)
        if not mine or boss is None or one.key not in seen:
            continue
        for rep, on in overview.rules(_week(desk, boss, mine), seen[one.key].body).items():
            rule = PairRule(rep=rep, manager=one.manager, since=desk.week)
            if on:
                desk.state.pairs.let_all_through(rule)
            else:
                desk.state.pairs.ask_for_each(rep, one.manager)


def called_off(desk: Desk, ahead: Sequence[Agenda]) -> dict[str, bool]:
    """Of the reps in lists that were read back, whether their manager calls the 1on1 off there."""
    lists = desk.state.agendas.overviews(desk.week)
    seen = desk.state.writes.seen([one.key for one in lists])
    found: dict[str, bool] = {}
    for one in lists:
        mine = [_meeting(agenda) for agenda in ahead if agenda.manager == one.manager]
        boss = desk.members.get(one.manager)
        if mine and boss is not None and one.key in seen:
            found |= overview.called_off(_lines(desk, boss, mine), seen[one.key].body)
    return found


def _lines(desk: Desk, boss: Member, several: Sequence[Meeting]) -> overview.Week:
    """No more of a week than its lines for reps are made of."""
    own = words(boss.language)
    known = {one.rep: desk.members[one.rep] for one in several if one.rep in desk.members}
    return overview.Week(
        meetings=[one for one in several if one.rep in known],
        names={rep: called(one, own.language, beside=boss) for rep, one in known.items()},
        suggestions={},
        words=own,
        time_zone=boss.time_zone,
    )


def marks(desk: Desk, ahead: Sequence[Agenda]) -> list[Suggestion]:
    """Suggestions for these agendas that managers marked in their lists."""
    lists = desk.state.agendas.overviews(desk.week)
    seen = desk.state.writes.seen([one.key for one in lists])
    found: list[Suggestion] = []
    for one in lists:
        mine = [_meeting(agenda) for agenda in ahead if agenda.manager == one.manager]
        boss = desk.members.get(one.manager)
        if mine and boss is not None and one.key in seen:
            found += overview.marked(_week(desk, boss, mine), seen[one.key].body)
    return found


def _overview(desk: Desk, boss: Member, several: Sequence[Meeting]) -> Overview:
    """The list of these 1on1s; of pairs at rest only that they rest is told."""
    shown = _week(desk, boss, several)
    ideas = [one.to_manager for several_ in shown.suggestions.values() for one in several_]
    text = kept_in_tone(
        overview.text_of(shown), shown.words.language, lambda: [*ideas, *shown.names.values()]
    )
    connection = desk.crms.home(boss, ())
    subject = ("overview", boss.person, desk.week)
    return Overview(
        manager=boss.person,
        week=desk.week,
        connection=connection,
        key=key_of(desk.state.organisation, connection, KeyKind.AGENDA, *subject),
        subject=overview.subject_of(shown),
        text=text,
        due=overview.first_day(shown),
        publish_at=min(one.publish_at for one in several),
    )


def _week(desk: Desk, boss: Member, several: Sequence[Meeting]) -> overview.Week:
    own = words(boss.language)
    team = desk.looks_back(boss, min(one.starts_at for one in several)) if several else None
    reps = {one.rep for one in several}
    rests = [one for one in desk.rests if one.manager == boss.person and one.resumed is None]
    resting = [one.rep for one in rests if one.rep in desk.members]
    return overview.Week(
        meetings=[one for one in several if one.rep not in resting],
        rested=[one for one in several if one.rep in resting],
        names={
            rep: called(desk.members[rep], own.language, beside=boss)
            for rep in sorted({*reps, *resting})
        },
        suggestions={rep: desk.suggestions[rep] for rep in sorted(reps & desk.suggestions.keys())},
        words=own,
        time_zone=boss.time_zone,
        links={rep: desk.links[rep] for rep in sorted(reps & desk.links.keys())},
        silent=_counted(desk, boss, reps, silent_talks),
        missed=_counted(desk, boss, reps, missed_talks),
        resting=resting,
        private=desk.crms.private.get(desk.crms.home(boss, ()), False),
        look_back=team_line_of(team, own) if team else "",
    )


def _counted(
    desk: Desk,
    boss: Member,
    reps: Iterable[str],
    count: Callable[[Sequence[Agenda | Talk], PairRest | None], int],
) -> dict[str, int]:
    """How many of the last 1on1s of the two are such, by rep."""
    rests = {one.rep: one for one in desk.rests if one.manager == boss.person}
    return {
        rep: count(
            [one for one in desk.before.get(rep, ()) if one.manager == boss.person],
            rests.get(rep),
        )
        for rep in sorted(reps)
    }


def _as_written(one: Suggestion, memo: str) -> Suggestion:
    """A suggestion that stands in the memo keeps its mark, whatever became of it since."""
    return replace(one, state=SuggestionState.LET_THROUGH) if one.text in memo else one


def _meeting(agenda: Agenda) -> Meeting:
    return Meeting(
        rep=agenda.rep,
        manager=agenda.manager,
        week=agenda.week,
        starts_at=agenda.starts_at,
        minutes=agenda.minutes,
        publish_at=agenda.publish_at,
    )
