"""One piece of leased work, and the entry of `open_work` that it is kept in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from shared.engine.change import Cause
from shared.engine.leases import now_ms
from shared.engine.ports import Doc

NOBODYS: Final[Doc] = {"lease_until": 0, "owner": "", "attempts": 0}
"""The fields of an entry that nobody has claimed yet."""


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed or found entry; `id` is the document the work is about, `lease_until` fences its end."""

    job: str
    id: str
    partner_id: str
    customer_id: str
    attempts: int
    lease_until: int
    rev: int
    data: Mapping[str, Any]
    cause: Cause | None = None
    """What brought it about, where a document asks for it."""
    saved: bool = False
    """Whether the document is known to be saved that asks for it: the work came straight from that save."""
    about: str = ""
    """What it depends on outside; empty: nothing in particular."""

    @property
    def entry_id(self) -> str:
        return entry_id(self.job, self.id)


def entry_id(job: str, id: str) -> str:
    """The `_id` of the entry for one job and one document."""
    return f"{job}/{id}"


def work_of(doc: Doc, attempts: int, lease_until: int, *, saved: bool = False) -> Work:
    cause = doc.get("cause")
    return Work(
        doc["job"],
        doc["target"],
        doc["partner_id"],
        doc["customer_id"],
        attempts,
        lease_until,
        doc["rev"],
        doc["data"],
        Cause(*cause) if cause else None,
        saved,
        doc.get("about", ""),
    )


def entry_for(job: str, id: str, partner_id: str, customer_id: str, at: datetime | None, *, about: str = "") -> Doc:
    """One that nobody has claimed. `at` None: it is due now."""
    return NOBODYS | {
        "_id": entry_id(job, id),
        "job": job,
        "target": id,
        "partner_id": partner_id,
        "customer_id": customer_id,
        "about": about,
        "due_at": int(at.timestamp() * 1000) if at else now_ms(),
        "rev": 0,
        "data": {},
        "cause": None,
    }


def cause_of(doc: Doc) -> list[Any]:
    """The chain that the document's newest fact belongs to; where it says nothing, one that begins here."""
    if not doc["outbox"]:
        id = str(uuid4())
        return [id, id, None]
    newest = doc["outbox"][-1]
    return [newest["correlation"], newest["causation"], newest["trace"]]
