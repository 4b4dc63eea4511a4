"""The fields of clients, of sites and of their addresses that can be written, with what each may hold."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Field:
    """`length`: the most letters. The vendor names none, so these are the simulator's own."""

    name: str
    kind: type = str
    length: int = 255
    required: bool = False


def _by_name(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


ADDRESS: Final = _by_name(
    Field("line1"),
    Field("line2"),
    Field("line3"),
    Field("line4"),
    Field("postcode", length=50),
)
CLIENT: Final = _by_name(
    Field("name", required=True),
    Field("inactive", bool),
    Field("ref", length=100),
    Field("accountsid", length=100),
    Field("accountsemailaddress"),
    Field("website"),
    Field("colour", length=10),
    Field("toplevel_id", int),
    Field("main_site_id", int),
)
SITE: Final = _by_name(
    Field("name", required=True),
    Field("client_id", int),
    Field("inactive", bool),
    Field("phonenumber", length=50),
    Field("country_code", length=10),
    Field("delivery_address", dict),
)
NEW_CLIENT: Final = CLIENT | _by_name(
    Field("newclient_sitename"),
    Field("newclient_phonenumber", length=50),
    Field("newclient_countrycode", length=10),
    Field("newclient_delivery_address", dict),
)
"""Also what a new client's main site is made of."""


def new_client(number: int, stamp: str) -> dict[str, Any]:
    texts = {field.name: "" for field in CLIENT.values() if field.kind is str}
    return texts | {"id": number, "inactive": False, "toplevel_id": 1, "alastupdate": stamp, "sites": []}


def new_site(number: int, client: int, stamp: str) -> dict[str, Any]:
    texts = {field.name: "" for field in SITE.values() if field.kind is str}
    return texts | {
        "id": number,
        "client_id": client,
        "name": "Main",
        "inactive": False,
        "country_code_name": "",
        "slastupdate": stamp,
        "delivery_address": {"id": number, "site_id": number, **dict.fromkeys(ADDRESS, "")},
    }
