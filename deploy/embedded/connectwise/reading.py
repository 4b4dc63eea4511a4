"""The reading half of the API: lists in pages of both kinds, their number, and one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from embedded.connectwise.answers import Answer, not_found, refused
from embedded.connectwise.conditions import read_conditions
from embedded.connectwise.countries import COUNTRIES
from embedded.connectwise.fields import STATUSES
from embedded.connectwise.shown import shown
from embedded.connectwise.store import Companies

_PAGE: Final = 25
_LARGEST_PAGE: Final = 1000
_BEFORE_ALL: Final = -1


@dataclass(frozen=True)
class Request:
    """`path`: the steps after `apis/3.0`. `url`: the address without its query. `forward_only`: the client asked for
    pages that only go on."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes
    url: str
    forward_only: bool

    def number(self, name: str, otherwise: int, most: int | None = None) -> int:
        try:
            number = int(self.query.get(name, otherwise))
        except ValueError as error:
            raise refused("InvalidQuery", f"{name} is no number") from error
        if number < 0 or (most is not None and not 1 <= number <= most):
            raise refused("InvalidQuery", f"{name} must be between 1 and {most}")
        return number


def companies(store: Companies, request: Request) -> Answer:
    size = request.number("pageSize", _PAGE, _LARGEST_PAGE)
    matches = read_conditions(request.query.get("conditions", ""))
    fields = frozenset(filter(None, request.query.get("fields", "").split(",")))
    if request.forward_only:
        after = request.number("pageId", 0)
        rows = list(islice((row for row in store.after(max(after, 0)) if matches(row)), size + 1))
        more = {"pageId": rows[size - 1]["id"]} if len(rows) > size else None
        links = {} if more is None else {"next": _link(request, more)}
        return Answer([shown(row, fields) for row in rows[:size]], links=links)
    found = [row for row in store.after(_BEFORE_ALL) if matches(row)]
    page = request.number("page", 1, max(1, len(found) + 1))
    chosen = _ordered(found, request.query.get("orderBy", ""))[(page - 1) * size : page * size]
    return Answer([shown(row, fields) for row in chosen], links=_both_ways(request, page, -(-len(found) // size)))


def count(store: Companies, request: Request) -> Answer:
    matches = read_conditions(request.query.get("conditions", ""))
    return Answer({"count": sum(1 for row in store.after(_BEFORE_ALL) if matches(row))})


def one(store: Companies, number: int) -> Answer:
    """A company that was deleted in the PSA is still shown, with its flag."""
    found = store.get(number)
    if found is None:
        raise not_found(f"Company {number}")
    return Answer(shown(found))


def statuses(request: Request) -> Answer:
    return Answer(list(STATUSES.values())[: request.number("pageSize", _PAGE, _LARGEST_PAGE)])


def countries(request: Request) -> Answer:
    """Here the code has another name than in a company's reference to a country."""
    shown = [
        {"id": each["id"], "name": each["name"], "countryCode": each["identifier"], "defaultFlag": each["id"] == 1}
        for each in COUNTRIES.values()
    ]
    return Answer(shown[: request.number("pageSize", _PAGE, _LARGEST_PAGE)])


def _ordered(rows: Sequence[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    name, _, way = by.strip().partition(" ")
    if not name:
        return list(rows)
    return sorted(rows, key=lambda row: (row.get(name) is None, row.get(name)), reverse=way.strip().lower() == "desc")


def _both_ways(request: Request, page: int, pages: int) -> dict[str, str]:
    """No link to what is not there."""
    places = {"next": page + 1, "last": pages} if page < pages else {}
    places |= {"first": 1, "prev": page - 1} if page > 1 else {}
    return {relation: _link(request, {"page": number}) for relation, number in places.items()}


def _link(request: Request, more: Mapping[str, int]) -> str:
    return f"{request.url}?{urlencode({**request.query, **more})}"
