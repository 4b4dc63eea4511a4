"""A client of HaloPSA and its main site as an account of ours."""

from collections.abc import Mapping
from typing import Any, Final

from psa_sync_svc.adapters.halopsa.errors import PSA, foreign
from psa_sync_svc.adapters.halopsa.settings import HalopsaSettings
from psa_sync_svc.adapters.values import country_named, id_in, text_in, time_of
from psa_sync_svc.domain.account import Address, PsaAccount

Item = Mapping[str, Any]
LINES: Final = ("line1", "line2", "line3", "line4", "postcode")
_FLAT: Final = {name: f"delivery_address_line{number}" for number, name in enumerate(LINES, 1)}
"""An address in a list has its postcode as a fifth line."""


def account_of(client: Item, site: Item | None, settings: HalopsaSettings) -> PsaAccount:
    """Raises `Permanent` where they are none. `site` None: it has no main one."""
    place = site or {}
    stamps = [time_of(client.get("alastupdate")), time_of(place.get("slastupdate"))]
    return PsaAccount(
        account_id=str(id_in(client, PSA)),
        company_name=text_in(client, "name", PSA) or "",
        contact_number=text_in(place, "phonenumber", PSA),
        company_address=_address(place, settings),
        reference=text_in(client, settings.reference_field, PSA),
        email_hint=text_in(client, "accountsemailaddress", PSA),
        active=client.get("inactive") is not True,
        modified_at=max((stamp for stamp in stamps if stamp is not None), default=None),
    )


def main_site_of(client: Item) -> int | None:
    number = client.get("main_site_id")
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def client_is_whole(row: Item, settings: HalopsaSettings) -> bool:
    """Rows of a list are slim. What a row has no key for is not known from it, which is not the same as empty."""
    return {"name", "inactive", "main_site_id", settings.reference_field} <= row.keys()


def site_is_whole(row: Item) -> bool:
    return {"phonenumber", "country_code", *_FLAT.values()} <= row.keys()


def name_of_region(settings: HalopsaSettings) -> str:
    return "line4" if settings.city_line == "line3" else "line3"


def address_in(site: Item) -> Item:
    """The address's object of a site that was read by itself."""
    found = site.get("delivery_address")
    if found is not None and not isinstance(found, dict):
        raise foreign()
    return found or {}


def country_in_site(site: Item) -> str | None:
    """ISO 3166 alpha-2, or the name there of one that has no such code."""
    return country_named(site.get(name) for name in ("country_code", "country_code_name")) or None


def _address(site: Item, settings: HalopsaSettings) -> Address | None:
    flat = "delivery_address" not in site
    lines = {name: site.get(_FLAT[name]) for name in LINES} if flat else address_in(site)
    found = Address(
        line1=text_in(lines, "line1", PSA),
        line2=text_in(lines, "line2", PSA),
        city=text_in(lines, settings.city_line, PSA),
        region=text_in(lines, name_of_region(settings), PSA),
        postal_code=text_in(lines, "postcode", PSA),
        country=country_in_site(site),
    )
    return None if found == Address() else found
