"""The messages of psa-sync-svc: imports, and the changes that were seen and pushed."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from shared.contracts.base import Command, Event, Shape
from shared.contracts.customers import Copies
from shared.contracts.forms import AccountId, Id, RequestId, SaidId, SaidTime, Text
from shared.contracts.shapes import FieldValue, PaymentTerms, PsaAddress


class PsaAccount(Shape):
    """An account as the PSA has it, in our names; nothing is checked but the types."""

    account_id: str
    company_name: str
    contact_number: str | None = None
    company_address: PsaAddress | None = None
    reference: str | None = None
    email_hint: str | None = None
    active: bool = True
    modified_at: SaidTime | None = None


class ResolveConflict(Command):
    """`value` counts only where `choose` is `value`."""

    conflict_id: Id
    choose: Literal["ours", "theirs", "value"]
    value: FieldValue | None = None


class ImportCustomer(Command):
    """`request_id` null: the message's id. E-mail, copies and terms are used only where the customer is created."""

    integration_id: Id
    account_id: AccountId
    request_id: RequestId | None = None
    email: Text | None = None
    cc: Copies = Field(default=(), max_length=20)
    payment_terms: PaymentTerms | None = None


class PsaEvent(Event):
    """Something about one account of one integration."""

    partner_id: str

    @property
    def tenant(self) -> str:
        return self.partner_id


class ImportAnswered(PsaEvent):
    request_id: str
    integration_id: SaidId
    provider: str
    account: PsaAccount
    email: str | None = None
    cc: tuple[str, ...] = ()
    payment_terms: PaymentTerms | None = None


class IntegrationStatusChanged(PsaEvent):
    """`auth_failed`: it is not called until it is edited or tested; `unreachable`: work that nobody waits for
    pauses until the PSA answers again. `code` and `detail`: what was wrong, for a program and for a person."""

    integration_id: SaidId
    provider: str
    status: Literal["unchecked", "connected", "auth_failed", "unreachable"]
    code: str | None = None
    detail: str | None = None
    changed_at: SaidTime


class BulkCounts(Shape):
    """`found`: the accounts gone through so far; each is `asked` for, `linked_already` or `skipped` as a likely
    duplicate. What was asked for is `imported`, `refused`, or still open."""

    found: int
    asked: int
    imported: int
    linked_already: int
    refused: int
    skipped: int


class BulkImportProgressed(PsaEvent):
    """How far a bulk import is: every few seconds while it goes on, and once when nothing of it is open any more.

    `expected`: the accounts that there were when it was asked. What becomes of each account is said as of every import.
    """

    bulk_id: SaidId
    integration_id: SaidId
    status: Literal["pending", "running", "done", "cancelled"]
    expected: int
    counts: BulkCounts


class FieldChange(Shape):
    """What a field was and what it is now: `{"from": …, "to": …}`."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_: Any = Field(default=None, alias="from")
    to: Any = None


class AccountChanged(PsaEvent):
    """What fields are to become (`to`) where they still are what they were (`from`); `account` is what the PSA shows.

    A reader that holds a link of another `link_version` changes nothing. `source`: who changed it, somebody in the PSA
    or a person here, who decided a conflict or took a sync back.
    """

    integration_id: SaidId
    account_id: str
    customer_id: SaidId
    changes: dict[str, FieldChange]
    account: PsaAccount
    link_version: int
    seen_at: SaidTime
    source: Literal["psa", "portal"] = "psa"


class AccountStandingChanged(PsaEvent):
    """A linked account was switched off in its PSA, is gone (deleted, merged, or not shown to us), or is back.

    The customer stays as it is. `account` is what the PSA showed last, null where it never did.
    """

    integration_id: SaidId
    account_id: str
    customer_id: SaidId
    standing: Literal["active", "inactive", "gone"]
    previous: Literal["active", "inactive", "gone"]
    account: PsaAccount | None
    link_version: int
    seen_at: SaidTime


class FieldsPushed(PsaEvent):
    customer_id: SaidId
    customer_version: int
    integration_id: SaidId
    account_id: str
    fields: dict[str, Any]


class PushFailed(FieldsPushed):
    code: str
    detail: str
    will_retry: bool


class ConflictFound(PsaEvent):
    """Both sides changed a field differently since it was last synced (`base`)."""

    conflict_id: SaidId
    customer_id: SaidId
    field: str
    base: Any = None
    ours: Any = None
    theirs: Any = None


class ConflictResolved(ConflictFound):
    chosen: Any = None
    by: str
