"""Loopback ports for the parts: free ones, and whether somebody listens."""

import random
import socket
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_CHOICE: Final = range(18_000, 31_000)
"""Below what systems hand out to clients: a part that restarts finds its port again, and a client that tries a
silent port over and over never connects to itself."""


def free_port() -> int:
    """A loopback port that nobody has now. Raises `OSError` where there is none."""
    for _ in range(200):
        port = random.choice(_CHOICE)  # noqa: S311 - a port is no secret
        if not is_taken(port):
            return port
    raise OSError(f"no free port between {_CHOICE.start} and {_CHOICE.stop}")


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
