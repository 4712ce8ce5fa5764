"""The pace that a CRM's own limit allows us: a share of what its answers say.

The limit is noted in the database, so that every process knows what one of them has heard.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from crm_loop.budget.notebook import DatabaseNotebook
from crm_loop.budget.pace import NEVER_LATE, USED

#: Of a limit that other software of the customer needs as well, so much is ours.
SHARE = 0.6
#: A call of ours that comes so late still has its turn, where the limit has room for that.
LATE = timedelta(seconds=1)
_NOTE = "budget.window"
#: Seconds for which what is noted is taken as still so.
REMEMBERED = 5.0


@dataclass(slots=True)
class Measured:
    """Settings of the connection: `share` (0 to 1) of the measured limit."""

    notebook: DatabaseNotebook
    settings: Mapping[str, Any]
    _window: Mapping[str, Any] | None = None
    _looked: float = field(default=float("-inf"))

    def observe(self, headers: Mapping[str, str]) -> None:
        """Keep the neutral facts `window-calls` and `window-milliseconds`."""
        if "window-calls" not in headers:
            return
        names = ("window-calls", "window-milliseconds")
        window = {name: int(headers[name]) for name in names}
        if window != self._known():
            self.notebook.put(_NOTE, window)
            self._window, self._looked = window, time.monotonic()

    def pace(self, default: float) -> float:
        """Calls a second; `default` while the CRM has not told its limit."""
        window = self._told()
        if window is None:
            return default
        calls, seconds = window
        return min(self._share, USED) * calls / seconds

    def late(self) -> timedelta:
        """How far behind its turn a call may be without the limit being reached."""
        window = self._told()
        if window is None or not 0 < self._share < USED:
            return NEVER_LATE
        return min(LATE, timedelta(seconds=window[1] * (USED / self._share - 1)))

    @property
    def _share(self) -> float:
        return float(self.settings.get("share", SHARE))

    def _told(self) -> tuple[float, float] | None:
        """The calls and seconds of the window that the CRM counts in."""
        window = self._known()
        if not window or not window["window-calls"] or not window["window-milliseconds"]:
            return None
        return float(window["window-calls"]), float(window["window-milliseconds"]) / 1000

    def _known(self) -> Mapping[str, Any] | None:
        if time.monotonic() - self._looked >= REMEMBERED:
            self._window, self._looked = self.notebook.get(_NOTE), time.monotonic()
        return self._window
