"""Which conclusions a profile keeps, and how they are told beside figures; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.profiles import shows_rule
from crm_loop.kpi.sentences import sentence
from crm_loop.loop_records import Insight

#: What the memo is made of, in the words of its themes. It is there in every profile.
IN_THE_MEMO = frozenset(
    {
        "deal_risk",
        "driver",
        "improvement",
        "interim_goal",
        "mix",
        "quality_over_volume",
        "rates",
        "repeated_failure",
        "requirement",
    }
)
#: A theme of the memo too: what goes well is worth hearing about.
PATTERN = ("quadrant", "share_the_pattern")

#: Told beside a person's figures, in this order, to the person and the manager alike.
OF_A_PERSON = (
    "improvement",
    "trend",
    "year_on_year",
    "process",
    "quadrant",
    "requirement",
    "yomi",
    "speed_to_lead",
    "share_target",
    "tiers",
    "chance_moved",
    "forecast_bias",
)
#: Told to whoever leads, of a team or of the organisation; they name nobody.
OF_A_TEAM = (
    "common_cause",
    "team_targets",
    "company_targets",
    "allocation_gap",
    "tree_gap",
    "target_review",
    "backtest",
    "team_forecast_bias",
    "hollow_kpi",
    "kpi_load",
    "manager_process",
    "manager_part",
)
#: Their driver is only what they were worked out from.
_NAMELESS = frozenset(
    {"quadrant", "requirement", "yomi", "process", "common_cause", "tree_gap", "manager_process"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A conclusion in words; `about` is the KPI's name, or empty."""

    rule: str
    about: str
    text: str


def kept(insights: Iterable[Insight], profile: str) -> list[Insight]:
    """What may be stored: a conclusion about a person that nobody would show that person is none.

    Another profile has its conclusions from the next night on.
    """
    return [
        one
        for one in insights
        if not one.person
        or one.rule in IN_THE_MEMO
        or (one.rule, one.driver) == PATTERN
        or shows_rule(profile, one.rule)
    ]


def told(
    insights: Iterable[Insight],
    rules: Sequence[str],
    *,
    profile: str,
    known: Mapping[str, Kpi],
    language: str,
) -> list[Told]:
    """These rules' conclusions as far as a profile shows them, in the order of the rules."""
    chosen = [one for one in insights if one.rule in rules and shows_rule(profile, one.rule)]
    chosen.sort(key=lambda one: (rules.index(one.rule), one.driver))
    found = [
        Told(rule=one.rule, about=_about(one, known, language), text=sentence(one, language))
        for one in chosen
    ]
    # Two people's targets that do not fit are one sentence about the team.
    return list(dict.fromkeys(found))


def _about(one: Insight, known: Mapping[str, Kpi], language: str) -> str:
    kpi = known.get(one.driver)
    return "" if kpi is None or one.rule in _NAMELESS else kpi.names[language]
