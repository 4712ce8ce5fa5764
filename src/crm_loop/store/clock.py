"""Real time as all processes agree on it: leases are worth nothing when hosts differ."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

#: How often the server is asked; in between, time is counted on, whatever the host's clock does.
ASK_SECONDS = 10.0
#: Nothing of ours lasts so long: a lease that ends later was written before a clock was set back.
IMPLAUSIBLE = timedelta(minutes=10)

Clock = Callable[[], datetime]


def clock_of(engine: Engine, own: Clock) -> Clock:
    """The server's clock on PostgreSQL; with a file, whoever shares it shares the host's."""
    return ServerClock(engine) if engine.dialect.name == "postgresql" else own


class ServerClock:
    """The database server's clock, counted on between two looks at it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._asked = float("-inf")
        self._said = datetime.now(UTC)

    def __call__(self) -> datetime:
        if time.monotonic() - self._asked >= ASK_SECONDS:
            self._ask()
        return self._said + timedelta(seconds=time.monotonic() - self._asked)

    def _ask(self) -> None:
        try:
            with self.engine.connect() as connection:
                said: datetime = connection.scalar(text("SELECT clock_timestamp()"))
        except DBAPIError:
            if self._asked == float("-inf"):
                raise
            # A server that restarts: counted on from what it said last.
            return
        self._said, self._asked = said.astimezone(UTC), time.monotonic()
