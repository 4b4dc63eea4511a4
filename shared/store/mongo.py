"""The document store on MongoDB's wire protocol: the only room that knows motor.

It uses what genuine MongoDB and the embedded store both do: no transactions, no driver retries, `_id` at the top of
every filter that names it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar, cast

import structlog
from bson.binary import Binary
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import ASCENDING, DeleteOne, ReadPreference, UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.engine.errors import NotAllowed, Unacceptable
from shared.engine.ports import Doc, Save, Wanted, Write
from shared.store import in_turn
from shared.store.failures import meaning

A = TypeVar("A")
R = TypeVar("R")

_DURABLE: Final = WriteConcern(w="majority", j=True)
_LASTING: Final = ReadConcern("majority")
"""What only the primary has yet, another primary may take back: nothing is decided on that, or said of it."""
_OPTIONS: Final[CodecOptions[Doc]] = CodecOptions(tz_aware=True)
_TELL_EVERY_S: Final = 10.0
_WHO: Final = "REBILLING_MONGODB__URI names the user and its password"
_log = structlog.get_logger(__name__)


class MongoStore:
    """One service's database. `time_limit` in seconds bounds every call, the choice of a server included. `ca_file` and
    `certificate_file` count before what the address names."""

    def __init__(
        self,
        uri: str,
        database: str,
        *,
        time_limit: float = 10.0,
        pool: int = 20,
        ca_file: Path | None = None,
        certificate_file: Path | None = None,
    ) -> None:
        named = (("tlsCAFile", ca_file), ("tlsCertificateKeyFile", certificate_file))
        files: dict[str, Any] = {option: str(file) for option, file in named if file is not None}
        self._client: AsyncIOMotorClient[Doc] = AsyncIOMotorClient(
            uri,
            **files,
            retryWrites=False,
            retryReads=False,
            serverSelectionTimeoutMS=int(time_limit * 1000),
            connectTimeoutMS=int(time_limit * 1000),
            socketTimeoutMS=int(time_limit * 1000),
            waitQueueTimeoutMS=int(time_limit * 1000),
            maxPoolSize=pool,
            tz_aware=True,
        )
        self._database = self._client.get_database(
            database,
            codec_options=_OPTIONS,
            read_preference=ReadPreference.PRIMARY,
            write_concern=_DURABLE,
            read_concern=_LASTING,
        )
        self._threads = ThreadPoolExecutor(pool // 2, "store")
        self._closed = False
        self._told_at = -_TELL_EVERY_S

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """A duplicate key says "no", and whoever expects one catches it inside; what comes through is named by what the
        caller can do about it."""
        try:
            yield
        except BSONError as error:  # the driver itself refuses to send it
            raise Unacceptable(f"document store: {type(error).__name__}") from error
        except PyMongoError as error:
            found = meaning(error, closed=self._closed)
            if isinstance(found, NotAllowed):
                self._tell(found)
            raise found from error

    def _tell(self, found: NotAllowed) -> None:
        """Whoever waits says so as for a store that is away; that a person is needed is said as an error."""
        if monotonic() - self._told_at >= _TELL_EVERY_S:
            self._told_at = monotonic()
            _log.error("the store does not let us; its user or our rights have to be mended", error=found, hint=_WHO)

    def _in(self, collection: str) -> "AsyncIOMotorCollection[Doc]":
        return self._database[collection]

    async def ping(self) -> None:
        async with self._asking():
            await self._database.command("ping")

    def close(self) -> None:
        self._closed = True
        self._client.close()

    async def declare_index(self, collection: str, *fields: str) -> None:
        """A plain index."""
        async with self._asking():
            await self._in(collection).create_index([(field, ASCENDING) for field in fields])

    async def get(self, collection: str, id: str) -> Doc | None:
        async with self._asking():
            return await self._in(collection).find_one({"_id": id})

    async def get_many(self, collection: str, ids: Sequence[str]) -> list[Doc]:
        return (await self.get_each([(collection, ids)]))[0]

    async def get_each(self, wanted: Sequence[Wanted]) -> list[list[Doc]]:
        if not any(ids for _, ids in wanted):
            return [[] for _ in wanted]
        return await self._in_one_go(in_turn.get_each, wanted)

    async def find(
        self,
        collection: str,
        filter: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        projection: Mapping[str, int] | None = None,
    ) -> list[Doc]:
        async with self._asking():
            if limit and (docs := await self._at_once(collection, filter, sort, limit, projection)) is not None:
                return docs
            cursor = self._in(collection).find(dict(filter), projection, sort=list(sort) or None, limit=limit)
            return await cursor.to_list(None)

    async def _at_once(
        self,
        collection: str,
        filter: Mapping[str, Any],
        sort: Sequence[tuple[str, int]],
        limit: int,
        projection: Mapping[str, int] | None,
    ) -> list[Doc] | None:
        """By the command: motor's cursor goes through its threads, and around the loop, twice for one answer.
        None: it does not fit into one; the server forgets by itself what it would go on with."""
        asked = in_turn.find_command(collection, filter, limit, sort=sort, projection=projection)
        answer = await self._database.command({**asked, "readConcern": _LASTING.document}, codec_options=_OPTIONS)
        return None if answer["cursor"]["id"] else cast("list[Doc]", answer["cursor"]["firstBatch"])

    async def count(self, collection: str, filter: Mapping[str, Any]) -> int:
        """By the command and not by an aggregation, for which the embedded store reads the whole collection. While a
        shard gives documents to another, some may be counted twice."""
        async with self._asking():
            answer = await self._database.command("count", collection, query=dict(filter))
        return int(answer["n"])

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        return (await self._in_one_go(in_turn.save_each, [(collection, writes)]))[0]

    async def save_each(self, saves: Sequence[Save]) -> list[set[str]]:
        return await self._in_one_go(in_turn.save_each, saves)

    async def _in_one_go(self, do: Callable[[Database[Doc], Sequence[A]], list[R]], asked: Sequence[A]) -> list[R]:
        """By the driver that motor stands before: motor would go through its threads for each call of them."""
        async with self._asking():
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, do, self._database.delegate, asked)

    async def insert(self, collection: str, doc: Doc) -> bool:
        async with self._asking():
            try:
                await self._in(collection).insert_one(doc)
            except DuplicateKeyError:
                return False
        return True

    async def replace_if(self, collection: str, id: str, guard: Mapping[str, Any], doc: Doc) -> bool:
        async with self._asking():
            result = await self._in(collection).replace_one({"_id": id, **guard}, doc)
        return result.matched_count == 1

    async def update_if(self, collection: str, id: str, guard: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
        async with self._asking():
            result = await self._in(collection).update_one({"_id": id, **guard}, dict(update))
        return result.matched_count == 1

    async def update_each(
        self, collection: str, updates: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]
    ) -> int:
        if not updates:
            return 0
        requests = [UpdateOne({"_id": id, **guard}, dict(update)) for id, guard, update in updates]
        async with self._asking():
            return (await self._in(collection).bulk_write(requests, ordered=False)).matched_count

    async def upsert(self, collection: str, id: str, doc: Doc) -> None:
        async with self._asking():
            try:
                await self._in(collection).replace_one({"_id": id}, doc, upsert=True)
            except DuplicateKeyError:  # genuine MongoDB, two upserts at once: the document is there now
                await self._in(collection).replace_one({"_id": id}, doc)

    async def delete_if(self, collection: str, id: str, guard: Mapping[str, Any]) -> bool:
        async with self._asking():
            result = await self._in(collection).delete_one({"_id": id, **guard})
        return result.deleted_count == 1

    async def delete_each(self, collection: str, deletions: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        if not deletions:
            return
        requests = [DeleteOne({"_id": id, **guard}) for id, guard in deletions]
        async with self._asking():
            await self._in(collection).bulk_write(requests, ordered=False)


__all__ = ["Binary", "MongoStore"]
