"""A partner's settings as HTTP has them: what may be put, and what is shown."""

from typing import Annotated

from pydantic import Field

from invoice_svc.domain.settings import DEFAULT_TERMS, Sender, Settings
from invoice_svc.handlers.contract_fields import payment_terms
from shared.contracts.base import Shape
from shared.contracts.forms import CurrencyCode, Name, SaidTime, Text
from shared.contracts.shapes import Net, PaymentTerms
from shared.engine.decision import refuse
from shared.values.email import email_address
from shared.values.errors import InvalidValue


class SenderShape(Shape):
    """Who mails: the name and the address in the mail's From."""

    name: Name
    address: Text


class PutSettings(Shape):
    """All of them: what is not given takes its default. `payment_terms` are those of customers that have none.

    The next invoice number is at least `next_number`. `sender` null: the deployment's own.
    """

    partner_id: str
    payment_terms: PaymentTerms = Net(days=DEFAULT_TERMS.days)
    time_zone: Text = "UTC"
    currency: CurrencyCode = "AUD"
    number_prefix: Annotated[str, Field(max_length=20, pattern=r"^[A-Za-z0-9._/-]*$")] = "INV-"
    next_number: Annotated[int, Field(ge=1, le=999_999_999, strict=True)] = 1
    sender: SenderShape | None = None

    def asked(self) -> Settings:
        """As the rules know them. Refuses a sender that cannot be mailed from."""
        terms = payment_terms(self.payment_terms)
        return Settings(
            partner_id=self.partner_id,
            payment_terms=terms or DEFAULT_TERMS,
            time_zone=self.time_zone,
            currency=self.currency,
            number_prefix=self.number_prefix,
            next_number=self.next_number,
            sender=_sender(self.sender),
        )


class ShownSettings(PutSettings):
    """`version` 1, with `updated_at` null: never put, all defaults."""

    version: int
    updated_at: SaidTime | None


def shown_settings(found: Settings) -> ShownSettings:
    put = PutSettings.model_validate(found).model_dump()
    return ShownSettings(**put, version=found.told_version, updated_at=found.updated_at or None)


def _sender(given: SenderShape | None) -> Sender | None:
    if given is None:
        return None
    try:
        return Sender(given.name, email_address(given.address))
    except InvalidValue as error:
        raise refuse("/sender/address", error.code, error.detail) from None
