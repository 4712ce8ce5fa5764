"""Chances that belong to one thing, whatever else happens."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lot:
    """Chances that belong to one key."""

    seed: int
    key: str

    def __call__(self, what: object) -> float:
        """A number in [0, 1)."""
        digest = hashlib.sha256(f"{self.seed}|{self.key}|{what}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def pick(self, what: object, count: int) -> int:
        return int(self(what) * count)
