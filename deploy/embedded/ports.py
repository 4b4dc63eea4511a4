"""Loopback ports for the parts: free ones, and whether somebody listens."""

import fcntl
import functools
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_CHOICE: Final = range(18_000, 31_000)
"""Below what systems hand out to clients: a part that restarts finds its port again, and a client that tries a
silent port over and over never connects to itself."""
_chosen: Final[set[int]] = set()


def free_port() -> int:
    """A loopback port that nobody has now, and that no other process of ours is given while this one lives: between
    choosing a port and listening there others choose too. Raises `OSError` where there is none."""
    for _ in range(200):
        port = random.choice(_CHOICE)  # noqa: S311 - a port is no secret
        if _is_ours(port) and not is_taken(port):
            return port
    raise OSError(f"no free port between {_CHOICE.start} and {_CHOICE.stop}")


def keep(port: int) -> None:
    """No process of ours chooses this port while this one lives: it is one of before, and will be listened to again."""
    _is_ours(port)


def _is_ours(port: int) -> bool:
    """True where this process may have it from now on. A lock of the system's, so that it ends with the process."""
    if port in _chosen:
        return False
    try:
        fcntl.lockf(_choices(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    _chosen.add(port)
    return True


@functools.cache
def _choices() -> int:
    """An empty file of this user's; whoever chose port n holds the lock on its byte n."""
    path = Path(tempfile.gettempdir()) / f"rebilling-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def is_taken(port: int) -> bool:
    """True where another program holds the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def answers(port: int) -> bool:
    """True where somebody accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0
