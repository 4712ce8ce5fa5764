"""For how long the present thread may begin calls: its lease may end, somebody may pause it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from crm_loop.errors import Transient

#: The code of what is refused because its writer may not go on.
OVER = "write.lease_over"

_LASTS: ContextVar[Callable[[], bool] | None] = ContextVar("lasts", default=None)


@contextmanager
def only_while(lasts: Callable[[], bool]) -> Iterator[None]:
    """Let no call of this thread through the gate any more once `lasts` says no."""
    token = _LASTS.set(lasts)
    try:
        yield
    finally:
        _LASTS.reset(token)


def check() -> None:
    """Raise Transient for whoever was held up for too long, or was paused in the meantime."""
    lasts = _LASTS.get()
    if lasts is not None and not lasts():
        raise Transient(
            "The writer was held up for too long, or was paused.", code=OVER, retry_after=1
        )
