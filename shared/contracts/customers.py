"""The messages of customer-svc: what others ask of customers, and what happened to them."""

from typing import Any, Literal

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from shared.contracts.base import Command, Event, Problem, Shape
from shared.contracts.forms import AccountId, Id, Name, SaidId, SaidTime, Text, Version
from shared.contracts.shapes import Address, PaymentTerms

Copies = tuple[Text, ...]
"""Addresses that get a copy."""


class IntegrationRef(Shape):
    """The account of a PSA that a customer is to be linked to."""

    integration_id: Id
    account_id: AccountId


class Integration(Shape):
    """The linked account; provider and reference are null until psa-sync-svc has told them.

    `link_version` is the customer's version at which the link was made: AccountChanged names the link it saw.
    """

    integration_id: SaidId
    provider: str | None = None
    account_id: str
    reference: str | None = None
    link_version: int | None = None


class Customer(Shape):
    """A whole customer as it now is. `payment_terms` null: the partner's apply."""

    customer_id: SaidId
    partner_id: str
    version: int
    status: Literal["active", "disabled", "archived"]
    company_name: str
    contact_number: str | None = None
    company_address: Address | None = None
    email: str | None = None
    cc: tuple[str, ...] = ()
    payment_terms: PaymentTerms | None = None
    integration: Integration | None = None
    created_at: SaidTime
    updated_at: SaidTime


class CreateCustomer(Command):
    customer_id: Id | None = None
    company_name: Name
    contact_number: Text | None = None
    company_address: Address | None = None
    email: Text | None = None
    cc: Copies = Field(default=(), max_length=20)
    payment_terms: PaymentTerms | None = None
    integration: IntegrationRef | None = None


def _without_defaults(schema: dict[str, Any]) -> None:
    """Not given is not the default."""
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class CustomerFields(Shape):
    """The fields that UpdateCustomer may set; a field that is not given stays as it is.

    `reference` is the linked account's: it is refused for a customer that is linked with none.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    company_name: Name = ""
    contact_number: Text | None = None
    company_address: Address | None = None
    email: Text | None = None
    cc: Copies | None = Field(default=None, max_length=20)
    payment_terms: PaymentTerms | None = None
    reference: Text | None = None

    def given(self) -> dict[str, Any]:
        """The fields that were given, with their values; `cc` null means none."""
        found = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        if found.get("cc", ()) is None:
            found["cc"] = ()
        return found

    @model_serializer(mode="wrap")
    def _only_given(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Null means removed here, so what was not given is left out of the text too."""
        return {name: value for name, value in dump(self).items() if name in self.model_fields_set}


class UpdateCustomer(Command):
    customer_id: Id
    set: CustomerFields
    expected_version: Version | None = None


class SetPaymentTerms(Command):
    customer_id: Id
    payment_terms: PaymentTerms | None


class LinkIntegration(Command):
    customer_id: Id
    integration_id: Id
    account_id: AccountId


class UnlinkIntegration(Command):
    customer_id: Id


class DisableCustomer(Command):
    customer_id: Id


class EnableCustomer(Command):
    customer_id: Id


class ArchiveCustomer(Command):
    customer_id: Id


class CustomerEvent(Event):
    """Carries the whole customer, so a reader needs no call back and can drop what is older than what it holds."""

    customer: Customer

    @property
    def tenant(self) -> str:
        return self.customer.partner_id


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


class CustomerImported(CustomerEvent):
    """The last answer to an import; `created` false: the account was linked already.

    `left_out` names what the PSA holds and could not be taken over: it is null here.
    """

    request_id: str
    created: bool
    left_out: tuple[Problem, ...] = ()


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
