"""Each simulated PSA as its people and its clients know it: who may ask, and the fields that are kept in step under its
own names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from embedded.autotask.countries import ID_OF as AUTOTASK_COUNTRIES
from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from embedded.autotask.samples import FIRST_ID as AUTOTASK_FIRST_ID
from embedded.connectwise import credentials as connectwise
from embedded.connectwise.countries import ID_OF as CONNECTWISE_COUNTRIES
from embedded.connectwise.samples import FIRST_ID as CONNECTWISE_FIRST_ID
from embedded.halopsa import credentials as halopsa
from embedded.halopsa.countries import NAMES as HALOPSA_COUNTRIES
from embedded.halopsa.samples import FIRST_ID as HALOPSA_FIRST_ID

ADDRESS: Final = "company_address"
COUNTRY: Final = "country"
FIELDS: Final = ("company_name", "contact_number", ADDRESS, "reference")


@dataclass(frozen=True)
class Provider:
    """`credentials`: who may ask it. `fields` and `lines`: how the PSA calls our texts and the parts of our address;
    `country`: the key of the country, and what the PSA has there for each ISO code. `stamps`: what the PSA changes with
    every edit. `required`: which of our fields may not be empty there, beside the name."""

    name: str
    first_id: int
    credentials: Mapping[str, str]
    fields: Mapping[str, str]
    lines: Mapping[str, str]
    country: tuple[str, Mapping[str, Any]]
    stamps: frozenset[str]
    required: frozenset[str] = frozenset()

    def given(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Our values as the PSA's: of an address, the parts that are named."""
        found: dict[str, Any] = {self.fields[name]: value or "" for name, value in fields.items() if name != ADDRESS}
        key, codes = self.country
        for part, value in (fields.get(ADDRESS) or {}).items():
            if part == COUNTRY:
                found[key] = codes[value]
            else:
                found[self.lines[part]] = value or ""
        return found

    def shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The PSA's row under our names; what is empty is None."""
        key, codes = self.country
        code = next((code for code, there in codes.items() if there == row.get(key)), None)
        address = {part: row.get(line) or None for part, line in self.lines.items()} | {COUNTRY: code}
        return {name: row.get(key) or None for name, key in self.fields.items()} | {ADDRESS: address}

    def keys(self, field: str) -> frozenset[str]:
        """Those of a row in which the field stands; a country's name beside its code, too."""
        if field != ADDRESS:
            return frozenset({self.fields[field]})
        return frozenset({*self.lines.values(), self.country[0], f"{self.country[0]}_name"})


PROVIDERS: Final = (
    Provider(
        "autotask",
        AUTOTASK_FIRST_ID,
        {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE},
        {"company_name": "companyName", "contact_number": "phone", "reference": "companyNumber"},
        {"line1": "address1", "line2": "address2", "city": "city", "region": "state", "postal_code": "postalCode"},
        ("countryID", AUTOTASK_COUNTRIES),
        frozenset({"lastTrackedModifiedDateTime", "lastActivityDate"}),
        frozenset({"contact_number"}),
    ),
    Provider(
        "connectwise",
        CONNECTWISE_FIRST_ID,
        {
            "company": connectwise.COMPANY,
            "public_key": connectwise.PUBLIC_KEY,
            "private_key": connectwise.PRIVATE_KEY,
            "client_id": connectwise.CLIENT_ID,
        },
        {"company_name": "name", "contact_number": "phoneNumber", "reference": "accountNumber"},
        {"line1": "addressLine1", "line2": "addressLine2", "city": "city", "region": "state", "postal_code": "zip"},
        ("country", {code: {"id": number} for code, number in CONNECTWISE_COUNTRIES.items()}),
        frozenset({"lastUpdated"}),
    ),
    Provider(
        "halopsa",
        HALOPSA_FIRST_ID,
        {"client_id": halopsa.CLIENT_ID, "client_secret": halopsa.CLIENT_SECRET, "tenant": halopsa.TENANT},
        {"company_name": "name", "contact_number": "phonenumber", "reference": "ref"},
        {"line1": "line1", "line2": "line2", "city": "line3", "region": "line4", "postal_code": "postcode"},
        ("country_code", {code: code for code in HALOPSA_COUNTRIES}),
        frozenset({"alastupdate", "slastupdate"}),
    ),
)
OF: Final = {each.name: each for each in PROVIDERS}
