"""A company as a person at the PSA sees it: a client and its main site as one record."""

from collections.abc import Mapping
from typing import Any, Final

from embedded.halopsa.answers import invalid
from embedded.halopsa.checking import mistakes_of
from embedded.halopsa.fields import ADDRESS, CLIENT, SITE
from embedded.halopsa.store import Clients, Row, main_site
from embedded.halopsa.writing import changed_client, changed_site, write_clients

_OF_SITE: Final = {name: field for name, field in SITE.items() if name in ("phonenumber", "country_code")}


def flat(client: Row) -> Row:
    site = main_site(client) or {"delivery_address": {}}
    lines = {name: site["delivery_address"].get(name) for name in ADDRESS}
    of_site = {name: site.get(name) for name in (*_OF_SITE, "slastupdate")}
    return {name: value for name, value in client.items() if name != "sites"} | of_site | lines


def made(given: Mapping[str, Any], clients: Clients) -> Row:
    """Raises `ApiRefusal`."""
    [row] = write_clients([{name: value for name, value in given.items() if name in CLIENT}], clients)
    return edited(row, given)


def edited(client: Row, given: Mapping[str, Any]) -> Row:
    """Raises `ApiRefusal`."""
    mistakes = dict(mistakes_of("", {**given, "id": client["id"]}, CLIENT | _OF_SITE | ADDRESS))
    if mistakes:
        raise invalid(mistakes)
    row = changed_client(client, given)
    site = main_site(row)
    if site is not None:
        lines = {name: given.get(name, site["delivery_address"].get(name)) for name in ADDRESS}
        of_site = {name: value for name, value in given.items() if name in _OF_SITE}
        changed = changed_site(site, {**of_site, "delivery_address": lines})
        row |= {"sites": [changed if each["id"] == site["id"] else each for each in row["sites"]]}
    return row
