"""Several batches under way at once: while a CRM answers one, the next one is got ready."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from crm_loop.connector.contract import Connector
from crm_loop.store.writes import AT_ONCE
from crm_loop.write_back.writing import Writing, Written

#: Batches of one account that are under way at once, where there is more than one to send.
LANES = 3

#: Claims and sends one batch, counts what it wrote; returns how many writes were claimed.
NextBatch = Callable[[Writing, Written], int]


class Lanes:
    """Sends batch after batch until nothing is left; `empty` says that this was why it ended.

    The first lane is the caller's own thread. Others join it once a batch was full, so that a few
    writes cost no more calls than they did. After an error no lane begins another batch.
    """

    def __init__(self, writing: Writing, next_batch: NextBatch) -> None:
        self._writing = writing
        self._next = next_batch
        self._over = Event()
        self._pool: ThreadPoolExecutor | None = None
        self._helpers: list[Future[Written]] = []
        self.empty = False

    def run(self) -> Written:
        """Raises what the first lane that failed raised, once all of them have ended."""
        written = Written()
        try:
            self._lane(self._writing, written, self._writing.another)
        except BaseException:
            self._over.set()
            raise
        finally:
            if self._pool is not None:
                self._pool.shutdown()
        for helper in self._helpers:
            written.add(helper.result())
        return written

    def _lane(
        self, writing: Writing, written: Written, another: Callable[[], Connector] | None
    ) -> None:
        while not self._over.is_set() and writing.may_write():
            claimed = self._next(writing, written)
            if not claimed:
                self.empty = True
                return
            if claimed == AT_ONCE and another is not None and self._pool is None:
                self._pool = ThreadPoolExecutor(LANES - 1, thread_name_prefix="lane")
                self._helpers = [self._pool.submit(self._help, another) for _ in range(LANES - 1)]

    def _help(self, another: Callable[[], Connector]) -> Written:
        written = Written()
        try:
            self._lane(replace(self._writing, connector=another()), written, None)
        except BaseException:
            self._over.set()
            raise
        return written
