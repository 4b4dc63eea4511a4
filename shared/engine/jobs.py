"""Leased work: `open_work` holds the ids of what is pending, and workers claim from it and never search elsewhere."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shared.engine.change import Due
from shared.engine.document import Draft
from shared.engine.handing import Handing
from shared.engine.leases import now_ms
from shared.engine.ports import Doc, Documents, Save, Write
from shared.engine.work import NOBODYS, Work, cause_of, entry_for, entry_id, work_of

OPEN_WORK: Final = "open_work"
Deletion = tuple[str, Mapping[str, Any]]
"""The id of an entry, and what must hold for it to go."""

_PAGE: Final = 500
_LAST: Final = "\U0010ffff"
"""Comes after whatever an id of a document may begin with."""


class Jobs:
    """The open work of one service. Times in the store are milliseconds since the epoch."""

    def __init__(self, store: Documents, owner: str) -> None:
        self._store, self._owner = store, owner
        self.handing = Handing(owner)
        self._wakes: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def wake(self, job: str) -> asyncio.Event:
        """Set whenever this process adds work of that job."""
        return self._wakes[job]

    async def save(self, drafts: Sequence[Draft], saves: Sequence[Save]) -> dict[str, set[str]]:
        """Save the documents, and before them what their new states ask for: an entry too many does no harm, a missing
        one would. Answers the ids whose guards failed, by collection."""
        asked = [_asked(draft, due) for draft in drafts for due in draft.work()[0]]
        self.handing.lease(asked)
        left = [(OPEN_WORK, [Write(doc, None) for doc in asked]), *saves] if asked else list(saves)
        lost: dict[str, set[str]] = {}
        try:
            while left:
                answers = await self._store.save_each(left)
                for (collection, _), ids in zip(left, answers, strict=False):
                    if collection == OPEN_WORK:
                        await self._written(asked, ids)
                    lost[collection] = ids
                left = left[len(answers) :]
        except BaseException:
            self._leave(asked)
            raise
        return lost

    async def _written(self, asked: Sequence[Doc], there: set[str]) -> None:
        self.handing.leased([doc for doc in asked if doc["_id"] not in there])
        for doc in asked:
            if doc["_id"] in there:
                await self._move(doc)

    def lost(self, drafts: Sequence[Draft]) -> None:
        """Another writer was first: the work may be asked for by its state now, and lies under our lease."""
        ids = [entry_id(due.job, draft.id) for draft in drafts for due in draft.asked[0]]
        self._leave(self.handing.kept(ids))

    def _leave(self, entries: Iterable[Doc]) -> None:
        for job in self.handing.leave(entries):
            self._wakes[job].set()

    async def give_back_unused(self, job: str) -> None:
        """What lies under a lease of ours that nobody will use, or may come to. Raises `Unavailable`."""
        for work in self.handing.unused(job):
            if await self.give_back(work):
                self.handing.given_back(work)

    def after(self, drafts: Sequence[Draft]) -> list[Deletion]:
        """Begin, or wake the workers for, what the saved states ask for; answers the entries that none asks for any
        more, to be taken away at leisure, unless a later save has asked again."""
        over: list[Deletion] = []
        for draft in drafts:
            needed, gone = draft.asked
            over += [(entry_id(due.job, draft.id), {"rev": {"$lte": draft.rev}}) for due in gone]
            for due in needed:
                if not self.handing.hand_over(entry_id(due.job, draft.id)):
                    self._wakes[due.job].set()
        return over

    async def take_away(self, over: Sequence[Deletion]) -> None:
        """What `after` answered: entries whose documents ask for nothing more, each unless it was asked for anew."""
        await self._store.delete_each(OPEN_WORK, over)

    async def restore(self, asked: Sequence[tuple[Doc, Due]]) -> int:
        """Write the entries that are missing of what these stored documents ask for, and leave those that are there as
        they are; answers how many were missing."""
        entries = {entry_id(due.job, doc["_id"]): (doc, due) for doc, due in asked}
        there = {entry["_id"] for entry in await self._store.get_many(OPEN_WORK, list(entries))}
        missing = 0
        for id, (doc, due) in entries.items():
            if id not in there:
                entry = entry_for(due.job, doc["_id"], doc["partner_id"], due.customer_id, due.at, about=due.about)
                missing += await self._store.insert(OPEN_WORK, entry | {"rev": doc["rev"], "cause": cause_of(doc)})
                self._wakes[due.job].set()
        return missing

    async def put(
        self,
        job: str,
        id: str,
        *,
        partner_id: str,
        customer_id: str = "",
        due_at: datetime | None = None,
        data: Mapping[str, Any] | None = None,
        about: str = "",
    ) -> None:
        """Work that no document asks for by itself: one entry for `job` and `id`; if there is one, its time is moved.
        `due_at` None: now. `data`, of a new entry, is handed to the worker as it is. Raises `Unavailable`."""
        await self._put(entry_for(job, id, partner_id, customer_id, due_at, about=about) | {"data": dict(data or {})})
        self._wakes[job].set()

    async def _put(self, doc: Doc) -> None:
        if not await self._store.insert(OPEN_WORK, doc):
            await self._move(doc)

    async def _move(self, doc: Doc) -> None:
        """A newer save may move an entry's time; an older one, which lost its guard, may not. Where the entry is
        removed in between it is written again, until what is there is no older than this."""
        update = {"$set": {name: doc[name] for name in ("due_at", "rev", "cause", "about")} | {"attempts": 0}}
        while not await self._store.update_if(OPEN_WORK, doc["_id"], {"rev": {"$lte": doc["rev"]}}, update):
            if await self._store.insert(OPEN_WORK, doc | NOBODYS):
                return
            found = await self._store.get(OPEN_WORK, doc["_id"])
            if found is not None and found["rev"] > doc["rev"]:
                return

    async def claim(
        self,
        job: str,
        limit: int,
        lease_s: float,
        *,
        passing_over: Collection[str] = (),
        about: Collection[str] | None = None,
        not_about: Collection[str] = (),
    ) -> list[Work]:
        """Take due entries that nobody holds, oldest first: none of these partners, and of what they are about only
        these, or all but these."""
        now = now_ms()
        filter: dict[str, Any] = {"job": job, "due_at": {"$lte": now}, "lease_until": {"$lte": now}}
        if passing_over:
            filter["partner_id"] = {"$nin": list(passing_over)}
        if about is not None:
            filter["about"] = {"$in": list(about)}
        elif not_about:
            filter["about"] = {"$nin": list(not_about)}
        claimed = []
        for doc in await self._store.find(OPEN_WORK, filter, sort=[("due_at", 1)], limit=limit):
            until = now + int(lease_s * 1000)
            update = {"$set": {"lease_until": until, "owner": self._owner}, "$inc": {"attempts": 1}}
            if await self._store.update_if(OPEN_WORK, doc["_id"], {"lease_until": doc["lease_until"]}, update):
                claimed.append(work_of(doc, doc["attempts"] + 1, until))
        return claimed

    async def done(self, work: Work) -> None:
        """The work is over."""
        if not await self._store.delete_if(OPEN_WORK, work.entry_id, {"rev": {"$lte": work.rev}}):
            await self.ended(work)

    async def ended(self, work: Work) -> None:
        """Nobody does more of it: where it was asked for again meanwhile, that is new work, and anybody's at once
        instead of after our lease."""
        guard = {**self._held(work), "rev": {"$gt": work.rev}}
        if await self._store.update_if(OPEN_WORK, work.entry_id, guard, {"$set": NOBODYS}):
            self._wakes[work.job].set()

    async def postpone(self, work: Work, due_at: datetime) -> None:
        """Not before then, unless it was asked for meanwhile: whoever asked may want it sooner, and gets it."""
        id, held = work.entry_id, self._held(work)
        due, guard = int(due_at.timestamp() * 1000), {**held, "rev": {"$lte": work.rev}}
        while not await self._store.update_if(OPEN_WORK, id, guard, {"$set": {"due_at": due, "lease_until": 0}}):
            doc = await self._store.get(OPEN_WORK, id)
            if doc is None or any(doc[name] != value for name, value in held.items()):
                return
            due, guard = min(due, doc["due_at"]), {**held, "rev": doc["rev"], "due_at": doc["due_at"]}
        if due <= now_ms():
            self._wakes[work.job].set()

    async def hasten(self, about: str) -> int:
        """What this held up need not wait any longer: all of it is due now. Answers how much waited."""
        now, hastened = now_ms(), 0
        while docs := await self._store.find(
            OPEN_WORK, {"about": about, "due_at": {"$gt": now}}, limit=_PAGE, projection={"due_at": 1, "job": 1}
        ):
            updates = [(doc["_id"], {"due_at": doc["due_at"]}, {"$set": {"due_at": now}}) for doc in docs]
            hastened += await self._store.update_each(OPEN_WORK, updates)
            for job in {doc["job"] for doc in docs}:
                self._wakes[job].set()
        return hastened

    async def give_back(self, work: Work) -> bool:
        """It was claimed and not begun: whoever has room takes it, in its place in the order. False: it is not under
        that lease."""
        update = {"$set": {"lease_until": 0}, "$inc": {"attempts": -1}}
        return await self._store.update_if(OPEN_WORK, work.entry_id, self._held(work), update)

    async def prolong(self, work: Work, lease_s: float) -> Work | None:
        """The same work under a longer lease, for what goes on page by page; None: it is another's by now."""
        until = now_ms() + int(lease_s * 1000)
        update = {"$set": {"lease_until": until}}
        if not await self._store.update_if(OPEN_WORK, work.entry_id, self._held(work), update):
            return None
        return replace(work, lease_until=until)

    def _held(self, work: Work) -> dict[str, Any]:
        """What its entry has as long as it is ours."""
        return {"lease_until": work.lease_until, "owner": self._owner}

    async def find(self, job: str, customer_id: str, *, after: str = "", limit: int = 100) -> list[Work]:
        """The entries of one customer, in pages by id: work to look at, not to claim."""
        filter = {"_id": {"$gt": f"{job}/{after}"}, "job": job, "customer_id": customer_id}
        return [
            work_of(doc, doc["attempts"], doc["lease_until"])
            for doc in await self._store.find(OPEN_WORK, filter, sort=[("_id", 1)], limit=limit)
        ]

    async def depth(self) -> dict[str, int]:
        """How much is open, per job: counted by the store, from one job's name to the next."""
        counts: dict[str, int] = {}
        after = ""
        while next_one := await self._store.find(
            OPEN_WORK, {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=1, projection={"job": 1}
        ):
            job = next_one[0]["job"]
            counts[job] = await self._store.count(OPEN_WORK, {"job": job})
            after = f"{job}/{_LAST}"
        return counts


def _asked(draft: Draft, due: Due) -> Doc:
    doc = entry_for(due.job, draft.id, draft.partner_id or "", due.customer_id, due.at, about=due.about)
    return doc | {"rev": (draft.rev or 0) + 1, "cause": list(draft.cause or ())}
