"""Creations and changes: always an array, checked whole before anything of it is done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from embedded.halopsa import times
from embedded.halopsa.answers import failed, invalid
from embedded.halopsa.checking import mistakes_of
from embedded.halopsa.countries import NAMES
from embedded.halopsa.fields import ADDRESS, CLIENT, NEW_CLIENT, SITE, Field, new_client, new_site
from embedded.halopsa.store import Clients, Row

_NO_ARRAY: Final = "The JSON value could not be converted: an array was expected."


def write_clients(given: Any, store: Clients) -> list[Row]:
    """With an `id` only the given fields are changed; without one a client and its main site are made."""
    entries = _entries(given, NEW_CLIENT, store.get)
    for at, entry in enumerate(entries):
        _check_main_site(f"[{at}]", entry, store)
    return [_client(entry, store) for entry in entries]


def write_sites(given: Any, store: Clients) -> list[Row]:
    """An address is replaced whole: whether the vendor's merges it is not known, so clients have to send all of it."""
    entries = _entries(given, SITE, store.site)
    for at, entry in enumerate(entries):
        if "id" not in entry and store.get(entry.get("client_id") or 0) is None:
            raise invalid({f"[{at}].client_id": "The client does not exist."})
    return [_site(entry, store) for entry in entries]


def changed_client(old: Row, given: Mapping[str, Any]) -> Row:
    return _stamped(old, old | _known(given, CLIENT), "alastupdate")


def changed_site(old: Row, given: Mapping[str, Any]) -> Row:
    """Its client's stamp stays as it is. The name of the country follows its code."""
    row = old | {name: value for name, value in _known(given, SITE).items() if name != "client_id"}
    if isinstance(given.get("delivery_address"), Mapping):
        kept = {name: old["delivery_address"][name] for name in ("id", "site_id")}
        row["delivery_address"] = kept | {name: given["delivery_address"].get(name, "") for name in ADDRESS}
    row["country_code_name"] = NAMES.get(row["country_code"] or "", "")
    return _stamped(old, row, "slastupdate")


def _stamped(old: Row, row: Row, stamp: str) -> Row:
    return old if row == old else row | {stamp: times.now()}


def _known(given: Mapping[str, Any], fields: Mapping[str, Field]) -> Row:
    """Unknown names are passed over, as the API's own binding does."""
    return {name: value for name, value in given.items() if name in fields and fields[name].kind is not dict}


def _client(entry: Mapping[str, Any], store: Clients) -> Row:
    old = store.get(entry["id"]) if "id" in entry else None
    row = changed_client(old, entry) if old is not None else _made(entry, store)
    store.save(row)
    return row


def _made(entry: Mapping[str, Any], store: Clients) -> Row:
    number, site_number, now = store.next_id(), store.next_site_id(), times.now()
    site = {
        "name": entry.get("newclient_sitename") or "Main",
        "phonenumber": entry.get("newclient_phonenumber", ""),
        "country_code": entry.get("newclient_countrycode", ""),
        "delivery_address": entry.get("newclient_delivery_address"),
    }
    main = changed_site(new_site(site_number, number, now), site)
    row = changed_client(new_client(number, now), entry)
    return row | {"main_site_id": site_number, "sites": [main]}


def _site(entry: Mapping[str, Any], store: Clients) -> Row:
    old = store.site(entry["id"]) if "id" in entry else None
    row = changed_site(old or new_site(store.next_site_id(), entry["client_id"], times.now()), entry)
    store.save_site(row)
    return row


def _check_main_site(at: str, entry: Mapping[str, Any], store: Clients) -> None:
    wanted = entry.get("main_site_id")
    site = None if wanted is None else store.site(wanted)
    if wanted is not None and (site is None or site["client_id"] != entry.get("id")):
        raise invalid({f"{at}.main_site_id": "The site does not exist."})


def _entries(
    given: Any, fields: Mapping[str, Field], known: Callable[[int], Row | None]
) -> Sequence[Mapping[str, Any]]:
    """Raises `ApiRefusal` with all that is wrong."""
    if not isinstance(given, list):
        raise invalid({"": _NO_ARRAY})
    mistakes = dict(found for at, entry in enumerate(given) for found in mistakes_of(f"[{at}]", entry, fields))
    if mistakes:
        raise invalid(mistakes)
    for entry in given:
        if "id" in entry and known(entry["id"]) is None:
            raise failed(f"There is no record of id {entry['id']}.")
    return given
