"""Answer a proposal for a team target; once all have confirmed it, the target is another one."""

from dataclasses import dataclass
from datetime import date, datetime

from crm_loop.errors import WrongUsage
from crm_loop.kpi.agreeing import OPEN, TAKEN, answered, at_full_load, target_of
from crm_loop.loop_records import TargetChange, TargetProposal
from crm_loop.store import Begin, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer to a proposal for a person's target; `role` is whose word it is."""

    person: str
    kpi: str
    role: str
    answer: str


def answer(
    begin: Begin, organisation: str, said: Said, *, as_of: date, at: datetime
) -> TargetProposal:
    """Keep one answer and do what follows from it; WrongUsage where nothing is proposed."""
    with begin(organisation) as state:
        proposal = _open(state, said.person, said.kpi, as_of)
        second = state.connections.organisation().second_approver
        known = answered(proposal, role=said.role, answer=said.answer, second_approver=second)
        state.insights.settle(known)
        if known.state == TAKEN:
            state.figures.agree(target_of(known), change_of(known, at))
    return known


def _open(state: State, person: str, kpi: str, as_of: date) -> TargetProposal:
    for one in reversed(state.insights.proposals(as_of)):
        if (one.person, one.kpi, one.state) == (person, kpi, OPEN):
            return one
    raise WrongUsage(
        f"Nothing is proposed for {kpi} of {person}.",
        code="targets.no_proposal",
        kept="Nothing was changed.",
        do="See what is proposed: crm-loop targets review.",
    )


def change_of(proposal: TargetProposal, at: datetime) -> TargetChange:
    """The line of the history that an agreed proposal leaves."""
    return TargetChange(
        person=proposal.person,
        kpi=proposal.kpi,
        period_start=proposal.period_start,
        period_end=proposal.period_end,
        at=at,
        old=at_full_load(proposal, proposal.old),
        new=at_full_load(proposal, proposal.proposed),
        set_by="team",
        source="agreed",
        reason=",".join(proposal.reasons),
        rep_answer=proposal.rep_answer,
        manager_answer=proposal.manager_answer,
        second_answer=proposal.second_answer,
        facts=proposal.facts,
    )
