"""How the C library keeps memory that tensors are done with."""

import ctypes
import os

# Parameters of glibc's mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4


def keep():
    """Makes malloc keep what is freed, where it is glibc's; elsewhere does nothing.

    Otherwise a large tensor's memory goes back to the system, and its successor's
    comes as pages that are zeroed one by one when they are first touched: more than
    half of a training step on a CPU.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    mallopt(MMAP_MAX, 0)
    mallopt(TRIM_THRESHOLD, 2**31 - 1)
    mallopt(TOP_PAD, 256 << 20)


def environment():
    """Of a process that trains: glibc's malloc asks for large pages, which spares a quarter of a step on a CPU."""
    return {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", **os.environ}
