"""The reading half of the API: lists, whose pages have to be asked for by a word of their own, and one record."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from embedded.halopsa.answers import Answer, failed, no_record
from embedded.halopsa.shown import client_row, client_whole, site_row, site_whole
from embedded.halopsa.store import Clients, Row

Query = Mapping[str, str]
_AGENTS_PAGE: Final = 50
"""Rows of a list for which no pages are asked, whatever else is."""
_SEARCHED: Final = ("name", "ref")
"""Which fields the vendor looks at is not known."""
_ORDERS: Final = ("id", "name", "client_id", "alastupdate", "slastupdate")


def clients(store: Clients, query: Query, *, seen: bool, most: int) -> Answer:
    """`seen`: the agent may see customers; one that may not gets an empty list and no error. `most`: rows on a page."""
    found = [row for row in store.after(-1) if seen and _wanted(row, query)]
    return _listed("clients", found, query, client_row, most)


def sites(store: Clients, query: Query, *, seen: bool, most: int) -> Answer:
    client, address = query.get("client_id"), _is_true(query, "includeaddress")
    found = [
        site
        for site in store.sites()
        if seen and _wanted(site, query) and (client is None or str(site["client_id"]) == client)
    ]
    return _listed("sites", found, query, lambda site: site_row(site, address=address), most)


def client(store: Clients, number: int, query: Query) -> Answer:
    found = store.get(number)
    if found is None:
        raise no_record()
    return Answer(client_whole(found, details=_is_true(query, "includedetails")))


def site(store: Clients, number: int, query: Query) -> Answer:
    found = store.site(number)
    if found is None:
        raise no_record()
    return Answer(site_whole(found, details=_is_true(query, "includedetails")))


def _listed(name: str, rows: Sequence[Row], query: Query, show: Callable[[Row], Any], most: int) -> Answer:
    ordered = _ordered(rows, query)
    if not _is_true(query, "pageinate"):
        chosen = ordered[: _number(query, "count", _AGENTS_PAGE)]
        return Answer({"record_count": len(rows), name: [show(row) for row in chosen]})
    size, page = min(most, _number(query, "page_size", _AGENTS_PAGE)), _number(query, "page_no", 1)
    chosen = ordered[(page - 1) * size : page * size]
    told = {"page_no": page, "page_size": size, "record_count": len(rows)}
    return Answer({**told, name: [show(row) for row in chosen]})


def _ordered(rows: Sequence[Row], query: Query) -> Sequence[Row]:
    """By name, unless another field is named that there is."""
    by = query.get("order", "").lower()
    if by not in _ORDERS or (rows and by not in rows[0]):
        by = "name"
    return sorted(rows, key=lambda row: row[by], reverse=_is_true(query, "orderdesc"))


def _wanted(row: Row, query: Query) -> bool:
    if row["inactive"] and not _is_true(query, "includeinactive"):
        return False
    if not row["inactive"] and query.get("includeactive", "true").lower() == "false":
        return False
    looked = query.get("search", "").casefold()
    return any(looked in (row.get(name) or "").casefold() for name in _SEARCHED)


def _is_true(query: Query, name: str) -> bool:
    return query.get(name, "").lower() == "true"


def _number(query: Query, name: str, otherwise: int) -> int:
    try:
        return max(1, int(query.get(name, otherwise)))
    except ValueError as error:
        raise failed(f"{name} is no number.") from error
