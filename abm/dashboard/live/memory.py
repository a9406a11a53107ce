"""Memory that is no longer used goes back to the system, so that an hour of play ends as it began."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Collect what hangs together in circles, and hand free pages back.

    Measured: without it, every reset of four views leaves 15 MB more with the process, as the allocator of glibc keeps
    what lies between longer-lived blocks.
    """
    gc.collect()
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        except (OSError, AttributeError):  # another C library: it has ways of its own
            return
