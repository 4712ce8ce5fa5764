"""What to do with a job that failed: a decision, made from the error's meaning; pure."""

from dataclasses import dataclass
from datetime import timedelta

from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient

#: Waits between attempts double from the first to the last of these, in seconds.
FIRST_WAIT = 1.0
LONGEST_WAIT = 900.0
#: A bug is worth few repetitions; a CRM that is down is worth many.
BUG_ATTEMPTS = 3
TRANSIENT_ATTEMPTS = 200
#: A job whose worker died this often is likelier to be the reason than the victim.
MAX_CRASHES = 12


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after this long."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Park:
    """Set the job aside until a person acts."""

    reason: str


def decide(error: BaseException, attempts: int) -> Again | Park:
    """Decide after the attempt number `attempts` (the first is 1) ended in this error."""
    if isinstance(error, NeedsAttention | Refused):
        return Park(_told(error))
    if isinstance(error, Transient):
        if attempts >= TRANSIENT_ATTEMPTS:
            return Park(_told(error))
        return Again(timedelta(seconds=_wait(attempts, error.retry_after)))
    if attempts >= BUG_ATTEMPTS:
        # A person's data may stand in the message of an unforeseen error.
        return Park(f"bug: {type(error).__name__}")
    return Again(timedelta(seconds=_wait(attempts, None)))


def after_crash(crashes: int) -> Park | None:
    """Park a job whose worker has died over it too often."""
    return (
        Park("poison: its worker died over it again and again") if crashes > MAX_CRASHES else None
    )


def _told(error: CrmLoopError) -> str:
    """Code and sentences, a line each, so that every sentence can be said in another language."""
    return f"{error.code}: " + "\n".join(filter(None, (error.happened, error.kept, error.do)))


def _wait(attempts: int, asked: float | None) -> float:
    if asked is not None:
        return asked
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 16))
