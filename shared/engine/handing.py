"""Work that goes straight from the save that asks for it to a worker of this process: its entry is written under that
worker's lease, and nobody has to look for it and claim it."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from shared.engine.leases import now_ms
from shared.engine.ports import Doc
from shared.engine.work import Work, work_of


class Hand(Protocol):
    """A worker that takes work as it is asked for; the lease begins before the save, so it must do no harm to do such
    work twice."""

    @property
    def lease_s(self) -> float: ...
    def room(self) -> int:
        """How much it could begin now."""
        ...

    def take(self, work: Work) -> None:
        """Begins it, and returns at once."""
        ...


class Handing:
    """The hands of this process by their job, what was leased to them and is not saved yet, and the leases that nobody
    will use, since the save failed: those are given back, so that the work need not wait for their end."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._hands: dict[str, Hand] = {}
        self._leased: dict[str, Doc] = {}
        self._unused: dict[tuple[str, int], Work] = {}

    def serve(self, job: str, hand: Hand) -> None:
        """From now on `hand` takes what is asked for of this job."""
        self._hands[job] = hand

    def serve_no_more(self, job: str) -> None:
        """From now on entries of this job are left to whoever claims them."""
        self._hands.pop(job, None)

    def lease(self, entries: Iterable[Doc]) -> None:
        """Put as many entries that are about to be written under a lease as there is room for."""
        now, begun = now_ms(), Counter[str]()
        self._leased = {id: entry for id, entry in self._leased.items() if entry["lease_until"] > now}
        for entry in entries:
            hand = self._hands.get(entry["job"])
            if hand is not None and entry["due_at"] <= now and begun[entry["job"]] < hand.room():
                begun[entry["job"]] += 1
                entry |= {"lease_until": now + int(hand.lease_s * 1000), "owner": self._owner, "attempts": 1}

    def leased(self, written: Iterable[Doc]) -> None:
        """These were written; those under a lease are handed over once their documents are saved."""
        for entry in written:
            self._leased.pop(entry["_id"], None)
            if entry["owner"] == self._owner:
                self._leased[entry["_id"]] = entry

    def kept(self, ids: Iterable[str]) -> list[Doc]:
        """The entries among these that were written under a lease and not handed over."""
        return [self._leased[id] for id in ids if id in self._leased]

    def leave(self, entries: Iterable[Doc]) -> set[str]:
        """These were written or may have been, or will be; nobody hands them over. The jobs of those under a lease."""
        left = [entry for entry in entries if entry["owner"] == self._owner]
        for entry in left:
            if self._leased.get(entry["_id"]) is entry:
                del self._leased[entry["_id"]]
            self._unused[entry["_id"], entry["lease_until"]] = work_of(entry, entry["attempts"], entry["lease_until"])
        return {entry["job"] for entry in left}

    def unused(self, job: str) -> list[Work]:
        now = now_ms()
        self._unused = {key: work for key, work in self._unused.items() if work.lease_until > now}
        return [work for work in self._unused.values() if work.job == job]

    def given_back(self, work: Work) -> None:
        self._unused.pop((work.entry_id, work.lease_until), None)

    def hand_over(self, id: str) -> bool:
        """Whether the work of this entry was begun, now that its document is saved."""
        entry = self._leased.pop(id, None)
        hand = self._hands.get(entry["job"]) if entry is not None else None
        if entry is None or hand is None or entry["lease_until"] <= now_ms():
            return False
        hand.take(work_of(entry, entry["attempts"], entry["lease_until"], saved=True))
        return True
