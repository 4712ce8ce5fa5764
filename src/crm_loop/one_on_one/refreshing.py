"""On the morning of a 1on1: the same topics with the newest figures, while nobody has edited."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.loop_records import Agenda, AgendaState, Block, Meeting, SeenTask, Topic
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.choosing import Known, known_for, tables_of
from crm_loop.one_on_one.composing import write_again
from crm_loop.one_on_one.document import Table
from crm_loop.one_on_one.opening import facts_of
from crm_loop.one_on_one.phrases import opening_of, topic_of
from crm_loop.one_on_one.rewriting import Rewriter
from crm_loop.one_on_one.score import scored
from crm_loop.one_on_one.topics import candidates
from crm_loop.store import Begin, State


def refresh(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    calendar_of: CalendarOf = BusinessCalendar,
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """Renew the figures in memos of 1on1s of this day; returns the agendas that changed.

    Topics and questions stay as they are. A memo that somebody has touched is theirs.
    """
    with begin(organisation) as state:
        wanted = untouched(state, _today(state, now, week))
        if not wanted:
            return []
        meetings = [_meeting(one) for one in wanted]
        known = known_for(state, meetings, now, week, calendar_of)
        renewed = [_renewed(one, known) for one in wanted]
        after = write_again(state, renewed, now=now, week=week, private=private, rewriter=rewriter)
        changed = [new for new, old in zip(after, wanted, strict=True) if new.text != old.text]
        state.agendas.put(changed)
    return changed


def _today(state: State, now: datetime, week: str) -> list[Agenda]:
    zone = state.connections.organisation().time_zone
    today: date = local_date(now, zone)
    return [
        one
        for one in state.agendas.of_week(week, AgendaState.READY)
        if now < one.starts_at and local_date(one.starts_at, zone) == today
    ]


def untouched(state: State, agendas: Sequence[Agenda]) -> list[Agenda]:
    """Those that stand as we wrote them, as far as anybody has looked."""
    seen = state.writes.seen([one.key for one in agendas])
    return [one for one in agendas if _is_ours(one, seen.get(one.key))]


def _is_ours(agenda: Agenda, task: SeenTask | None) -> bool:
    return task is None or (not task.deleted and task.body.split() == agenda.text.split())


def _meeting(one: Agenda) -> Meeting:
    return Meeting(
        rep=one.rep,
        manager=one.manager,
        week=one.week,
        starts_at=one.starts_at,
        minutes=one.minutes,
        publish_at=one.publish_at,
    )


def _renewed(agenda: Agenda, known: Known) -> Agenda:
    own, other = tables_of(_meeting(agenda), known)
    return replace(
        agenda,
        blocks=tuple(_block(agenda, one, own) for one in agenda.blocks),
        manager_blocks=tuple(_block(agenda, one, other) for one in agenda.manager_blocks)
        if other
        else (),
    )


def _block(agenda: Agenda, block: Block, table: Table) -> Block:
    if block.code == "opening_win" and agenda.opening is not None:
        return _opened(agenda.opening, block, table)
    if not block.topics:
        return block
    topics = tuple(_topic(one, table) for one in block.topics)
    return replace(block, topics=topics, fact=topics[0].fact, plain_fact=topics[0].plain_fact)


def _opened(opening: tuple[str, str], block: Block, table: Table) -> Block:
    """The same kind of good news with its newest count; as it was where it is none any more."""
    found = facts_of(table.situation.values, table.reviewed, table.situation.insights)
    same = next((one for one in found if (one.type, one.kpi) == opening), None)
    if same is None:
        return block
    fact, plain = opening_of(same, table.words, table.situation.last_week)
    return replace(block, fact=fact, plain_fact=plain)


def _topic(topic: Topic, table: Table) -> Topic:
    same = next((one for one in candidates(table.situation) if one.key == topic.key), None)
    if same is None:
        return topic
    fresh = topic_of(scored(same, table.situation.target), table.words, table.crm)
    # How it was chosen stays as it was when it was chosen.
    return replace(
        fresh,
        score=topic.score,
        components=topic.components,
        records=fresh.records or topic.records,
    )
