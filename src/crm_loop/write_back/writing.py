"""What the writer is handed, and what it reports."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_loop.connector.contract import Connector
from crm_loop.store import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One CRM account that is written to.

    `unique_key`: the CRM itself refuses a second record with our key. `clock` is real time,
    `now` business time, `may_write` is asked before every batch (pause, read-only). `another`
    makes a further connector for the same account, as each belongs to one thread; without it
    one batch is sent after the other. With `run` only what that run wants is sent.
    """

    connector: Connector
    begin: Begin
    organisation: str
    connection: str
    unique_key: bool
    clock: Callable[[], datetime]
    now: datetime
    lease: timedelta
    may_write: Callable[[], bool] = lambda: True
    another: Callable[[], Connector] | None = None
    run: str | None = None


@dataclass(slots=True)
class Written:
    """What one run wrote, counted by outcome."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    unknown: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Written") -> None:
        for name in ("created", "updated", "unchanged", "refused", "unknown"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_kind += other.by_kind
