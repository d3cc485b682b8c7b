# SPDX-License-Identifier: Apache-2.0
"""How a program of this folder treats its memory and its mistakes."""
import ctypes

# Parameters of glibc's mallopt, from <malloc.h>.
M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4


def run(main):
    """main(), with one line instead of a traceback where a file cannot be read or written."""
    try:
        main()
    except OSError as error:
        raise SystemExit(f"{error.filename or 'error'}: {error.strerror or error}") from None


def keep_freed_memory():
    """Keeps freed memory in the process instead of handing it back to the system after every operator.

    Activations of one batch are a few MB each: glibc maps and unmaps every one of them, and the page faults take as
    long as the arithmetic (ResNet-20, batch 128, one core of an AVX-512 machine: 114 s an epoch, and 63 s with this).
    Does nothing where the C library is not glibc.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
