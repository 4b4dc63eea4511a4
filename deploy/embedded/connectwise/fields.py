"""The fields of a company that can be written, with their lengths and rules."""

from dataclasses import dataclass
from typing import Final, Literal

from embedded.simulated import fields


@dataclass(frozen=True)
class Field(fields.Field):
    """`among`: the ids that a reference may have, by the table's name."""

    kind: Literal["string", "integer", "boolean", "reference"] = "string"
    least: int | None = None
    most: int | None = None
    among: Literal["", "statuses", "countries"] = ""


COMPANY: Final = (
    Field("identifier", length=30, required=True),
    Field("name", length=50, required=True),
    Field("status", "reference", required=True, among="statuses"),
    Field("addressLine1", length=50),
    Field("addressLine2", length=50),
    Field("city", length=50),
    Field("state", length=50),
    Field("zip", length=12),
    Field("country", "reference", among="countries"),
    Field("phoneNumber", length=30),
    Field("faxNumber", length=30),
    Field("website", length=255),
    Field("accountNumber", length=100),
    Field("vendorIdentifier", length=100),
    Field("userDefinedField1", length=50),
    Field("invoiceToEmailAddress", length=250),
    Field("invoiceCCEmailAddress", length=250),
    Field("taxIdentifier", length=50),
    Field("yearEstablished", "integer", least=1900, most=9999),
    Field("deletedFlag", "boolean"),
)
BY_NAME: Final = {field.name: field for field in COMPANY}
STATUSES: Final = {
    1: {"id": 1, "name": "Active", "defaultFlag": True, "inactiveFlag": False},
    2: {"id": 2, "name": "Not-Active", "defaultFlag": False, "inactiveFlag": True},
    3: {"id": 3, "name": "Credit Hold", "defaultFlag": False, "inactiveFlag": False},
}
