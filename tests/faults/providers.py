"""How each simulated PSA calls what we call the fields of an account, and who may ask it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from embedded.autotask.countries import ID_OF as AUTOTASK_ID_OF
from embedded.autotask.credentials import INTEGRATION_CODE, SECRET, USERNAME
from embedded.autotask.samples import OWNERS
from embedded.connectwise import credentials as connectwise
from embedded.connectwise.countries import ID_OF as CONNECTWISE_ID_OF
from embedded.halopsa import credentials as halopsa
from tests.faults.ledger.synced import PARTS

_CODES: Final = ("NL",)


def _same(code: str) -> Any:
    return code


@dataclass(frozen=True)
class Provider:
    """`fields`: its name of each of ours; `address`: of each part of an address. `new`: what a new company has to have
    beside them; `country`: how it writes one."""

    credentials: Mapping[str, str]
    fields: Mapping[str, str]
    address: tuple[str, ...]
    new: Callable[[int], dict[str, Any]]
    country: Callable[[str], Any] = _same

    def row(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """These fields of ours as it has them."""
        row = {self.fields[name]: value for name, value in fields.items() if name != "company_address"}
        for name, part in zip(self.address, PARTS, strict=True) if "company_address" in fields else ():
            value = fields["company_address"][part]
            row[name] = self.country(value) if part == "country" else value or ""
        return row

    def account(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A company of it as the fields of ours."""
        address = dict(zip(PARTS, (row.get(name) for name in self.address), strict=True))
        address["country"] = next((code for code in _CODES if self.country(code) == address["country"]), None)
        return {name: row.get(theirs) for name, theirs in self.fields.items()} | {"company_address": address}


def _of_autotask(number: int) -> dict[str, Any]:
    return {"companyType": 1, "ownerResourceID": next(iter(OWNERS))}


def _of_connectwise(number: int) -> dict[str, Any]:
    """It takes none without some part of an address."""
    return {"identifier": f"f{number}", "status": {"id": 1}, "city": "Leiden"}


def _of_halopsa(number: int) -> dict[str, Any]:
    return {"toplevel_id": 1}


PROVIDERS: Final = {
    "autotask": Provider(
        {"username": USERNAME, "secret": SECRET, "integration_code": INTEGRATION_CODE},
        {"company_name": "companyName", "contact_number": "phone", "reference": "companyNumber"},
        ("address1", "address2", "city", "state", "postalCode", "countryID"),
        _of_autotask,
        lambda code: AUTOTASK_ID_OF[code],
    ),
    "connectwise": Provider(
        {
            "company": connectwise.COMPANY,
            "public_key": connectwise.PUBLIC_KEY,
            "private_key": connectwise.PRIVATE_KEY,
            "client_id": connectwise.CLIENT_ID,
        },
        {"company_name": "name", "contact_number": "phoneNumber", "reference": "accountNumber"},
        ("addressLine1", "addressLine2", "city", "state", "zip", "country"),
        _of_connectwise,
        lambda code: {"id": CONNECTWISE_ID_OF[code]},
    ),
    "halopsa": Provider(
        {"client_id": halopsa.CLIENT_ID, "client_secret": halopsa.CLIENT_SECRET, "tenant": halopsa.TENANT},
        {"company_name": "name", "contact_number": "phonenumber", "reference": "ref"},
        ("line1", "line2", "line3", "line4", "postcode", "country_code"),
        _of_halopsa,
    ),
}


async def take_plenty(client: httpx.AsyncClient, simulated_halopsa: str) -> None:
    """Its own 300 requests in five minutes would keep everybody waiting. It forgets this when it is killed."""
    (await client.put(f"{simulated_halopsa}/limits", json={"requests": 100_000})).raise_for_status()
