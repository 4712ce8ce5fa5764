"""Memory that drivers of whole columns take of the C library."""

import ctypes
import sys

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
