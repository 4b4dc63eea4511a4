"""Named places where a fault test kills the process, so that each gap between two effects is crossed once."""

import os
import signal
from pathlib import Path

_ARMED_IN = os.environ.get("REBILLING_FAILPOINTS", "")


def failpoint(name: str) -> None:
    """Die here at once, as by SIGKILL, if this place is armed; without the setting nothing is even looked at.

    `REBILLING_FAILPOINTS` names a directory. A file `after-save` in it arms that place for whoever comes by first, and
    `after-save.4711` for the process with that id, so that one instance of a running system can be aimed at. Whoever
    removes the file dies: one process, once. A file that says `stop` stops it there instead, until it is let go on.
    """
    if not _ARMED_IN:
        return
    for file in (name, f"{name}.{os.getpid()}"):
        try:
            told = Path(_ARMED_IN, file).read_text()
            Path(_ARMED_IN, file).unlink()
        except FileNotFoundError:
            continue
        if told == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        os.write(2, f"killed at the failpoint {file}\n".encode())
        os._exit(9)
