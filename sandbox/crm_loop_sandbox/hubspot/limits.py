"""Rate limits by tier, counted in real time."""

from collections import deque
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_loop_sandbox.hubspot.tiers import OAUTH_PER_TEN_SECONDS, SEARCHES_PER_SECOND, Tier
from crm_loop_sandbox.hubspot.tokens import Identity

_TEN_SECONDS = 10.0


class Window:
    """At most `most` calls in any span of `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self._seconds = seconds
        self._calls: deque[float] = deque()

    def take(self, now: float) -> bool:
        if self.left(now) <= 0:
            return False
        self._calls.append(now)
        return True

    def left(self, now: float) -> int:
        while self._calls and self._calls[0] <= now - self._seconds:
            self._calls.popleft()
        return self.most - len(self._calls)


class Limits:
    """Counts calls. `now` is real time in seconds since 1970 everywhere."""

    def __init__(self, tier: Tier, zone: ZoneInfo, *, enforced: bool) -> None:
        self._tier = tier
        self._zone = zone
        self._enforced = enforced
        self._apps: dict[str, Window] = {}
        self._search = Window(SEARCHES_PER_SECOND, 1.0)
        self._day = ""
        self.used_today = 0

    @property
    def daily_limit(self) -> int:
        return self._tier.per_day

    def admit(self, identity: Identity, now: float, *, search: bool) -> str | None:
        """Count one call; the name of the policy that forbids it, or None."""
        self._turn_day(now)
        if self._enforced and self.used_today >= self._tier.per_day and not identity.oauth:
            return "DAILY"
        window = self._search if search else self._window(identity)
        if self._enforced and not window.take(now):
            return "SECONDLY" if search else "TEN_SECONDLY_ROLLING"
        self.used_today += 0 if identity.oauth else 1
        return None

    def headers(self, identity: Identity, now: float) -> dict[str, str]:
        """What every answer but those of search carries."""
        window = self._window(identity)
        shown = {
            "X-HubSpot-RateLimit-Max": str(window.most),
            "X-HubSpot-RateLimit-Remaining": str(max(window.left(now), 0)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Secondly": str(window.most // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(window.most // 10 - 1),
        }
        if identity.oauth:
            return shown
        left = max(self._tier.per_day - self.used_today, 0)
        return shown | {
            "X-HubSpot-RateLimit-Daily": str(self._tier.per_day),
            "X-HubSpot-RateLimit-Daily-Remaining": str(left),
        }

    def _window(self, identity: Identity) -> Window:
        name = f"{identity.app_id} {'oauth' if identity.oauth else 'static'}"
        if name not in self._apps:
            most = OAUTH_PER_TEN_SECONDS if identity.oauth else self._tier.per_ten_seconds
            self._apps[name] = Window(most, _TEN_SECONDS)
        return self._apps[name]

    def _turn_day(self, now: float) -> None:
        day = datetime.fromtimestamp(now, self._zone).date().isoformat()
        if day != self._day:
            self._day, self.used_today = day, 0
