"""What both faces share: clock, journal, faults, ids, options."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from crm_loop_sandbox.world.story import Deed, OurTask, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the sandbox was served; see `crm-loop sandbox serve --help`."""

    seed: int = 7
    package: str = "activity"
    package_dir: Path | None = None
    tier: str = "pro"
    edition: str = "full"
    open_above: bool = False
    pretty: bool = False
    bulk_seconds: float = 0.0
    latency_ms: int = 0
    rate_limits: bool = True
    instance_url: str | None = None


class BusinessClock:
    """Business time: stands still until somebody moves it, so that two runs agree."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        self._now += step


class Journal:
    """Append-only list of every applied write, the judge of all others."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def append(
        self,
        *,
        at: datetime,
        face: str,
        actor: str,
        op: str,
        object: str,  # noqa: A002 - the name of the column that readers rely on
        id: str,  # noqa: A002 - the same
        key: str | None,
        fields: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> None:
        """Add one entry.

        `actor` is api, people or import; `op` create, update, delete, undelete, merge, associate.
        """
        self.entries.append(
            {
                "n": len(self.entries) + 1,
                "at": at.isoformat(),
                "face": face,
                "actor": actor,
                "request_id": request_id,
                "op": op,
                "object": object,
                "id": id,
                "key": key,
                "fields": dict(fields),
                "before": None if before is None else dict(before),
            }
        )


class Faults(Protocol):
    """Armed faults. The kernel plays those of the wire; a face asks for those inside it."""

    def take(
        self, kind: str, face: str, *, method: str = "", path: str = "", text: str = ""
    ) -> bool:
        """Say whether this fault strikes here and now, and use it up once."""
        ...


@dataclass(frozen=True, slots=True)
class Kernel:
    """Handed to each face when it is made; lives as long as the process (reset renews it)."""

    options: Options
    clock: BusinessClock
    journal: Journal
    faults: Faults
    scratch: dict[str, Any] = field(default_factory=dict)

    def digest(self, *parts: object) -> bytes:
        """Stable bytes from the seed and the parts: ids that two runs share come from here."""
        text = "|".join(str(part) for part in (self.options.seed, *parts))
        return hashlib.sha256(text.encode()).digest()


class Face(Protocol):
    """One CRM: its HTTP routes, and the doors by which the world and its people come in."""

    name: str

    def routes(self) -> list[BaseRoute]:
        """Every path of the vendor's API that this face answers."""
        ...

    def load(self, world: World) -> None:
        """Make native rows from the world; journaled with actor `import` (no entry per row)."""
        ...

    def act(self, deed: Deed) -> str | None:
        """Do what a person does; the native id, or None when the record is gone."""
        ...

    def tasks_of_ours(self) -> list[OurTask]:
        """Live records that carry a key of ours, sorted by key."""
        ...

    def state(self) -> list[dict[str, Any]]:
        """Records with a key of ours, sorted by key, without ids, times and audit fields."""
        ...

    def access(self, email: str | None, base_url: str) -> dict[str, Any]:
        """Everything needed to sign in, as the administration endpoint shows it."""
        ...

    def answer(self, fault: str, request: Request) -> Response:
        """The vendor's own answer for a fault of the wire, such as `unauthorized`."""
        ...
