"""The ports of a connector in memory: for tests and for a look at an account by hand."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from crm_loop.connector.contract import Ports, Token


@dataclass(slots=True)
class MemoryGate:
    """Lets every call pass, counts it by kind, and keeps what the CRM said of its limits."""

    calls: Counter[str] = field(default_factory=Counter)
    observed: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def acquire(self, kind: str, calls: int = 1) -> None:
        with self.lock:
            self.calls[kind] += calls

    def observe(self, headers: Mapping[str, str]) -> None:
        self.observed |= headers


@dataclass(slots=True)
class MemoryVault:
    """Keeps one token until it has expired or was turned down."""

    clock: Callable[[], datetime]
    kept: Token | None = None
    lock: Lock = field(default_factory=Lock)

    def token(self, refresh: Callable[[str | None], Token], *, refused: str | None = None) -> Token:
        with self.lock:
            kept = self.kept
            if kept is None or kept.value == refused or self._is_over(kept):
                kept = self.kept = refresh(kept.refresh_token if kept else None)
            return kept

    def _is_over(self, token: Token) -> bool:
        return token.expires_at is not None and token.expires_at <= self.clock()


@dataclass(slots=True)
class MemoryNotebook:
    """Remembers as long as the process lives."""

    pages: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, name: str) -> Mapping[str, Any] | None:
        return self.pages.get(name)

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        self.pages.pop(name, None)
        if value is not None:
            self.pages[name] = value


def _real_time() -> datetime:
    return datetime.now(UTC)


class MemoryPorts:
    """Everything a connector needs of the house, open to a test's eyes."""

    def __init__(self, clock: Callable[[], datetime] = _real_time) -> None:
        self.gate = MemoryGate()
        self.vault = MemoryVault(clock)
        self.notebook = MemoryNotebook()
        self.ports = Ports(gate=self.gate, vault=self.vault, notebook=self.notebook, clock=clock)
