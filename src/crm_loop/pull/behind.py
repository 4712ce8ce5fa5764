"""Store a batch while the connector makes the next one, where the connector says it may."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from crm_loop.connector.contract import Batch

T = TypeVar("T")


def one_behind(batches: Iterable[Batch], store: Callable[[Batch], T]) -> Iterator[T]:
    """What `store` says of each batch, in order; those `ahead` are stored by another thread.

    A batch is taken up when the one before it is stored, so two are there at most. Whatever ends
    the reading, the batch that was handed over is stored first; what keeps it from being stored
    is raised, and nothing behind the batch in hand is asked for.
    """
    # The connector stays in the caller's thread, as its sessions and locks do.
    with ThreadPoolExecutor(1, "store") as thread:
        coming: Future[T] | None = None
        try:
            for batch in batches:
                if coming is not None:
                    before, coming = coming, None
                    yield before.result()
                if batch.ahead:
                    coming = thread.submit(copy_context().run, store, batch)
                else:
                    yield store(batch)
                # A large one must not outlive its turn.
                del batch
        except BaseException:
            if coming is not None:
                coming.result()
            raise
        if coming is not None:
            yield coming.result()
