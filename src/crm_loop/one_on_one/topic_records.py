"""Which records a topic about a figure is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from crm_loop.loop_records import Agenda, RecordRef, Topic
from crm_loop.store import State

#: Ids of a figure's records that a topic keeps; all of them are with the figure.
KEPT_RECORDS = 50


def with_records(state: State, drafts: Sequence[Agenda], as_of: date | None) -> list[Agenda]:
    """The drafts, whose topics about a figure name the records that it is made of."""
    wanted = {
        (one.rep, topic.kpi)
        for one in drafts
        for topic in _bare_topics(one)
        if topic.kpi is not None
    }
    if as_of is None or not wanted:
        return list(drafts)
    records = state.figures.records_of(wanted, as_of)
    return [_recorded(one, records) if _bare_topics(one) else one for one in drafts]


def _bare_topics(agenda: Agenda) -> list[Topic]:
    topics = (topic for block in agenda.blocks for topic in block.topics)
    return [topic for topic in topics if topic.kpi is not None and not topic.records]


def _recorded(agenda: Agenda, records: Mapping[tuple[str, str], Sequence[RecordRef]]) -> Agenda:
    def of(topic: Topic) -> Topic:
        if topic.records or topic.kpi is None:
            return topic
        own = records.get((agenda.rep, topic.kpi), ())
        return replace(topic, records=tuple(own[:KEPT_RECORDS]))

    blocks = (replace(b, topics=tuple(map(of, b.topics))) if b.topics else b for b in agenda.blocks)
    return replace(agenda, blocks=tuple(blocks))
