"""The documents of one batch while they are folded, and the looks at the store that they come from."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.engine.beside import Sayer
from shared.engine.change import Kind, Reads
from shared.engine.document import Draft, state_of
from shared.engine.ports import Doc, Documents, Wanted
from shared.engine.refusals import REFUSALS, Refusals
from shared.engine.task import Key, Step, Task

Queues = Mapping[Key, Collection[Step]]
"""What is still to be done to each document."""
Kinds = Mapping[str, Mapping[str, Kind[Any, Any]]]
"""Of documents, by collection and id."""


class Drafts:
    """By key. One that is let go comes anew with the next look."""

    def __init__(self, store: Documents, relay: Sayer) -> None:
        self._store, self._relay = store, relay
        self._drafts: dict[Key, Draft] = {}
        self._taken: set[Key] = set()

    def __getitem__(self, key: Key) -> Draft:
        return self._drafts[key]

    def __contains__(self, key: Key) -> bool:
        return key in self._drafts

    def let_go(self, key: Key) -> None:
        """Another writer was first, and so there is a document, also where none was looked for."""
        del self._drafts[key]
        self._taken.add(key)

    async def look(self, queues: Queues, refusals: Refusals, tasks: Sequence[Task] = ()) -> Reads:
        """In one call: what is to be changed, what was refused of these tasks before, and after both what is read."""
        missing, refused, read = self._missing(queues), refusals.looked_for(tasks), _read(queues)
        found = iter(await self._store.get_each([*_ids(missing), (REFUSALS, refused), *_ids(read)]))
        for collection, kinds in missing.items():
            self._begin(collection, kinds, next(found))
        refusals.found(tasks, next(found))
        states: dict[Key, Any] = {}
        for (collection, kinds), docs in zip(read.items(), found, strict=True):
            states |= {(collection, doc["_id"]): state_of(kinds[doc["_id"]], doc) for doc in docs}
        return Reads(states)

    def _missing(self, queues: Queues) -> Kinds:
        missing: defaultdict[str, dict[str, Kind[Any, Any]]] = defaultdict(dict)
        for key, queue in queues.items():
            if key not in self._drafts:
                kind = next(iter(queue)).change.kind
                if kind.appended and key not in self._taken:
                    self._drafts[key] = Draft(kind, key[1], None)
                else:
                    missing[key[0]][key[1]] = kind
        return missing

    def _begin(self, collection: str, kinds: Mapping[str, Kind[Any, Any]], docs: Sequence[Doc]) -> None:
        found = {doc["_id"]: doc for doc in docs}
        for id, kind in kinds.items():
            draft = self._drafts[collection, id] = Draft(kind, id, found.get(id))
            draft.drop(self._relay.confirmed(collection, id))


def _ids(kinds: Kinds) -> list[Wanted]:
    return [(collection, list(of)) for collection, of in kinds.items()]


def _read(queues: Queues) -> Kinds:
    wanted: defaultdict[str, dict[str, Kind[Any, Any]]] = defaultdict(dict)
    for queue in queues.values():
        for step in queue:
            for ref in step.change.reads:
                wanted[ref.kind.collection][ref.id] = ref.kind
    return wanted
