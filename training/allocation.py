"""Memory of one batch kept for the next one, where the C library is glibc."""
import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
"""Numbers of glibc's mallopt (malloc.h)."""


def keep_large_blocks():
    """Has glibc keep large blocks in its heap. By itself it takes each from the system and gives it back, and the system fills it with zeros anew: on
    a processor as much time as the network's own arithmetic. Nothing happens where the C library is another."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(M_TOP_PAD, 2**28)
