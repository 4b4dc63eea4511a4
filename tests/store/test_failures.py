"""What the store answers is told apart by what helps: waiting, a person, or nothing. The errors are raised here as the
driver raises them, without a server."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import structlog
from bson.errors import InvalidDocument
from pymongo import errors

from shared.engine.errors import EngineError, NotAllowed, Unacceptable, Unavailable
from shared.engine.ports import Write
from shared.store.mongo import MongoStore

SECRET = "E11 { email: 'ap@harbour.example' }"
PASSES = {
    "HostUnreachable": 6,
    "HostNotFound": 7,
    "LockTimeout": 24,
    "CursorNotFound": 43,
    "MaxTimeMSExpired": 50,
    "WriteConcernTimeout": 64,
    "NetworkTimeout": 89,
    "ShutdownInProgress": 91,
    "UnsatisfiableWriteConcern": 100,
    "WriteConflict": 112,
    "FailedToSatisfyReadPreference": 133,
    "ReadConcernMajorityNotAvailableYet": 134,
    "PrimarySteppedDown": 189,
    "ExceededTimeLimit": 262,
    "SocketException": 9001,
    "NotWritablePrimary": 10107,
    "InterruptedAtShutdown": 11600,
    "Interrupted": 11601,
    "InterruptedDueToReplStateChange": 11602,
    "NotPrimaryNoSecondaryOk": 13435,
    "NotPrimaryOrSecondary": 13436,
    "OutOfDiskSpace": 14031,
    "InternalError": 1,
    "UnknownError": 8,
    "UserWritesBlocked": 371,
    "StaleDbVersion": 249,
    "NotYetInitialized": 94,
    "RequestRateTooLarge": 16500,
}
RIGHTS = {"UserNotFound": 11, "Unauthorized": 13, "AuthenticationFailed": 18, "AtlasError": 8000}
FAULTS = {
    "BadValue": 2,
    "FailedToParse": 9,
    "TypeMismatch": 14,
    "InvalidOptions": 72,
    "DocumentValidationFailure": 121,
    "BSONObjectTooLarge": 10334,
    "Location40324": 40324,
}
KINDS: dict[str, tuple[type[Exception], dict[str, int]]] = {
    "passes": (Unavailable, PASSES),
    "rights": (NotAllowed, RIGHTS),
    "faults": (Unacceptable, FAULTS),
}
ANSWERS = [(name, code, kind) for kind, codes in KINDS.values() for name, code in codes.items()]


class Stub:
    """A collection whose every call ends in this error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Callable[..., Awaitable[Any]]:
        async def fails(*_: Any, **__: Any) -> Any:
            raise self._error

        return fails


@pytest.fixture
def store() -> Iterator[MongoStore]:
    """Of no server: nothing of it is asked."""
    with closing(MongoStore("mongodb://127.0.0.1:1", "stub")) as store:
        yield store


class StubDatabase:
    """The driver below motor, in a thread."""

    def __init__(self, error: Exception) -> None:
        self._error, self.delegate = error, self

    def __getitem__(self, _collection: str) -> "StubDatabase":
        return self

    def bulk_write(self, *_: Any, **__: Any) -> None:
        raise self._error


def answering(store: MongoStore, error: Exception, monkeypatch: pytest.MonkeyPatch) -> MongoStore:
    monkeypatch.setattr(store, "_in", lambda _collection: Stub(error))
    monkeypatch.setattr(store, "_database", StubDatabase(error))
    return store


def failure(code: int | None, name: str = "", **more: Any) -> errors.OperationFailure:
    return errors.OperationFailure(SECRET, code, {"codeName": name, "errmsg": SECRET, **more})


async def raised(call: Awaitable[object]) -> Exception:
    with pytest.raises((EngineError, Unacceptable)) as found:
        await call
    return found.value


