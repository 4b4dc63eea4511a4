"""What the engine needs from outside: a place for documents and a way to publish."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Doc = dict[str, Any]
"""One stored document; `_id` is always a string."""


@dataclass(frozen=True, slots=True)
class Write:
    """One guarded write: insert where `rev` is None, else replace the document that still has this `rev`."""

    doc: Doc
    rev: int | None


Wanted = tuple[str, Sequence[str]]
"""A collection, and the ids that are looked for there."""
Save = tuple[str, Sequence[Write]]
"""A collection, and what is written there."""


class Documents(Protocol):
    """The document store. Every call has a time limit once it is begun, for each collection where it takes several. It
    raises `Unavailable` when the outcome is not known, and `Unacceptable` where the store finds fault with what was
    asked."""

    async def get_many(self, collection: str, ids: Sequence[str]) -> list[Doc]:
        """Those that there are, in no order."""
        ...

    async def get_each(self, wanted: Sequence[Wanted]) -> list[list[Doc]]:
        """Several `get_many` in one call, one after the other: what stands later is as of later."""
        ...

    async def save(self, collection: str, writes: Sequence[Write]) -> set[str]:
        """Carry out the writes, unordered, each on its own; answers the ids whose guard failed."""
        ...

    async def save_each(self, saves: Sequence[Save]) -> list[set[str]]:
        """Several `save` in one call, one after the other, up to the first in which a guard failed: nothing of those
        that have no answer was written."""
        ...

    async def get(self, collection: str, id: str) -> Doc | None:
        """None: there is none of this `_id`."""
        ...

    async def find(
        self,
        collection: str,
        filter: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        projection: Mapping[str, int] | None = None,
    ) -> list[Doc]:
        """`filter` in MongoDB's words. `sort`: fields, each with 1 (upwards) or -1. `limit` 0: all. `projection`: the
        fields that are wanted; None: whole documents."""
        ...

    async def count(self, collection: str, filter: Mapping[str, Any]) -> int: ...
    async def insert(self, collection: str, doc: Doc) -> bool:
        """False: the `_id` is taken."""
        ...

    async def replace_if(self, collection: str, id: str, guard: Mapping[str, Any], doc: Doc) -> bool:
        """False: there is no document of this `_id` that `guard`, a filter, finds; nothing was written."""
        ...

    async def update_if(self, collection: str, id: str, guard: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
        """The same with an update in MongoDB's words (`$set` and the like)."""
        ...

    async def update_each(
        self, collection: str, updates: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]
    ) -> int:
        """Many `update_if` in one call, unordered; answers how many matched."""
        ...

    async def upsert(self, collection: str, id: str, doc: Doc) -> None:
        """Whatever is there gives way to `doc`."""
        ...

    async def delete_if(self, collection: str, id: str, guard: Mapping[str, Any]) -> bool:
        """False: there is no document of this `_id` that `guard` finds."""
        ...

    async def delete_each(self, collection: str, deletions: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Many `delete_if` in one call, unordered."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be published, as it goes over the wire."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class TooLarge(Exception):  # noqa: N818 - raised by a publisher: no repeat can help
    """The broker does not take a record of this size."""


class Publisher(Protocol):
    """Sends records in order. Awaiting `send` hands the record over; awaiting its answer is the confirmation.

    The answer raises `TooLarge` or `Unavailable`; after `Unavailable` the record may yet arrive.
    """

    async def send(self, record: Record) -> Awaitable[None]:
        """Raises `TooLarge` or `Unavailable` at once where the record cannot be handed over."""
        ...
