"""When a 1on1 is complete: three answers, last actions looked at, a next step or a reason; pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What was answered; 「特になし」 is an answer, blanks are none.

    `last_actions` holds for each earlier action what became of it, None where nobody looked.
    """

    problem: str | None
    next: str | None
    support: str | None
    last_actions: Sequence[str | None] = ()
    concrete_actions: int = 0
    no_action_reason: str | None = None


def missing(session: Session) -> list[str]:
    """What is still missing, in the order of the talk; empty when the 1on1 is complete."""
    answers = {
        "problem": session.problem,
        "next": session.next,
        "support": session.support,
    }
    found = [name for name, answer in answers.items() if not _said(answer)]
    found += [] if all(map(_said, session.last_actions)) else ["last_actions"]
    decided = session.concrete_actions > 0 or _said(session.no_action_reason)
    return found + ([] if decided else ["concrete_action"])


def _said(answer: str | None) -> bool:
    return bool(answer and answer.strip())


def is_complete(session: Session) -> bool:
    """Whether everything was answered, every last action looked at and something agreed."""
    return not missing(session)
