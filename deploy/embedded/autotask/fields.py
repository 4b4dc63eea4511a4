"""The fields of the entities, with the lengths and rules that the API tells of itself in `entityInformation/fields`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from embedded.simulated import fields


@dataclass(frozen=True)
class Field(fields.Field):
    kind: Literal["integer", "string", "boolean", "datetime"] = "string"
    read_only: bool = False
    refers_to: str = ""
    picklist: Mapping[int, str] | None = None

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dataType": self.kind,
            "length": self.length,
            "isRequired": self.required,
            "isReadOnly": self.read_only,
            "isQueryable": True,
            "isReference": bool(self.refers_to),
            "referenceEntityType": self.refers_to,
            "isPickList": self.picklist is not None,
            "picklistValues": [_value(number, label) for number, label in (self.picklist or {}).items()] or None,
            "picklistParentValueField": "",
            "isSupportedWebhookField": self.name in _HOOKED,
        }


def _value(number: int, label: str) -> dict[str, Any]:
    """The number is a string here, and an integer in the entity itself: so it is in the API."""
    return {
        "value": str(number),
        "label": label,
        "isDefaultValue": number == 1,
        "sortOrder": number,
        "parentValue": "",
        "isActive": True,
        "isSystem": False,
    }


_HOOKED: Final = {"companyName", "companyNumber", "phone", "address1", "address2", "city", "state", "postalCode"}
COMPANY_TYPES: Final = {1: "Customer", 2: "Lead", 3: "Prospect", 4: "Dead", 6: "Cancellation", 7: "Vendor"}

COMPANY: Final = (
    Field("id", "integer", required=True, read_only=True),
    Field("companyName", length=100, required=True),
    Field("companyNumber", length=50),
    Field("companyType", "integer", required=True, picklist=COMPANY_TYPES),
    Field("ownerResourceID", "integer", required=True, refers_to="Resource"),
    Field("phone", length=25, required=True),
    Field("alternatePhone1", length=25),
    Field("alternatePhone2", length=25),
    Field("fax", length=25),
    Field("address1", length=128),
    Field("address2", length=128),
    Field("additionalAddressInformation", length=100),
    Field("city", length=30),
    Field("state", length=40),
    Field("postalCode", length=10),
    Field("countryID", "integer", refers_to="Country"),
    Field("webAddress", length=255),
    Field("isActive", "boolean"),
    Field("isTaxExempt", "boolean"),
    Field("taxID", length=50),
    Field("classification", "integer"),
    Field("marketSegmentID", "integer"),
    Field("territoryID", "integer"),
    Field("currencyID", "integer"),
    Field("parentCompanyID", "integer", refers_to="Company"),
    Field("billToAttention", length=50),
    Field("billingAddress1", length=150),
    Field("billingAddress2", length=150),
    Field("billToCity", length=50),
    Field("billToState", length=128),
    Field("billToZipCode", length=50),
    Field("billToCountryID", "integer", refers_to="Country"),
    Field("createDate", "datetime", read_only=True),
    Field("lastActivityDate", "datetime", read_only=True),
    Field("lastTrackedModifiedDateTime", "datetime", read_only=True),
)

COUNTRY: Final = (
    Field("id", "integer", read_only=True),
    Field("name", length=100),
    Field("displayName", length=100),
    Field("countryCode", length=2),
    Field("isActive", "boolean"),
    Field("isDefaultCountry", "boolean"),
)


def by_name(fields: tuple[Field, ...]) -> dict[str, Field]:
    """Under lower-case names: the API takes the names of fields in any case."""
    return {field.name.lower(): field for field in fields}
