"""A figure that stays off track and is never talked about; pure."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from crm_loop.loop_records import Agenda, KpiValue, ProgressStatus

#: So many weekly evaluations in a row make it worth a talk.
WEEKS = 3
#: What a record is called that stands for a figure, in a line beside the theme.
FIGURE = "kpi"

#: KPIs of topics that speak of a figure too, where it is not that figure alone: first meetings
#: are meetings, and what is missing in the pipeline is talked about as what is open.
_ALSO: Mapping[str, frozenset[str]] = {
    "meetings_held": frozenset({"new_meetings"}),
    "new_meetings": frozenset({"meetings_held"}),
    "pipeline_created": frozenset({"pipeline_coverage"}),
    "pipeline_created_count": frozenset({"pipeline_created", "pipeline_coverage"}),
    "pipeline_coverage": frozenset({"pipeline_created"}),
    "weighted_coverage": frozenset({"pipeline_coverage", "pipeline_created"}),
    "stale_rate": frozenset({"next_step_hygiene", "open_touch_rate"}),
    "open_touch_rate": frozenset({"next_step_hygiene", "stale_rate"}),
    "connects": frozenset({"calls", "connect_rate"}),
    "connect_rate": frozenset({"connects"}),
    "calls": frozenset({"connects"}),
}
#: What a rep can move from week to week, so that an agenda can name it. Targets for results in
#: orders are the company's and never a theme of their own.
SPOKEN_OF: Mapping[str, frozenset[str]] = {
    kpi: _ALSO.get(kpi, frozenset()) | {kpi}
    for kpi in (
        *_ALSO,
        "avg_deal_size",
        "emails_sent",
        "lead_response_sla",
        "next_step_hygiene",
        "overdue_close_rate",
        "proposals",
        "single_threaded_rate",
        "stage_conversion_s1_s2",
        "stage_conversion_s2_s3",
        "win_rate",
    )
}


def unheard(figures: Sequence[Sequence[KpiValue]], talks: Sequence[Agenda]) -> list[str]:
    """KPIs that were off track at each evaluation while no agenda of these weeks named them.

    `figures` are one rep's values of consecutive weekly evaluations, `talks` the agendas since.
    """
    if len(figures) < WEEKS or len(talks) < WEEKS:
        return []
    return unnamed(set.intersection(*(_off_track(values) for values in figures)), talks)


def unnamed(late: AbstractSet[str], talks: Iterable[Agenda]) -> list[str]:
    """Those of the KPIs that none of these agendas named."""
    named = {kpi for talk in talks for kpi in _named(talk)}
    return sorted(kpi for kpi in late & SPOKEN_OF.keys() if not SPOKEN_OF[kpi] & named)


def _off_track(values: Sequence[KpiValue]) -> set[str]:
    return {value.kpi for value in values if value.progress is ProgressStatus.OFF_TRACK}


def _named(talk: Agenda) -> set[str]:
    named = {topic.kpi for block in talk.blocks for topic in block.topics if topic.kpi}
    # The one line beside another theme is about a figure, or deals without a next step. A line
    # elsewhere, such as thanks for a figure that was said to be wrong, talks of nothing that stays
    # off track.
    for block in talk.blocks:
        if block.code == "theme" and any(line in talk.text for line in block.lines):
            figures = {one.id for one in block.records if one.object == FIGURE}
            named |= figures or {"next_step_hygiene"}
    return named
