"""How a write moves from one state to the next: a table, so that it can be read and tested."""

from collections.abc import Mapping
from enum import StrEnum

from crm_loop.loop_records import WriteState


class Event(StrEnum):
    """What can happen to a write."""

    APPROVE = "approve"
    CLAIM = "claim"
    SEND = "send"
    CONFIRM = "confirm"  # done now, or already there
    REFUSE = "refuse"
    NOT_SENT = "not_sent"  # surely not applied
    LOSE = "lose"  # nobody knows whether it was applied
    ABSENT = "absent"  # looked up: surely not applied
    DISMISS = "dismiss"  # a person deleted it
    REVISE = "revise"  # the body should read differently now
    RETRY = "retry"  # a person asks for another attempt
    UNDO = "undo"  # what it did is wanted back
    RESTORE = "restore"  # it stands as it did before


_S, _E = WriteState, Event

TRANSITIONS: Mapping[tuple[WriteState, Event], WriteState] = {
    (_S.PLANNED, _E.APPROVE): _S.APPROVED,
    (_S.PLANNED, _E.REVISE): _S.PLANNED,
    (_S.PLANNED, _E.DISMISS): _S.DISMISSED,
    (_S.APPROVED, _E.REVISE): _S.PLANNED,
    (_S.APPROVED, _E.CLAIM): _S.CLAIMED,
    # An expired claim was never sent; it is simply claimed again.
    (_S.CLAIMED, _E.CLAIM): _S.CLAIMED,
    (_S.CLAIMED, _E.SEND): _S.SENT,
    (_S.CLAIMED, _E.NOT_SENT): _S.APPROVED,
    (_S.CLAIMED, _E.CONFIRM): _S.CONFIRMED,
    (_S.CLAIMED, _E.DISMISS): _S.DISMISSED,
    (_S.CLAIMED, _E.RESTORE): _S.UNDONE,
    (_S.SENT, _E.CONFIRM): _S.CONFIRMED,
    (_S.SENT, _E.REFUSE): _S.REFUSED,
    (_S.SENT, _E.NOT_SENT): _S.APPROVED,
    (_S.SENT, _E.LOSE): _S.UNKNOWN,
    (_S.SENT, _E.DISMISS): _S.DISMISSED,
    (_S.SENT, _E.RESTORE): _S.UNDONE,
    # Whoever claims these has to look before sending.
    (_S.SENT, _E.CLAIM): _S.UNKNOWN,
    (_S.UNKNOWN, _E.CLAIM): _S.UNKNOWN,
    (_S.UNKNOWN, _E.CONFIRM): _S.CONFIRMED,
    (_S.UNKNOWN, _E.ABSENT): _S.CLAIMED,
    (_S.UNKNOWN, _E.DISMISS): _S.DISMISSED,
    (_S.UNKNOWN, _E.RESTORE): _S.UNDONE,
    (_S.CONFIRMED, _E.REVISE): _S.PLANNED,
    (_S.CONFIRMED, _E.DISMISS): _S.DISMISSED,
    # Nobody has to approve what a person has just asked to be taken back.
    (_S.CONFIRMED, _E.UNDO): _S.APPROVED,
    (_S.REFUSED, _E.RETRY): _S.APPROVED,
    (_S.REFUSED, _E.REVISE): _S.PLANNED,
}

#: Under a lease, or left by somebody whose lease has ended.
IN_FLIGHT = (WriteState.CLAIMED, WriteState.SENT, WriteState.UNKNOWN)


def after(state: WriteState, event: Event) -> WriteState:
    """The state that follows; KeyError for a step that is not in the table (our bug)."""
    return TRANSITIONS[state, event]


def before(event: Event) -> tuple[WriteState, ...]:
    """The states in which this may happen."""
    return tuple(sorted(state for state, happened in TRANSITIONS if happened is event))
