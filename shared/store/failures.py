"""What an error of the driver means to the engine: the store is away, it does not let us, or it finds fault with what
it was asked. Only the first passes by itself."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pymongo.errors import (
    BulkWriteError,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from shared.engine.errors import EngineError, NotAllowed, Unacceptable, Unavailable
from shared.store.reasons import why

DUPLICATE_KEY: Final = 11000

_FAULTS: Final = frozenset(
    {
        2,  # BadValue
        9,  # FailedToParse
        14,  # TypeMismatch
        22,  # InvalidBSON
        40,  # ConflictingUpdateOperators
        52,  # DollarPrefixedFieldName
        53,  # InvalidIdField
        56,  # EmptyFieldName
        57,  # DottedFieldName
        59,  # CommandNotFound
        66,  # ImmutableField
        72,  # InvalidOptions
        73,  # InvalidNamespace
        115,  # CommandNotSupported
        121,  # DocumentValidationFailure
        10334,  # BSONObjectTooLarge
        DUPLICATE_KEY,
        17419,  # an update would make it too large
        17420,
        40324,  # an unknown stage
    }
)
_PASSING_LABELS: Final = ("RetryableWriteError", "RetryableError", "TransientTransactionError", "SystemOverloadedError")
_RIGHTS: Final = frozenset({11, 13, 18, 8000})
"""UserNotFound, Unauthorized, AuthenticationFailed, and Atlas' word for both."""


def meaning(error: PyMongoError, *, closed: bool = False) -> EngineError | Unacceptable:
    """What to raise instead. `closed`: our own client was, so that nothing can be asked any more.

    A code that is not known is waited out: it may be the whole store's (writes are blocked for a while, a shard is
    moved), and to put every command aside for that would break the order of each customer's.
    """
    if isinstance(error, BulkWriteError):
        return _of_many(error.details or {})
    if isinstance(error, WriteConcernError):
        return Unavailable("document store: whether the write will last is not known")
    if isinstance(error, OperationFailure):
        if any(error.has_error_label(label) for label in _PASSING_LABELS):
            return Unavailable(_said(error.code, error.details))
        return _of_code(error.code, error.details)
    if isinstance(error, InvalidOperation | InvalidName) and not closed:
        return Unacceptable(f"document store: {type(error).__name__}")
    return Unavailable(f"document store: {why(error)}")


def meaning_of_writes(errors: Iterable[Mapping[str, Any]]) -> EngineError | Unacceptable:
    """Of several writes of one call. One whose outcome may come right is reason enough to do all of them again."""
    found = [_of_code(each.get("code"), each) for each in errors]
    return next((each for each in found if isinstance(each, EngineError)), found[0])


def _of_many(details: Mapping[str, Any]) -> EngineError | Unacceptable:
    if details.get("writeConcernErrors") or not details.get("writeErrors"):
        return Unavailable("document store: whether the writes will last is not known")
    return meaning_of_writes(details["writeErrors"])


def _of_code(code: int | None, details: Mapping[str, Any] | None) -> EngineError | Unacceptable:
    if code in _RIGHTS:
        return NotAllowed(_said(code, details))
    return Unacceptable(_said(code, details)) if code in _FAULTS else Unavailable(_said(code, details))


def _said(code: int | None, details: Mapping[str, Any] | None) -> str:
    """The server's own word for the code; its text may hold a document's."""
    name = (details or {}).get("codeName")
    return f"document store: error {code}{f' {name}' if isinstance(name, str) and name.isidentifier() else ''}"
