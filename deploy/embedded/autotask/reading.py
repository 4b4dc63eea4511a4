"""The reading half of the API: queries in pages, one record, and what an entity tells of itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from embedded.autotask.answers import Answer, not_supported, refused
from embedded.autotask.fields import Field
from embedded.autotask.query import Query, read_query
from embedded.autotask.store import Row, Rows

_BEFORE_ALL: Final = -1


@dataclass(frozen=True)
class Request:
    """`path`: the steps after `V1.0/`, in lower case. `base`: the zone's address, up to and with `ATServicesRest`."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes
    base: str

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise refused("The request's body is not JSON.") from error


@dataclass(frozen=True)
class Entity:
    name: str
    rows: Rows
    fields: Mapping[str, Field]
    writable: bool


def first_page(entity: Entity, request: Request) -> Answer:
    return _page(entity, request, _searched(request), _BEFORE_ALL)


def next_page(entity: Entity, request: Request) -> Answer:
    """By the verb of the first page, and for POST with its body: anything else is refused. That another body is refused
    is stricter than what is known of the API."""
    try:
        paging, search = json.loads(request.query["paging"]), json.loads(request.query["search"])
        after, verb = int(paging["after"]), str(paging["verb"])
    except (KeyError, ValueError, TypeError) as error:
        raise refused("The paging URL cannot be read.") from error
    if request.method != verb:
        raise not_supported(request.method)
    if request.method == "POST" and request.json() != search:
        raise refused("The paging URL belongs to another query.")
    return _page(entity, request, search, after)


def count(entity: Entity, request: Request) -> Answer:
    query = read_query(_searched(request), entity.fields)
    return Answer({"queryCount": sum(1 for row in entity.rows.after(_BEFORE_ALL) if query.matches(row))})


def one(entity: Entity, number: str) -> Answer:
    """What is not there is no error: 200 with a null."""
    found = entity.rows.get(int(number)) if number.isdecimal() else None
    return Answer({"item": None if found is None else found | {"userDefinedFields": []}})


def information(entity: Entity) -> Answer:
    """No company can be deleted over the API."""
    told = {"name": entity.name, "canQuery": True, "canCreate": entity.writable, "canUpdate": entity.writable}
    return Answer({"info": told | {"canDelete": False, "hasUserDefinedFields": entity.writable}})


def fields(entity: Entity) -> Answer:
    return Answer({"fields": [field.described() for field in entity.fields.values()]})


def _searched(request: Request) -> Any:
    if request.method == "POST":
        return request.json()
    try:
        return json.loads(request.query["search"])
    except (KeyError, ValueError) as error:
        raise refused("Invalid query syntax. The search cannot be read.") from error


def _page(entity: Entity, request: Request, search: Any, after: int) -> Answer:
    query = read_query(search, entity.fields)
    matching = (row for row in entity.rows.after(after) if query.matches(row))
    rows = list(islice(matching, query.page_size + 1))
    shown, more = rows[: query.page_size], len(rows) > query.page_size
    if more and not query.has_id:
        raise refused("The id must be among the included fields where there is more than one page.")
    details = {
        "count": len(shown),
        "requestCount": query.page_size,
        "prevPageUrl": None,
        "nextPageUrl": _link(entity, request, query, search, shown[-1]) if more else None,
    }
    return Answer({"items": [query.shown(row) for row in shown], "pageDetails": details})


def _link(entity: Entity, request: Request, query: Query, search: Any, last: Row) -> str:
    paging = {"pageSize": query.page_size, "verb": request.method, "after": last["id"]}
    given = f"paging={quote(json.dumps(paging))}&search={quote(json.dumps(search))}"
    return f"{request.base}/V1.0/{entity.name}/query/next?{given}"
