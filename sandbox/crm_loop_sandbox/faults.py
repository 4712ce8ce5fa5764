"""Armed faults: which kinds there are, where they strike, how often."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Played on the wire by the kernel, around the face's own answer.
WIRE = frozenset(
    {
        "refuse",
        "reset_before",
        "reset_after_apply",
        "apply_then_500",
        "apply_then_timeout",
        "apply_then_truncate",
        "apply_then_html",
        "apply_late",
        "slow_drip",
        "clock_skew",
    }
)
#: Answered by the face in its vendor's words, instead of handling the request.
ANSWERED = frozenset(
    {
        "unauthorized",
        "token_503_html",
        "limit_secondly",
        "limit_daily",
        "limit_total",
        "limit_concurrent",
    }
)
#: Asked for inside the faces.
INSIDE = frozenset(
    {
        "lock_row",
        "expire_locator",
        "short_page",
        "late_visible",
        "equal_stamp",
        "index_lag",
        "partial_batch",
        "validation_rule",
        "inactive_owner",
        "hide_field",
        "hide_object",
        "rename_status",
        # HubSpot alone: the account moves to another data centre; a page of its proxy.
        "migrating",
        "bad_gateway",
        "webhook_twice",
    }
)
KINDS = WIRE | ANSWERED | INSIDE


@dataclass(slots=True)
class Fault:
    """One armed fault: after `skip` fitting calls it strikes `times` times.

    With `holding` only rows strike that hold this text.
    """

    id: int
    kind: str
    face: str = "any"
    method: str = ""
    path: str = ""
    skip: int = 0
    times: int = 1
    probability: float = 1.0
    seed: int = 1
    holding: str = ""
    seen: int = 0
    fired: int = 0
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - chance by seed, no secret

    def fits(self, kind: str, face: str, method: str, path: str, text: str) -> bool:
        return (
            self.kind == kind
            and self.holding in text
            and self.face in ("any", face)
            and (not self.method or not method or self.method.upper() == method.upper())
            and path.startswith(self.path if path else "")
        )

    def strikes(self) -> bool:
        """Use up one fitting call; true when the fault strikes it."""
        self.seen += 1
        if self.seen <= self.skip or self.fired >= self.times:
            return False
        if self.dice.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def shown(self) -> dict[str, Any]:
        names = ("id", "kind", "face", "method", "path", "skip", "times", "probability", "fired")
        return {name: getattr(self, name) for name in names}


class ArmedFaults:
    """All faults that somebody has armed through the administration."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._next = 1

    def arm(self, wanted: Mapping[str, Any]) -> int:
        """Arm one fault; ValueError for an unknown kind or field."""
        if wanted.get("kind") not in KINDS:
            message = f"kind must be one of {', '.join(sorted(KINDS))}"
            raise ValueError(message)
        try:
            fault = Fault(id=self._next, **wanted)
        except TypeError as error:
            raise ValueError(str(error)) from None
        self._next += 1
        self._armed.append(fault)
        return fault.id

    def take(
        self, kind: str, face: str, *, method: str = "", path: str = "", text: str = ""
    ) -> bool:
        fitting = [one for one in self._armed if one.fits(kind, face, method, path, text)]
        return any([fault.strikes() for fault in fitting])  # noqa: C419 - each counts the call

    def shown(self) -> list[dict[str, Any]]:
        return [fault.shown() for fault in self._armed]

    def clear(self) -> None:
        self._armed.clear()
