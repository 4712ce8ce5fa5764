"""Memory that large steps take: of the C library, and of Python's collector."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: `M_MMAP_THRESHOLD` of glibc's `mallopt`, and the bytes from which on a block is mapped by itself.
_MAP_FROM, _LARGE = -3, 2**20


def give_back_at_once() -> None:
    """Let large columns leave memory as soon as nobody needs them.

    The C library's own limit for that grows with each block that is let go, up to 32 MiB: a
    night's rows then stay in memory to its end.
    """
    if sys.platform == "linux":
        limit = getattr(ctypes.CDLL(None), "mallopt", None)
        if limit is not None:
            limit(_MAP_FROM, _LARGE)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Nobody looks for garbage among many objects that are all still needed."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
