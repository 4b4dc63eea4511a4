"""What the engine raises, drawn as a tree, so that the exception's type says what the caller does.

EngineError
├── Unavailable     the store or the broker is away, or its answer was lost: wait and try again
│   └── NotAllowed  the store does not let us: it is waited for a person, and told as an error
└── Abandoned       the partition was taken away while we waited: drop the work, its next owner does it

Unacceptable        beside the tree, since no waiting helps: the store finds fault with what it was asked
"""


class EngineError(Exception):
    """Something kept the engine from carrying out a change."""


class Unavailable(EngineError):  # noqa: N818 - a state of the world, not of the program
    """The store or the broker cannot be reached, or an answer was lost. What was asked may or may not have happened."""


class NotAllowed(Unavailable):
    """The store does not know us, or a right is missing. No message is the cause, so none goes aside for it."""


class Abandoned(EngineError):  # noqa: N818 - an ending that was asked for
    """Waiting was ended from outside; nothing of what was unsaved happened."""


class Unacceptable(Exception):  # noqa: N818 - what the store says of a query or a document
    """A query that is none, a document that is too large: the same again meets the same answer. Of a call for several
    documents the others' writes may have happened."""
