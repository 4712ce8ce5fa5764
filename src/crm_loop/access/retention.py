"""Every night: what has been kept for long enough is taken away."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from crm_loop.access.chain import RETIRED
from crm_loop.store import Begin
from crm_loop.store.audit import Entry, note
from crm_loop.store.retention import TALKS, Now, take_away

RULE = "rule:retention"
#: The trail is shortened in pieces of a week at least.
PIECE = timedelta(days=7)


def retire(begin: Begin, organisation: str, now: Now) -> Mapping[str, int]:
    """Delete what is over and say in the trail how much; rows by table, where there were any."""
    with begin(organisation) as state:
        gone = {
            name: count
            for name, count in take_away(state.connection, organisation, now).items()
            if count
        }
        if gone:
            told = Entry(actor=RULE, what="retention", subject="rows", at=now.business, detail=gone)
            note(state, [told])
    shortened = _shorten(begin, organisation, now.business)
    return gone | ({"audit": shortened} if shortened else {})


def _shorten(begin: Begin, organisation: str, now: datetime) -> int:
    """Take the oldest entries away; the last of them stays, vouched for by a new one."""
    with begin(organisation) as state:
        oldest, boundary = state.trail.oldest(), state.trail.newest_before(now - TALKS)
        if oldest is None or boundary is None or oldest.at > now - TALKS - PIECE:
            return 0
        vouch = Entry(
            actor=RULE,
            what=RETIRED,
            subject=str(boundary.n),
            at=now,
            detail={"hash": boundary.hash},
        )
        note(state, [vouch])
        return state.trail.forget_before(boundary.n or 0)
