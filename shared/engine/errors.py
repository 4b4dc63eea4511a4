"""What the engine raises, drawn as a tree, so that the exception's type says what the caller does.

EngineError
├── Unavailable     the store or the broker is away, or its answer was lost: wait and try again
└── Abandoned       the partition was taken away while we waited: drop the work, its next owner does it
"""


class EngineError(Exception):
    """Something kept the engine from carrying out a change."""


class Unavailable(EngineError):  # noqa: N818 - a state of the world, not of the program
    """The store or the broker cannot be reached, or an answer was lost. What was asked may or may not have happened."""


class Abandoned(EngineError):  # noqa: N818 - an ending that was asked for
    """Waiting was ended from outside; nothing of what was unsaved happened."""
