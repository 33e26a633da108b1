"""Memory that the C library keeps back: one pool for all threads, and what is freed goes back to the system.

glibc gives each thread a pool of its own and keeps what was freed in it, which is some 7 MB in a process that waits
most of the day. Its threads share Python's lock anyway, so that one pool costs no time.
"""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8
"""Names of glibc's malloc.h."""
_TRIM = 64 * 1024
"""Free bytes at the end of the pool that are given back."""


def keep_small() -> bool:
    """For this process, as early as possible; whether it took effect, which needs glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    # It answers 1 for success, and takes what it does not know for a failure.
    return mallopt is not None and bool(mallopt(_M_ARENA_MAX, 1) and mallopt(_M_TRIM_THRESHOLD, _TRIM))
