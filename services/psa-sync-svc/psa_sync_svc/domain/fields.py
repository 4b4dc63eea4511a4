"""The fields that are kept in step between a customer here and its account in the PSA."""

from enum import StrEnum

from psa_sync_svc.domain.account import Address


class Field(StrEnum):
    COMPANY_NAME = "company_name"
    CONTACT_NUMBER = "contact_number"
    COMPANY_ADDRESS = "company_address"
    REFERENCE = "reference"


FieldValue = str | Address | None
"""An address for `COMPANY_ADDRESS`, a text for the others; None and "" are the same: there is none."""
