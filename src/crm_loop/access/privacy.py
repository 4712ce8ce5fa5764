"""Who may read what: the privacy matrix, and how a reader stands to a person; pure."""

from collections.abc import Mapping
from enum import StrEnum

from crm_loop.loop_records import Form, Insight, Member


class Reader(StrEnum):
    """How whoever reads stands to the person whom something is about.

    CRM: whoever opens the record in the CRM. REPORT: whoever reads a report on the organisation.
    """

    REP = "rep"
    MANAGER = "manager"
    ABOVE = "above"
    OTHER = "other"
    CRM = "crm"
    REPORT = "report"


class Item(StrEnum):
    """What is kept about a person or a 1on1."""

    FIGURES = "figures"
    SHARED_AGENDA = "shared_agenda"
    MANAGER_COPY = "manager_copy"
    REP_NOTES = "rep_notes"
    MANAGER_NOTES = "manager_notes"
    FLAGS = "flags"
    HYPOTHESES = "hypotheses"
    PULSE = "pulse"
    #: How regularly a pair meets, and how its 1on1s were, without what the rep answered.
    RHYTHM = "rhythm"
    #: The same with the rep's own answers.
    OWN_QUALITY = "own_quality"
    #: What a manager puts into the 1on1s; about the manager.
    COMMITMENT = "commitment"
    PRIVATE_MATTERS = "private_matters"


class Shown(StrEnum):
    """How much of an item a reader gets."""

    ALL = "all"
    #: Only what a person reads as a question about the own work, once the agenda was opened.
    ASKED = "asked"
    #: Sums and means of at least five people.
    TOGETHER = "together"
    #: Only the reader's own part of it.
    PART = "part"
    #: Once a dated notice has told everybody that it is so.
    NOTICED = "noticed"
    NEVER = "never"


_ALL, _ASKED, _TOGETHER = Shown.ALL, Shown.ASKED, Shown.TOGETHER

#: What is not named here is never shown.
MATRIX: Mapping[Item, Mapping[Reader, Shown]] = {
    Item.FIGURES: {
        Reader.REP: _ALL,
        Reader.MANAGER: _ALL,
        Reader.ABOVE: _TOGETHER,
        Reader.REPORT: _TOGETHER,
    },
    Item.SHARED_AGENDA: {
        Reader.REP: _ALL,
        Reader.MANAGER: _ALL,
        Reader.CRM: _ALL,
        Reader.REPORT: _TOGETHER,
    },
    Item.MANAGER_COPY: {Reader.MANAGER: _ALL},
    Item.REP_NOTES: {Reader.REP: _ALL},
    Item.MANAGER_NOTES: {Reader.MANAGER: _ALL},
    Item.FLAGS: {Reader.MANAGER: _ALL},
    Item.HYPOTHESES: {Reader.REP: _ASKED, Reader.MANAGER: _ALL},
    Item.PULSE: {
        Reader.REP: _ALL,
        Reader.MANAGER: _TOGETHER,
        Reader.ABOVE: _TOGETHER,
        Reader.REPORT: _TOGETHER,
    },
    Item.RHYTHM: {Reader.REP: Shown.PART, Reader.MANAGER: _ALL},
    Item.OWN_QUALITY: {Reader.REP: _ALL},
    Item.COMMITMENT: {Reader.REP: _ALL, Reader.MANAGER: Shown.NOTICED},
    Item.PRIVATE_MATTERS: {},
}

#: What is only counted, such as the days since anything happened on a deal, and what figures say
#: by themselves: told to the person and the manager alike.
FACTS = frozenset(
    {
        "chance_moved",
        "deal_risk",
        "forecast_bias",
        "improvement",
        "process",
        "quadrant",
        "rates",
        "requirement",
        "share_target",
        "speed_to_lead",
        "tiers",
        "trend",
        "year_on_year",
        "yomi",
    }
)
#: What managers put in themselves, for nobody else's eyes.
MANAGERS_OWN = frozenset({"manager_part", "manager_process"})
#: Conclusions about a person that the person's manager alone may see.
FLAGS = frozenset({"giving_up", "coasting", "hollow_kpi", "small_talk"})


def shown(item: Item, reader: Reader) -> Shown:
    """How much of an item this reader gets."""
    return MATRIX[item].get(reader, Shown.NEVER)


def stands(reader: str, about: str, members: Mapping[str, Member]) -> Reader:
    """How one person stands to another; somebody unknown is anybody else."""
    if reader == about:
        return Reader.REP
    seen = {about}
    leader = members[about].manager if about in members else None
    nearest = leader
    while leader is not None and leader not in seen:
        if leader == reader:
            return Reader.MANAGER if leader == nearest else Reader.ABOVE
        seen.add(leader)
        leader = members[leader].manager if leader in members else None
    return Reader.OTHER


def kind_of(insight: Insight) -> Item:
    """What a conclusion is in the matrix: a flag, a hypothesis, or the figures themselves."""
    if insight.rule in FLAGS or insight.driver in FLAGS:
        return Item.FLAGS
    if insight.rule in FACTS:
        return Item.FIGURES
    return Item.HYPOTHESES


def may_be_told(insight: Insight, reader: Reader, *, opened: bool) -> bool:
    """Whether this reader gets the conclusion; `opened`: the manager has seen the agenda."""
    if insight.form is Form.TEAM:
        # A team's conclusion names nobody.
        return reader in (Reader.MANAGER, Reader.ABOVE, Reader.REPORT)
    how = shown(kind_of(insight), reader)
    if how is Shown.ASKED:
        return opened and insight.form is Form.ASKED
    return how is Shown.ALL
