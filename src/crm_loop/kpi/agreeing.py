"""Who has to agree to another target, and what becomes of a proposal; pure."""

from dataclasses import replace

from crm_loop.loop_records import Target, TargetProposal

#: 確認しました, 相談したい, 別の案がある.
CONFIRMED, DISCUSS, OTHER = "confirmed", "discuss", "other"
ANSWERS = (CONFIRMED, DISCUSS, OTHER)
#: Whose word is asked for, and where it is kept.
ASKED = {"rep": "rep_answer", "manager": "manager_answer", "second": "second_answer"}
OPEN, TAKEN = "open", "taken"


def answered(
    proposal: TargetProposal, *, role: str, answer: str, second_approver: bool
) -> TargetProposal:
    """The proposal with one more answer; taken once everybody who is asked has confirmed it.

    ValueError for a role or an answer that there is not. Whoever wants to talk about it or has
    another idea leaves it open; it lapses with its week.
    """
    if role not in ASKED or answer not in ANSWERS:
        raise ValueError(f"{role} cannot answer {answer}")
    known = replace(proposal, **{ASKED[role]: answer})  # type: ignore[arg-type]  # names of answers
    words = [known.rep_answer, known.manager_answer]
    words += [known.second_answer] if second_approver else []
    agreed = all(one == CONFIRMED for one in words)
    return replace(known, state=TAKEN if agreed else OPEN)


def at_full_load(proposal: TargetProposal, value: float) -> float:
    """What a value of the proposal is for somebody who works all the time.

    People answer to what is left of the target at their load (facts.load, a share); the target
    itself is kept for a full one, and is scaled again each night.
    """
    # Twelve digits are what a file of targets holds.
    return float(f"{value / float(proposal.facts.get('load', 1.0)):.12g}")


def target_of(proposal: TargetProposal) -> Target:
    """The target that a proposal becomes."""
    return Target(
        person=proposal.person,
        kpi=proposal.kpi,
        period_start=proposal.period_start,
        period_end=proposal.period_end,
        value=at_full_load(proposal, proposal.proposed),
        set_by="team",
        source="agreed",
        reason=",".join(proposal.reasons),
    )
