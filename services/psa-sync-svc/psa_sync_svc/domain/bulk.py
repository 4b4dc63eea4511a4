"""One wish for many imports: what was asked, how far its worker went through the accounts, and what came of it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from psa_sync_svc.domain.importing import Origin
from psa_sync_svc.domain.moments import moment
from shared.engine.decision import Decision

TOLD_EVERY: Final = timedelta(seconds=3)


class BulkStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which accounts: those of the mirror that `search` and `active` leave, or those of `account_ids`, in their
    order."""

    search: str | None = None
    active: bool | None = None
    account_ids: tuple[str, ...] | None = None
    skip_likely_duplicates: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """`found`: gone through so far; each of them is asked for, linked already, or skipped as a likely duplicate."""

    found: int = 0
    asked: int = 0
    imported: int = 0
    linked_already: int = 0
    refused: int = 0
    skipped: int = 0

    @property
    def open(self) -> int:
        return self.asked - self.imported - self.refused


@dataclass(frozen=True, slots=True)
class BulkImport:
    """`expected`: how many accounts there were when it was asked. `cursor`: the last account that was gone through.
    `walked`: there is none after it. `over_at`: since when nothing of it is open. `told` and `told_at`:
    what was said of it last. `reason`: why it was cancelled."""

    bulk_id: str
    partner_id: str
    integration_id: str
    selection: Selection
    origin: Origin
    expected: int
    status: BulkStatus = BulkStatus.PENDING
    cursor: str = ""
    walked: bool = False
    counts: Counts = Counts()
    over_at: str | None = None
    told: Counts = Counts()
    told_at: str | None = None
    reason: str | None = None
    version: int = 0
    created_at: str = ""
    updated_at: str = ""

    @property
    def due(self) -> bool:
        return self.over_at is None

    @property
    def walking(self) -> bool:
        """Whether more may be asked for."""
        return self.due and not self.walked and self.status is not BulkStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class BulkProgressed:
    """The state says how far."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Accounts that were gone through, from the one after `after` to `until`; `last`: there are none beyond."""

    after: str
    until: str
    last: bool
    found: int
    linked_already: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The imports that were made for it, counted where they are kept. `complete`: after the last of them was made."""

    asked: int
    imported: int
    refused: int
    complete: bool


BulkDecision = Decision[BulkImport, BulkProgressed]


def begin(known: BulkImport | None, wanted: BulkImport) -> BulkDecision:
    return Decision(known or wanted)


def go_through(known: BulkImport, stretch: Stretch) -> BulkDecision:
    """A stretch counts once: whoever went through it too, before a crash or beside us, finds the cursor beyond it."""
    if not known.walking or known.cursor != stretch.after:
        return Decision(known)
    counts = replace(
        known.counts,
        found=known.counts.found + stretch.found,
        linked_already=known.counts.linked_already + stretch.linked_already,
        skipped=known.counts.skipped + stretch.skipped,
    )
    return Decision(replace(known, status=BulkStatus.RUNNING, cursor=stretch.until, walked=stretch.last, counts=counts))


def count(known: BulkImport, tally: Tally, *, at: str) -> BulkDecision:
    """Told every few seconds where something changed, and once when nothing is open any more."""
    if not known.due:
        return Decision(known)
    counts = replace(known.counts, asked=tally.asked, imported=tally.imported, refused=tally.refused)
    if tally.complete and counts.open == 0:
        status = known.status if known.status is BulkStatus.CANCELLED else BulkStatus.DONE
        return Decision(
            replace(known, counts=counts, status=status, over_at=at, told=counts, told_at=at), (BulkProgressed(),)
        )
    counted = known if counts == known.counts else replace(known, counts=counts)
    if counts == known.told or moment(at) - moment(known.told_at) < TOLD_EVERY.total_seconds():
        return Decision(counted)
    return Decision(replace(counted, told=counts, told_at=at), (BulkProgressed(),))


def cancel(known: BulkImport, *, reason: str) -> BulkDecision:
    """Nothing more is asked for; what was asked goes on to its end."""
    if not known.due or known.status is BulkStatus.CANCELLED:
        return Decision(known)
    return Decision(replace(known, status=BulkStatus.CANCELLED, reason=reason))
