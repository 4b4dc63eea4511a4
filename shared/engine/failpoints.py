"""Named places where a fault test kills the process, so that each gap between two effects is crossed once."""

import os

_ARMED = os.environ.get("REBILLING_FAILPOINT", "")
_MARKER = os.environ.get("REBILLING_FAILPOINT_MARKER", "")


def failpoint(name: str) -> None:
    """Die here at once, as by SIGKILL, if this place is the armed one; with a marker file, only the first time.

    The file is made before dying, so that the restarted process, which has the same environment, goes on.
    """
    if name != _ARMED or not name:
        return
    if _MARKER:
        try:
            os.close(os.open(_MARKER, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return
    os._exit(9)
