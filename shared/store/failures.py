"""What an error of the driver means to the engine: the store is away, it does not let us, or it finds fault with what
it was asked. Only the first passes by itself."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pymongo.errors import BulkWriteError, InvalidName, InvalidOperation, OperationFailure, PyMongoError

from shared.engine.errors import EngineError, NotAllowed, Unacceptable, Unavailable
from shared.store.reasons import why

DUPLICATE_KEY: Final = 11000

_PASSES: Final = frozenset(
    {
        None,  # an answer without a code, 0, 1 InternalError and 8 UnknownError: the server itself failed
        0,
        1,
        8,
        6,  # HostUnreachable
        7,  # HostNotFound
        24,  # LockTimeout
        43,  # CursorNotFound: the server that had it is another one now
        46,  # LockBusy
        50,  # MaxTimeMSExpired
        63,  # StaleShardVersion
        64,  # WriteConcernTimeout
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        100,  # UnsatisfiableWriteConcern: too few members are there
        112,  # WriteConflict
        117,  # ConflictingOperationInProgress: another instance declares the same index
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        150,  # StaleEpoch
        175,  # QueryPlanKilled
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        237,  # CursorKilled
        262,  # ExceededTimeLimit
        317,  # ConnectionPoolExpired
        391,  # ReauthenticationRequired: the driver does it
        9001,  # SocketException
        10058,  # NotPrimary of old servers
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
        13388,  # StaleConfig
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace: no fault of the document's
    }
)
_PASSING_LABELS: Final = ("RetryableWriteError", "RetryableError", "TransientTransactionError", "SystemOverloadedError")
_RIGHTS: Final = frozenset({11, 13, 18, 8000})
"""UserNotFound, Unauthorized, AuthenticationFailed, and Atlas' word for both."""


def meaning(error: PyMongoError, *, closed: bool = False) -> EngineError | Unacceptable:
    """What to raise instead. `closed`: our own client was, so that nothing can be asked any more.

    A code that is not known is a fault of what was asked: that keeps nobody else waiting, and is tried a few times.
    """
    if isinstance(error, BulkWriteError):
        return _of_many(error.details or {})
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
    if code in _PASSES:
        return Unavailable(_said(code, details))
    if code in _RIGHTS:
        return NotAllowed(_said(code, details))
    return Unacceptable(_said(code, details))


def _said(code: int | None, details: Mapping[str, Any] | None) -> str:
    """The server's own word for the code; its text may hold a document's."""
    name = (details or {}).get("codeName")
    return f"document store: error {code}{f' {name}' if isinstance(name, str) and name.isidentifier() else ''}"
