"""What is asked of customers and what is said of them. Owner: customer-svc."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Command, CompanyName, Event, OpaqueId, Shape, Text, UuidText

Status = Literal["active", "disabled", "archived"]
Days = Annotated[int, Field(ge=0, le=999, strict=True)]
DayOfMonth = Annotated[int, Field(ge=1, le=31, strict=True)]


class DueOnReceipt(Shape):
    kind: Literal["due_on_receipt"]


class Net(Shape):
    kind: Literal["net"]
    days: Days


class EndOfMonth(Shape):
    kind: Literal["end_of_month"]


class NetEndOfMonth(Shape):
    kind: Literal["net_end_of_month"]
    days: Days


class DaysEndOfMonth(Shape):
    kind: Literal["days_end_of_month"]
    days: Days


class OnDayOfMonth(Shape):
    kind: Literal["day_of_month"]
    day: DayOfMonth
    months: Annotated[int, Field(ge=0, le=24, strict=True)] = 1
    cutoff: DayOfMonth | None = None


PaymentTerms = Annotated[
    DueOnReceipt | Net | EndOfMonth | NetEndOfMonth | DaysEndOfMonth | OnDayOfMonth, Field(discriminator="kind")
]


class Address(Shape):
    """A postal address; `country` is ISO 3166 alpha-2. Each part may be missing."""

    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
    country: Text | None = None


class Integration(Shape):
    """The PSA account that a customer is linked to."""

    integration_id: UuidText
    provider: str | None = None
    account_id: OpaqueId
    reference: Text | None = None


class Account(Shape):
    """Which PSA account a command means."""

    integration_id: UuidText
    account_id: OpaqueId


Cc = Annotated[tuple[Text, ...], Field(max_length=20)]


class Customer(Shape):
    """A customer as it is at `version`. `payment_terms` null: the partner's apply."""

    customer_id: str
    partner_id: str
    version: int
    status: Status
    company_name: str
    contact_number: str | None
    company_address: Address | None
    email: str | None
    cc: tuple[str, ...]
    payment_terms: PaymentTerms | None
    integration: Integration | None
    created_at: str
    updated_at: str


class CreateCustomer(Command):
    customer_id: UuidText | None = None
    company_name: CompanyName
    contact_number: Text | None = None
    company_address: Address | None = None
    email: Text | None = None
    cc: Cc = ()
    payment_terms: PaymentTerms | None = None
    integration: Account | None = None


class CustomerFields(Shape, extra="forbid"):
    """The fields that an update may set; one that is not named stays as it is, null empties it."""

    company_name: CompanyName | None = None
    contact_number: Text | None = None
    company_address: Address | None = None
    email: Text | None = None
    cc: Cc | None = None
    payment_terms: PaymentTerms | None = None


class CustomerCommand(Command):
    """A command about a customer that is there."""

    customer_id: UuidText


class UpdateCustomer(CustomerCommand):
    set: CustomerFields
    expected_version: Annotated[int, Field(ge=1)] | None = None


class SetPaymentTerms(CustomerCommand):
    payment_terms: PaymentTerms | None


class LinkIntegration(CustomerCommand):
    integration_id: UuidText
    account_id: OpaqueId


class UnlinkIntegration(CustomerCommand):
    pass


class DisableCustomer(CustomerCommand):
    pass


class EnableCustomer(CustomerCommand):
    pass


class ArchiveCustomer(CustomerCommand):
    pass


class CustomerEvent(Event):
    """Every event carries the whole customer, so that its reader needs no call back."""

    customer: Customer


class CustomerCreated(CustomerEvent):
    source: Literal["manual", "import", "command"]


class CustomerUpdated(CustomerEvent):
    changed: tuple[str, ...]
    source: Literal["portal", "psa", "command"]


class EmailMissing(CustomerEvent):
    reason: Literal["never_set", "removed", "bounced"]


class EmailConfigured(CustomerEvent):
    pass


class PaymentTermsChanged(CustomerEvent):
    previous: PaymentTerms | None
    current: PaymentTerms | None


class CustomerLinked(CustomerEvent):
    pass


class CustomerUnlinked(CustomerEvent):
    pass


class CustomerDisabled(CustomerEvent):
    pass


class CustomerEnabled(CustomerEvent):
    pass


class CustomerArchived(CustomerEvent):
    pass


class CustomerImported(CustomerEvent):
    request_id: str
    created: bool
