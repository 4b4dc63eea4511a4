"""A part never outlives who started it, however that one ended: on Linux the kernel sees to it."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1


def _prctl() -> Callable[..., Any] | None:
    """Looked up before any fork, since a forked child may not load libraries."""
    return ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


_PRCTL: Final = _prctl()


def tie_to_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """Get this signal when the thread that started this process ends, so start parts from a thread that stays.

    `parent` is its process id, taken before the fork: where it is gone already, there is nobody to wait for.
    """
    if _PRCTL is None:
        return
    _PRCTL(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def tied() -> Callable[[], None]:
    """For `Popen(preexec_fn=...)`: the child is killed when this process ends."""
    parent = os.getpid()
    return lambda: tie_to_parent(parent)
