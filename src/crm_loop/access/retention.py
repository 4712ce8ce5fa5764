"""Every night: what has been kept for long enough is taken away."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from crm_loop.access.chain import RETIRED
from crm_loop.store import Begin
from crm_loop.store.audit import Entry, digests_of, note
from crm_loop.store.retention import RULES, TALKS, Now, take_away

RULE = "rule:retention"
#: The trail is shortened in pieces of a week at least.
PIECE = timedelta(days=7)
#: Rows deleted in one transaction: others who write wait for no more than that.
AT_ONCE = 2000


def retire(begin: Begin, organisation: str, now: Now, *, at_once: int = AT_ONCE) -> dict[str, int]:
    """Delete what is over and say in the trail how much; rows by table, where there were any.

    Many short transactions: whatever ends it on the way, the next night goes on from there.
    """
    gone: dict[str, int] = {}
    for name in RULES:
        while count := _some(begin, organisation, name, now, at_once):
            gone[name] = gone.get(name, 0) + count
            if count < at_once:
                break
    shortened = _shorten(begin, organisation, now.business, at_once)
    return gone | ({"audit": shortened} if shortened else {})


def _some(begin: Begin, organisation: str, name: str, now: Now, most: int) -> int:
    """One part of one table, told in the trail in the same transaction."""
    with begin(organisation) as state:
        count = take_away(state.connection, organisation, name, now, most)
        if count:
            detail = {name: count}
            note(state, [_told("retention", "rows", now.business, detail)])
    return count


def _shorten(begin: Begin, organisation: str, now: datetime, at_once: int) -> int:
    """Take the oldest entries away, their texts first; how many entries they were."""
    with begin(organisation) as state:
        oldest, boundary = state.trail.oldest(), state.trail.newest_before(now - TALKS)
    if oldest is None or boundary is None or oldest.at > now - TALKS - PIECE:
        return 0
    until = boundary.n or 0
    _forget_texts(begin, organisation, until, at_once)
    shortened = 0
    for first in range((oldest.n or 0) + at_once, until, at_once):
        shortened += _begin_at(begin, organisation, first, now)
    return shortened + _begin_at(begin, organisation, until, now)


def _forget_texts(begin: Begin, organisation: str, until: int, at_once: int) -> None:
    """Delete the texts that only entries before this one name, page by page through the trail.

    What is added meanwhile comes behind the last page, which is read in the transaction that
    deletes.
    """
    last, lost = 0, set[str]()
    while True:
        with begin(organisation) as state:
            page = state.trail.entries(after=last, limit=at_once)
            lost |= digests_of(one for one in page if (one.n or 0) < until)
            lost -= digests_of(one for one in page if (one.n or 0) >= until)
            if len(page) < at_once:
                lost -= digests_of(state.trail.unsealed())
                state.trail.forget_texts(lost)
                return
        last = page[-1].n or 0


def _begin_at(begin: Begin, organisation: str, first: int, now: datetime) -> int:
    """Make this entry the first one, vouched for by a new one; how many went."""
    with begin(organisation) as state:
        (kept,) = state.trail.entries(after=first - 1, limit=1)
        note(state, [_told(RETIRED, str(kept.n), now, {"hash": kept.hash})])
        return state.trail.forget_before(first)


def _told(what: str, subject: str, at: datetime, detail: Mapping[str, object]) -> Entry:
    return Entry(actor=RULE, what=what, subject=subject, at=at, detail=detail)
