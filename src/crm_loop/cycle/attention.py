"""A figure that stays off track and is never talked about; pure."""

from collections.abc import Mapping, Sequence

from crm_loop.loop_records import Agenda, KpiValue, ProgressStatus

#: So many weekly evaluations in a row make it worth a talk.
WEEKS = 3

#: What a rep can move from week to week, and the KPIs of topics that speak of it too. Targets
#: for results are the company's and never a theme of their own.
SPOKEN_OF: Mapping[str, frozenset[str]] = {
    "meetings_held": frozenset({"meetings_held", "new_meetings"}),
    "pipeline_created": frozenset({"pipeline_created", "pipeline_coverage"}),
    "next_step_hygiene": frozenset({"next_step_hygiene"}),
    "stale_rate": frozenset({"stale_rate", "next_step_hygiene"}),
}


def unheard(figures: Sequence[Sequence[KpiValue]], talks: Sequence[Agenda]) -> list[str]:
    """KPIs that were off track at each evaluation while no agenda of these weeks named them.

    `figures` are one rep's values of consecutive weekly evaluations, `talks` the agendas since.
    """
    if len(figures) < WEEKS or len(talks) < WEEKS:
        return []
    late = set.intersection(*(_off_track(values) for values in figures))
    named = {kpi for talk in talks for kpi in _named(talk)}
    return sorted(kpi for kpi in late & SPOKEN_OF.keys() if not SPOKEN_OF[kpi] & named)


def _off_track(values: Sequence[KpiValue]) -> set[str]:
    return {value.kpi for value in values if value.progress is ProgressStatus.OFF_TRACK}


def _named(talk: Agenda) -> set[str]:
    named = {topic.kpi for block in talk.blocks for topic in block.topics if topic.kpi}
    # The one line beside another theme is about deals without a next step. A line elsewhere, such
    # as thanks for a figure that was said to be wrong, talks of nothing that stays off track.
    asides = (line for block in talk.blocks if block.code == "theme" for line in block.lines)
    if any(line in talk.text for line in asides):
        named.add("next_step_hygiene")
    return named