@pytest.mark.parametrize(("name", "code", "kind"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
async def test_a_code_says_what_helps_and_the_servers_text_is_not_told(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch, name: str, code: int, kind: type[Exception]
) -> None:
    told = await raised(answering(store, failure(code, name), monkeypatch).get("c", "a"))

    assert type(told) is kind
    assert str(told) == f"document store: error {code} {name}"


async def test_a_label_counts_before_a_code(store: MongoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = failure(2, "BadValue", errorLabels=["RetryableWriteError"])

    assert type(await raised(answering(store, labelled, monkeypatch).get("c", "a"))) is Unavailable


async def test_a_code_that_is_not_known_may_be_the_whole_stores_and_is_waited_out(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert type(await raised(answering(store, failure(99_999), monkeypatch).get("c", "a"))) is Unavailable


async def test_a_write_that_was_done_and_may_not_last_is_no_fault(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsure = errors.WriteConcernError(SECRET, 79, {"codeName": "UnknownReplWriteConcern"})

    assert type(await raised(answering(store, unsure, monkeypatch).get("c", "a"))) is Unavailable


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.AutoReconnect(SECRET), Unavailable),
        (errors.NetworkTimeout(SECRET), Unavailable),
        (errors.NotPrimaryError(SECRET), Unavailable),
        (errors.ServerSelectionTimeoutError(SECRET), Unavailable),
        (errors.WaitQueueTimeoutError(SECRET), Unavailable),
        (errors.ExecutionTimeout(SECRET, 50), Unavailable),
        (errors.WTimeoutError(SECRET, 64), Unavailable),
        (errors.DocumentTooLarge(SECRET), Unacceptable),
        (InvalidDocument(SECRET), Unacceptable),
        (errors.InvalidOperation(SECRET), Unacceptable),
        (errors.InvalidName(SECRET), Unacceptable),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else None,
)
async def test_what_the_driver_finds_itself_is_told_apart_too(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception]
) -> None:
    told = await raised(answering(store, error, monkeypatch).update_if("c", "a", {}, {}))

    assert type(told) is kind
    assert SECRET not in str(told)


async def test_a_client_of_ours_that_is_closed_is_no_fault_of_what_is_asked(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(store, errors.InvalidOperation("Cannot use MongoClient after close"), monkeypatch).close()

    assert type(await raised(store.get("c", "a"))) is Unavailable


async def test_a_missing_right_is_told_as_an_error_once_in_a_while(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(store, failure(13, "Unauthorized"), monkeypatch)
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            await raised(store.get("c", "a"))

    assert [(line["log_level"], str(line["error"])) for line in lines] == [
        ("error", "document store: error 13 Unauthorized")
    ]


def write_errors(*codes: int, **more: Any) -> errors.BulkWriteError:
    found = [{"index": at, "code": code, "errmsg": SECRET} for at, code in enumerate(codes)]
    return errors.BulkWriteError({"writeErrors": found, "writeConcernErrors": [], "nMatched": 0, **more})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (write_errors(10334, 189), Unavailable),
        (write_errors(10334, 13), NotAllowed),
        (write_errors(10334, 11000), Unacceptable),
        (write_errors(writeConcernErrors=[{"code": 64}]), Unavailable),
        (write_errors(10334, writeConcernErrors=[{"code": 64}]), Unavailable),
    ],
    ids=["one passes", "one is a right", "a fault", "not known to last", "a fault, the others not known to last"],
)
async def test_of_several_writes_one_that_may_come_right_has_all_of_them_done_again(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch, error: errors.BulkWriteError, kind: type[Exception]
) -> None:
    answering(store, error, monkeypatch)
    writes = [Write({"_id": id, "rev": 1, "stamp": 1}, None) for id in "ab"]

    saved = await raised(store.save("c", writes))
    updated = await raised(store.update_each("c", [("a", {}, {}), ("b", {}, {})]))

    assert (type(saved), type(updated)) == (kind, kind)


async def test_duplicate_keys_alone_are_inserts_that_lost(store: MongoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(store, write_errors(11000), monkeypatch)

    assert await store.save("c", [Write({"_id": id, "rev": 1, "stamp": 1}, None) for id in "ab"]) == {"a"}
