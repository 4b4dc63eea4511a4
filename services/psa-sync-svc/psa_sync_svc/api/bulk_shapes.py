"""What is asked for and shown where many accounts are imported at once."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from psa_sync_svc.domain.bulk import BulkImport, BulkStatus
from psa_sync_svc.domain.integration import Integration
from psa_sync_svc.domain.likeness import Mark
from shared.contracts.base import Shape
from shared.contracts.forms import PRINTABLE, AccountId, Id, SaidId, SaidTime
from shared.contracts.psa import BulkCounts, PsaAccount
from shared.web.paging import Page

MOST_NAMED: Final = 1_000


class NewBulkImport(Shape):
    """The accounts that `search` and `active` leave, or those of `account_ids`; nothing given: all of them."""

    integration_id: Id
    search: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] | None = None
    active: bool | None = None
    skip_likely_duplicates: bool = True
    account_ids: Annotated[list[AccountId], Field(min_length=1, max_length=MOST_NAMED)] | None = None

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> Self:
        if self.account_ids is not None and (self.search is not None or self.active is not None):
            raise PydanticCustomError("invalid", "give account_ids, or search and active, and not both")
        return self


class ShownBulkImport(Shape):
    """`expected`: the accounts that there were when it was asked. `over_at`: since when nothing of it is open.
    `detail`: why it was cancelled, or what it waits for."""

    bulk_id: SaidId
    integration_id: SaidId
    status: BulkStatus
    search: str | None
    active: bool | None
    skip_likely_duplicates: bool
    account_ids: int | None = Field(description="how many were named; null: none were")
    expected: int
    counts: BulkCounts
    detail: str | None
    over_at: SaidTime | None
    created_at: SaidTime
    updated_at: SaidTime


class Previewed(Shape):
    """`customers`: the one that it is linked with, or the first ten that have its name or its number."""

    account: PsaAccount
    mark: Mark
    customers: tuple[str, ...]


class PreviewCounts(Shape):
    """Of all accounts that `search` and `active` leave."""

    found: int
    new: int
    linked: int
    likely_duplicate: int


class PreviewPage(Page[Previewed]):
    """`counts`: with the first page only. `mirrored_at`: when the account list was last read whole."""

    counts: PreviewCounts | None
    mirrored_at: SaidTime
    refreshing: bool


def shown_bulk(bulk: BulkImport, integration: Integration | None) -> ShownBulkImport:
    chosen = bulk.selection
    waits = bulk.walking and integration is not None and not integration.callable_by_ourselves
    return ShownBulkImport(
        bulk_id=bulk.bulk_id,
        integration_id=bulk.integration_id,
        status=bulk.status,
        search=chosen.search,
        active=chosen.active,
        skip_likely_duplicates=chosen.skip_likely_duplicates,
        account_ids=None if chosen.account_ids is None else len(chosen.account_ids),
        expected=bulk.expected,
        counts=BulkCounts.model_validate(bulk.counts),
        detail=_STOPPED if waits else bulk.reason,
        over_at=bulk.over_at,
        created_at=bulk.created_at,
        updated_at=bulk.updated_at,
    )


_STOPPED: Final = "the PSA refused the integration's credentials; it goes on once they are changed or tested again"
