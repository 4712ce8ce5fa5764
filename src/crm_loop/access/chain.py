"""The audit trail's chain of hashes: sealed by a pass a minute, verified by anybody."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from crm_loop.store import Begin
from crm_loop.store.audit import Sealed

#: What the first entry of a chain follows.
BEGINNING = "0" * 64
#: What an entry is called that vouches for the beginning of a shortened chain.
RETIRED = "audit.retired"
#: Sealed or verified in one transaction.
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a verification found. `broken_at` is the number of the first entry that is wrong."""

    sealed: int
    unsealed: int
    oldest_unsealed: datetime | None
    broken_at: int | None
    head: str

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def link(before: str, entry: Sealed, n: int) -> str:
    """The hash of one entry: SHA-256 over the hash before it and everything it says."""
    said = [before, n, entry.id, entry.at.isoformat(), entry.actor, entry.what]
    text = json.dumps([*said, entry.subject, entry.detail], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def seal(begin: Begin, organisation: str) -> int:
    """Give every entry that waits its number and hash; how many there were."""
    sealed = 0
    while True:
        with begin(organisation) as state:
            state.trail.lock()
            last = state.trail.last()
            n, head = (last.n or 0, last.hash or BEGINNING) if last else (0, BEGINNING)
            waiting = state.trail.unsealed(AT_ONCE)
            for entry in waiting:
                n, head = n + 1, link(head, entry, n + 1)
                state.trail.seal(entry.id, n=n, digest=head)
        sealed += len(waiting)
        if len(waiting) < AT_ONCE:
            return sealed


def first_wrong(entries: Iterable[Sealed], *, n: int, head: str) -> tuple[int | None, int, str]:
    """Follow the chain; the number that is wrong or missing, else None, and where it ends."""
    for entry in entries:
        if entry.n != n + 1 or entry.hash != link(head, entry, n + 1):
            return n + 1, n, head
        n, head = n + 1, entry.hash
    return None, n, head


def _start(begin: Begin, organisation: str) -> tuple[int, str, int | None]:
    """Where the chain begins: at its first entry, or at one that a later entry vouches for."""
    with begin(organisation) as state:
        oldest = state.trail.oldest()
        if oldest is None or oldest.n == 1:
            return 0, BEGINNING, None
        vouched = [json.loads(one.detail) for one in state.trail.named(RETIRED, str(oldest.n))]
    if any(one.get("hash") == oldest.hash for one in vouched):
        return oldest.n or 0, oldest.hash or "", None
    return 0, BEGINNING, 1


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a chain was followed: up to entry `n`, whose hash is `head`."""

    n: int
    head: str
    broken_at: int | None = None
    is_end: bool = False


def follow(
    begin: Begin, organisation: str, *, so_far: Followed | None = None, most: int = AT_ONCE
) -> Followed:
    """Follow the chain from its start, or from where it was followed to, by so many entries."""
    if so_far is None:
        n, head, broken = _start(begin, organisation)
        so_far = Followed(n, head, broken, is_end=broken is not None)
    if so_far.is_end:
        return so_far
    with begin(organisation) as state:
        entries = state.trail.entries(after=so_far.n, limit=most)
    broken, n, head = first_wrong(entries, n=so_far.n, head=so_far.head)
    return Followed(n, head, broken, is_end=broken is not None or len(entries) < most)


def verify(begin: Begin, organisation: str) -> Verdict:
    """Follow the whole chain and look at the tail that is not sealed yet."""
    followed = follow(begin, organisation)
    while not followed.is_end:
        followed = follow(begin, organisation, so_far=followed)
    return verdict_of(begin, organisation, followed)


def verdict_of(begin: Begin, organisation: str, followed: Followed) -> Verdict:
    """What a chain that was followed to its end says, with the tail that is not sealed yet."""
    with begin(organisation) as state:
        waiting, oldest = state.trail.waiting()
    return Verdict(
        sealed=followed.n,
        unsealed=waiting,
        oldest_unsealed=oldest,
        broken_at=followed.broken_at,
        head=followed.head,
    )
