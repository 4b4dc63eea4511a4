"""Records as the API shows them: whole by themselves, and slim in a list."""

from typing import Any, Final

from embedded.halopsa.fields import ADDRESS
from embedded.halopsa.store import Row, main_site

_CLIENT_ROW: Final = ("id", "name", "inactive", "toplevel_id", "colour", "main_site_id", "ref", "alastupdate")
_SITE_ROW: Final = (
    "id",
    "name",
    "client_id",
    "inactive",
    "phonenumber",
    "country_code",
    "country_code_name",
    "slastupdate",
)


def client_row(client: Row) -> dict[str, Any]:
    """Neither an address nor a phone number, nor anything of accounting."""
    return {name: client.get(name) for name in _CLIENT_ROW} | {"use": "client", "toplevel_name": "Customers"}


def client_whole(client: Row, *, details: bool) -> dict[str, Any]:
    """The main site's phone and address are shown, and cannot be written here."""
    shown, main = {name: value for name, value in client.items() if name != "sites"}, main_site(client)
    if not details or main is None:
        return shown
    roll_up = {"main_phonenumber": main["phonenumber"], "main_delivery_address": main["delivery_address"]}
    return shown | roll_up | {"main_site_name": main["name"], "customfields": [], "external_links": []}


def site_row(site: Row, *, address: bool) -> dict[str, Any]:
    """The address only where it was asked for, and flattened, with the postcode as its fifth line."""
    shown = {name: site.get(name) for name in _SITE_ROW}
    if not address:
        return shown
    lines = {f"delivery_address_line{n}": site["delivery_address"].get(name) for n, name in enumerate(ADDRESS, 1)}
    return shown | lines


def site_whole(site: Row, *, details: bool) -> dict[str, Any]:
    return {name: value for name, value in site.items() if details or name != "delivery_address"}
